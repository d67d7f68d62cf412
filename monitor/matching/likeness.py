"""How much a text sounds like prose or headlines that people wrote: words in common, rare ones counting more."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.matching.text import is_dense, read

#: Shorter words of an alphabet are mostly articles and prepositions.
MIN_WORD = 3
#: What a word weighs that stands in every text of the story, beside ``log(n)`` for one that stands in none.
COMMON = 0.3
#: A topic's own name is in nearly everything that is compared.
OWN = 0.3


@dataclass(frozen=True)
class Lexicon:
    """How much each word tells within one story: what every storyline says tells little."""

    #: In how many of the story's texts a word stands.
    counts: Mapping[str, int]
    texts: int
    #: Words of the topics' names.
    own: frozenset[str]

    @functools.cached_property
    def known(self) -> frozenset[str]:
        """The words that it has a weight of their own for."""
        return self.own.union(self.counts)

    @functools.cached_property
    def squares(self) -> Mapping[str, float]:
        """The squared weights of those words."""
        return {word: self._weight(word) ** 2 for word in self.known}

    @functools.cached_property
    def unknown(self) -> float:
        """The squared weight of any other word."""
        return self._weight("") ** 2

    def _weight(self, word: str) -> float:
        """Inverse document frequency; a word never seen in the story weighs most."""
        rarity = math.log((1 + self.texts) / (1 + self.counts.get(word, 0))) + COMMON
        return rarity * (OWN if word in self.own else 1.0)

    def weigh(self, words: Collection[str]) -> float:
        """The sum of their squared weights, exact: it must not depend on the order of a set."""
        return math.fsum(self.squares.get(word, self.unknown) for word in words)


@dataclass(frozen=True, slots=True)
class Sample:
    """A text ready to be compared."""

    words: frozenset[str]
    lexicon: Lexicon
    #: The squared weight of its words that the story's prose and names hold: more it cannot share with them.
    known: float
    norm: float

    def may_be_like(self, norm: float, floor: float) -> bool:
        """False where likeness to a piece of the story's own prose of this norm cannot exceed the floor: mostly so."""
        return self.known > floor * self.norm * norm


def learn(texts: Sequence[str], names: Iterable[str]) -> Lexicon:
    """Count the words of a story: its prose and examples, and its topics' names."""
    counts = Counter(word for text in texts for word in _features(read(text).words))
    own = frozenset(word for name in names for word in _features(read(name).words))
    return Lexicon(counts=counts, texts=len(texts), own=own)


def sample(words: Sequence[str], lexicon: Lexicon) -> Sample:
    features = _features(words)
    known = features & lexicon.known
    weight = lexicon.weigh(known)
    norm = math.sqrt(weight + lexicon.unknown * (len(features) - len(known)))
    return Sample(words=features, lexicon=lexicon, known=weight, norm=norm)


def likeness(one: Sample, other: Sample) -> tuple[float, tuple[str, ...]]:
    """Weighted cosine, 0 to 1, and the shared words that make it, best first."""
    shared = one.words & other.words
    if not shared:
        return 0.0, ()
    squares, unknown = one.lexicon.squares, one.lexicon.unknown
    best_first = sorted(shared, key=lambda word: (-squares.get(word, unknown), word))
    return one.lexicon.weigh(shared) / (one.norm * other.norm), tuple(best_first)


def _features(words: Sequence[str]) -> frozenset[str]:
    """What is compared: words, and pairs of neighbouring Han or kana characters."""
    distinct = frozenset(words)
    short = {word for word in distinct if len(word) < MIN_WORD}
    alone = distinct - short  # BREAK is short as well
    if not any(map(is_dense, short)):
        return alone
    pairs = {a + b for a, b in itertools.pairwise(words) if len(a) == len(b) == 1 and is_dense(a) and is_dense(b)}
    return alone | pairs
