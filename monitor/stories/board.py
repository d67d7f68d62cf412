"""The board: the events of a story that may still grow, drawn together so that an entry is placed without reading them
again.

What it holds is sums over reports; adding one costs the same however many there are. It is filled from the database
and is never the truth: who finds it at odds with the database draws it anew.
"""

from __future__ import annotations

import math
from bisect import bisect, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from monitor.domain import Entry, Match, Novelty, Report
from monitor.stories.keys import READ_CHARACTERS
from monitor.stories.origins import origin
from monitor.stories.similarity import Features, Rarity, features, norm, rarity_of

if TYPE_CHECKING:  # it needs numpy, which comes with the sentence encoder and not with us
    from monitor.stories.space import Space

#: Of the reports that share a link, so many are looked at: a feed may link every entry to its home page.
SAME_LINK = 20
#: Texts of the story taken for granted before any is known, and how many of them have any given mark.
PRIOR_REPORTS, PRIOR_WITH_MARK = 10, 5.5

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A report, as much of it as placing and novelty read again."""

    entry_id: int
    event: str
    #: Its summary cut to what is read.
    entry: Entry
    at: datetime
    labels: Labels
    marks: frozenset[str]
    origin: str
    #: It is a copy of an earlier report.
    copy: bool
    #: Of ``meaning.Meaning.vector``; empty where there is no sentence encoder.
    vector: bytes

    @property
    def features(self) -> Features:
        return features(self.entry.title, self.entry.summary)


def keep(report: Report, vector: bytes = b"") -> Kept:
    """What the board keeps of a report."""
    entry = replace(report.entry, summary=report.entry.summary[:READ_CHARACTERS], authors=(), tags=(), enclosures=())
    return Kept(
        entry_id=report.entry_id,
        event=report.event,
        entry=entry,
        at=report.at,
        labels=labels_of(report.match),
        marks=marks_of(report.match),
        origin=origin(entry),
        copy=report.novelty is Novelty.DUPLICATE,
        vector=vector,
    )


def labels_of(match: Match) -> Labels:
    """What matching decided: the same in every language."""
    topics = [("topic", topic) for topic in match.held_topics]
    return frozenset(topics + [("storyline", line) for line in match.held_storylines])


def marks_of(match: Match) -> frozenset[str]:
    """The story's lists of words of which one stands in the text: the same in every language that the lists know.

    What the title has counts a second time.
    """
    return frozenset((*match.words, *(f"title:{name}" for name in match.title_words)))


@dataclass(slots=True)
class Card:
    """One event on the board."""

    id: str
    #: In the order in which they joined; never empty once the card is on a board.
    reports: list[Kept] = field(default_factory=list)
    #: Sum of the texts, each of length 1.
    terms: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    #: Sets of labels by their number on the board, and how many reports have each.
    labels: Counter[int] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    #: Of all the titles.
    versions: set[tuple[str, str]] = field(default_factory=set)
    #: Of the reports, in order: seconds since 1970.
    times: list[float] = field(default_factory=list)

    def add(self, kept: Kept, labels: int) -> None:
        """labels: the number of the report's labels on the board."""
        text = kept.features
        length = norm(text.terms)
        for term, weight in text.terms.items():
            self.terms[term] += weight / length
        self.reports.append(kept)
        self.labels[labels] += 1
        self.kinds.update(text.key.title_kinds)
        self.versions |= text.key.title_versions
        insort(self.times, kept.at.timestamp())

    @property
    def title_kinds(self) -> frozenset[str]:
        """Kinds of happening that a third of the titles name."""
        return frozenset(kind for kind, count in self.kinds.items() if count * 3 >= len(self.reports))

    def distance(self, at: float) -> float:
        """Seconds from this moment to the nearest report."""
        times = self.times
        if times[-1] <= at:  # as of most events, for news
            return at - times[-1]
        place = bisect(times, at)
        after = times[place] - at if place < len(times) else math.inf
        return min(after, at - times[place - 1]) if place else after


class Board:
    """The events that entries may join, by id."""

    def __init__(
        self,
        space: Space | None = None,
        steered: Collection[int] = (),
        apart: Mapping[int, Collection[int]] | None = None,
        *,
        since: datetime,
    ) -> None:
        """
        space    where the events lie in meaning; None: there is no sentence encoder
        steered  entries that somebody has moved by hand
        apart    entries of which somebody said that they tell of another event, with those that tell of that one
        since    events that had a report since then are all here
        """
        self.since = since
        self.space = space
        self.cards: dict[str, Card] = {}
        self.steered: list[Kept] = []
        self._steered = frozenset(steered)
        self.parted: list[Kept] = []
        self._apart = apart or {}
        self._ids: set[int] = set()
        self._terms: dict[str, set[str]] = defaultdict(set)
        #: Kept until the board changes: an entry asks for it, and so do the reports that it makes us look at again.
        self._rarity: Rarity | None = None
        self._marks: Counter[str] = Counter()
        #: The number of each set of labels: there are few, and to compare sets for each event is dear.
        self._numbers: dict[Labels, int] = {}
        #: By number, how many events a set of labels makes up; a half of one with two reports is 0.5.
        self._shares: dict[int, float] = defaultdict(float)
        self._titles: dict[str, list[Kept]] = defaultdict(list)
        self._links: dict[str, list[Kept]] = defaultdict(list)

    def __contains__(self, entry_id: int) -> bool:
        return entry_id in self._ids

    def add(self, kept: Kept) -> None:
        """Let a report join its event, or open it."""
        card = self.cards.setdefault(kept.event, Card(kept.event))
        self._share(card, -1)
        self._rarity = None
        card.add(kept, self._numbers.setdefault(kept.labels, len(self._numbers)))
        self._share(card, +1)
        self._ids.add(kept.entry_id)
        for term in kept.features.terms:
            self._terms[term].add(card.id)
        if self.space is None:  # with meaning, marks do not count
            card.marks.update(kept.marks)
            self._marks.update(kept.marks)
        if kept.entry_id in self._steered:
            self.steered.append(kept)
        if kept.entry_id in self._apart:
            self.parted.append(kept)
        self._titles[kept.features.plain_title].append(kept)
        if kept.entry.url:
            self._links[kept.entry.url].append(kept)
        if self.space is not None:
            self.space.add(card.id, kept.vector)

    def merge(self, event: str, into: str) -> None:
        """Let an event be part of another."""
        gone, card = self.cards.pop(event), self.cards[into]
        self._share(gone, -1)
        self._rarity = None
        self._share(card, -1)
        for term in gone.terms:
            self._terms[term].discard(event)
            self._terms[term].add(into)
        moved = {kept.entry_id: replace(kept, event=into) for kept in gone.reports}
        for kept in moved.values():
            card.add(kept, self._numbers[kept.labels])
        card.reports.sort(key=lambda kept: kept.entry_id)
        card.marks.update(gone.marks)
        self._share(card, +1)
        for kept in gone.reports:
            title, link = kept.features.plain_title, kept.entry.url or ""
            for index, key in ((self._titles, title), (self._links, link)):
                index[key] = [moved.get(one.entry_id, one) for one in index[key]]
        if self.space is not None:
            self.space.merge(event, into)

    def is_steered(self, card: Card) -> bool:
        """True if somebody put a report of it there by hand."""
        return any(kept.entry_id in self._steered for kept in card.reports)

    def away_from(self, entry_id: int) -> set[str]:
        """The events with a report of which somebody said that it tells of another event than this entry does.

        Not the entry's own: a parting that was undone since stays in the past.
        """
        others = set(self._apart.get(entry_id, ()))
        held = {id_: {kept.entry_id for kept in card.reports} for id_, card in self.cards.items()} if others else {}
        return {id_ for id_, entries in held.items() if entries & others and entry_id not in entries}

    def _share(self, card: Card, sign: int) -> None:
        for labels, count in card.labels.items():
            self._shares[labels] += sign * count / len(card.reports)

    def twins(self, entry: Entry) -> Iterator[Kept]:
        """Reports under the entry's title or its link."""
        yield from self._titles.get(features(entry.title, entry.summary).plain_title, ())
        yield from self._links.get(entry.url or "", ())[-SAME_LINK:]

    def overlaps(self, labels: Labels) -> Sequence[float]:
        """For each set of labels, by number, the share of it that is common with these (Jaccard)."""
        return [len(labels & other) / len(labels | other) if labels or other else 0.0 for other in self._numbers]

    def overlap_with(self, kept: Kept, overlaps: Sequence[float]) -> float:
        """Of ``overlaps``, the one with a report on the board."""
        return overlaps[self._numbers[kept.labels]]

    def mean_overlap(self, overlaps: Sequence[float]) -> float:
        """Of ``overlaps``, over all events: how much of its labels an entry shares with any event."""
        return sum(share * overlaps[labels] for labels, share in self._shares.items()) / max(1, len(self.cards))

    def rarity(self) -> Rarity:
        """How telling a term is, by the number of events that have it."""
        if self._rarity is None:
            self._rarity = cache(rarity_of(lambda term: len(self._terms.get(term, ())), len(self.cards)))
        return self._rarity

    def telling(self) -> Callable[[str], float]:
        """How telling a mark is, by the number of reports that have it: smoothed idf, 0 and more."""
        known = len(self._ids) + PRIOR_REPORTS
        return cache(lambda mark: max(0.0, math.log(known / (self._marks[mark] + PRIOR_WITH_MARK))))

    def sharing(self, terms: Mapping[str, float]) -> Mapping[str, float]:
        """Events that have some of these weighed terms, each with the share of them that it has, 0 to 1."""
        total = norm(terms) or 1.0
        common: dict[str, float] = defaultdict(float)
        for term, weight in terms.items():
            for event in self._terms.get(term, ()):
                common[event] += weight * weight
        return {event: math.sqrt(weight) / total for event, weight in common.items()}


@dataclass(slots=True)
class Memory:
    """A board, and how far it agrees with the database. For whoever holds the story, and nobody else at that time."""

    board: Board
    drawn_at: datetime
    #: Number of the last report that was seen in the database.
    seen: int
    #: Entry and event of what was put on the board since, in order: believed, and checked at the next look.
    unseen: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Recall:
    """What a process remembers of one story; nothing at first."""

    memory: Memory | None = None
