"""How much a text sounds like prose or headlines that people wrote: words in common, rare ones counting more."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.matching.text import BREAK, is_dense, read

#: Shorter words of an alphabet are mostly articles and prepositions.
MIN_WORD = 3
#: What a word weighs that stands in every text of the story, beside ``log(n)`` for one that stands in none.
COMMON = 0.3
#: A topic's own name is in nearly everything that is compared.
OWN = 0.3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How much each word tells within one story: what every storyline says tells little."""

    #: In how many of the story's texts a word stands.
    counts: Mapping[str, int]
    texts: int
    #: Words of the topics' names.
    own: frozenset[str]

    def weight(self, word: str) -> float:
        """Inverse document frequency; a word never seen in the story weighs most."""
        rarity = math.log((1 + self.texts) / (1 + self.counts.get(word, 0))) + COMMON
        return rarity * (OWN if word in self.own else 1.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """A text ready to be compared."""

    #: Squared weights.
    words: Mapping[str, float]
    norm: float


def learn(texts: Sequence[str], names: Iterable[str]) -> Lexicon:
    """Count the words of a story: its prose and examples, and its topics' names."""
    counts = Counter(word for text in texts for word in _features(read(text).words))
    own = frozenset(word for name in names for word in _features(read(name).words))
    return Lexicon(counts=counts, texts=len(texts), own=own)


def sample(words: Sequence[str], lexicon: Lexicon) -> Sample:
    weights = {word: lexicon.weight(word) ** 2 for word in _features(words)}
    return Sample(words=weights, norm=math.sqrt(sum(weights.values())))


def likeness(one: Sample, other: Sample) -> tuple[float, tuple[str, ...]]:
    """Weighted cosine, 0 to 1, and the shared words that make it, best first."""
    shared = one.words.keys() & other.words.keys()
    if not shared:
        return 0.0, ()
    total = sum(one.words[word] for word in shared)
    return total / (one.norm * other.norm), tuple(sorted(shared, key=lambda word: (-one.words[word], word)))


def _features(words: Sequence[str]) -> frozenset[str]:
    """What is compared: words, and pairs of neighbouring Han or kana characters."""
    alone = {word for word in words if len(word) >= MIN_WORD and word != BREAK}
    pairs = {a + b for a, b in itertools.pairwise(words) if len(a) == len(b) == 1 and is_dense(a) and is_dense(b)}
    return frozenset(alone | pairs)
