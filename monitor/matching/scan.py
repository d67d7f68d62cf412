"""One pass over a text that finds every term of a story: the cost grows with the text, hardly with the terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ahocorasick_rs import AhoCorasick

from monitor.matching.terms import Term
from monitor.matching.text import Text

#: Needles that stand in a text, each with where it begins in ``Text.joined``, in order.
Scan = Mapping[str, Sequence[int]]


class Scanner:
    """The automaton (Aho and Corasick 1975) over the needles of many terms."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._needles = tuple(dict.fromkeys(term.needle for term in terms))
        self._automaton = AhoCorasick(self._needles)

    def scan(self, text: Text) -> Scan:
        seen: dict[str, list[int]] = defaultdict(list)
        for needle, start, _ in self._automaton.find_matches_as_indexes(text.joined, overlapping=True):
            seen[self._needles[needle]].append(start)
        return seen
