"""How alike two texts are: tf-idf over words and keys, and near-copies by shingles.

Words of a Latin script are whole and lightly stemmed; Chinese, Japanese and Korean text has no spaces and is read in
pairs of characters (Nie et al. 1999 found pairs as good as words for Chinese retrieval). Parts of the key (kinds,
numbers, months, versions) are words of their own, so that texts of different languages can meet.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.stories.keys import CACHED_TEXTS, READ_CHARACTERS, Key, key_of
from monitor.stories.vocabulary import STOP_WORDS, fold

_WORD = re.compile(r"[^\W\d_\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
_CJK_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
_LETTERS = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?<=\w{4})(?:ing|ed|es|s)$")

#: A word of the title counts as this many of the summary: titles name the happening, summaries its background.
TITLE_WEIGHT = 2
#: How much a part of the key counts against a word that the summary has once. On labelled items of an AI beat B-cubed
#: F1 was 0.78 without key parts and 0.80 with them; around these values it is level.
KIND_WEIGHT = 1.5
NUMBER_WEIGHT = 2.0
MONTH_WEIGHT = 1.0
VERSION_WEIGHT = 1.0
#: Texts added to those counted, so that a term is telling at all while few events are known.
PRIOR_TEXTS = 5
#: Shingles of this many characters: short enough for a headline, long enough that two texts of one topic share few.
SHINGLE = 5
#: Of a text's shingles so many are kept, the lowest by their hash: enough to tell 0.7 from 0.4 (Broder 1997).
SKETCH = 96
#: Least share of common shingles (Jaccard) between copies. Reworded reports of one event stay below 0.4.
COPY = 0.7
#: A title of fewer letters may be a mere label ("AI news"), and two texts under it be different ones.
LABEL_LETTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What comparing needs of one text, worked out once."""

    key: Key
    #: Term and how much it counts, before the rarity of the term is known.
    terms: Mapping[str, float]
    #: Of title and summary: hashes of at most SKETCH shingles.
    sketch: frozenset[int]
    #: Letters of both, as far as they are read.
    length: int
    #: Both, folded, as far as they are read.
    folded: str
    #: The folded title without punctuation.
    plain_title: str


@lru_cache(maxsize=CACHED_TEXTS)
def features(title: str, summary: str) -> Features:
    """Read a text. Pure; the cache only saves the reading of a text already read."""
    key = key_of(title, summary)
    counts: Counter[str] = Counter()
    for word in _words(title):
        counts[word] += TITLE_WEIGHT
    counts.update(_words(summary[:READ_CHARACTERS]))
    terms = {term: 1.0 + math.log(count) for term, count in counts.items()}
    terms |= {f"kind:{kind}": KIND_WEIGHT for kind in key.kinds}
    terms |= {f"number:{number}": NUMBER_WEIGHT for number in key.numbers}
    terms |= {f"month:{month}": MONTH_WEIGHT for month in key.months}
    terms |= {f"version:{name} {number}": VERSION_WEIGHT for name, number in key.versions}
    read = f"{title}\n{summary}"[:READ_CHARACTERS]
    plain = _plain(read)
    return Features(
        key=key, terms=terms, sketch=_sketch(plain), length=len(plain), folded=fold(read), plain_title=_plain(title)
    )


def _words(text: str) -> Iterator[str]:
    folded = fold(text)
    for match in _WORD.finditer(folded):
        if match[0] not in STOP_WORDS:
            yield _ENDING.sub("", match[0])
    for match in _CJK_RUN.finditer(folded):
        run = match[0]
        yield from (run[i : i + 2] for i in range(len(run) - 1))


def _plain(text: str) -> str:
    return "".join(_LETTERS.findall(fold(text)))


def _sketch(plain: str) -> frozenset[int]:
    """The lowest hashes of the shingles of a text of letters alone; a text shorter than a shingle is one."""
    pieces = {plain[i : i + SHINGLE] for i in range(max(min(1, len(plain)), len(plain) - SHINGLE + 1))}
    return frozenset(sorted(zlib.crc32(piece.encode()) for piece in pieces)[:SKETCH])


def copies(one: Features, other: Features) -> bool:
    """True if the two are one text, give or take a few words.

    Texts that differ in a number or a version are no copies: "Day 2" and "Day 21" of a series, Qwen 3.5 and Qwen 3.6.
    """
    if one.key.versions != other.key.versions or one.key.numbers.keys() != other.key.numbers.keys():
        return False
    if not one.sketch or not other.sketch or min(one.length, other.length) < COPY * max(one.length, other.length):
        return False
    # The lowest hashes of both texts together are a fair sample of all that either has.
    lowest = sorted(one.sketch | other.sketch)[:SKETCH]
    return len(one.sketch & other.sketch & set(lowest)) >= COPY * len(lowest)


def same_title(one: Features, other: Features) -> bool:
    """True if both stand under one title, and it is no mere label."""
    return one.plain_title == other.plain_title and len(one.plain_title) >= LABEL_LETTERS


Rarity = Callable[[str], float]


def rarity_of(count: Callable[[str], int], events: int) -> Rarity:
    """How telling a term is, by the number of events that have it: smoothed idf, > 0.

    Counted over events and not over reports: a term that all reports of one big event share tells just that event. The
    story's own words are in most events, and so weigh little.
    """
    total = events + PRIOR_TEXTS
    return lambda term: math.log(total / (max(count(term), 1) + 0.5))


def weigh(terms: Mapping[str, float], rarity: Rarity) -> dict[str, float]:
    return {term: weight * rarity(term) for term, weight in terms.items()}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """0 (nothing in common) to 1."""
    shared = sum(one[term] * other[term] for term in one.keys() & other.keys())
    return shared / (norm(one) * norm(other)) if shared else 0.0


def norm(terms: Mapping[str, float]) -> float:
    return math.hypot(*terms.values())
