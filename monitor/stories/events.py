"""Which event does an entry report? One happening, told once, however many outlets repeat it.

The key comes first: another version of the same thing is another event, whatever the words, and another kind of
happening counts against. Then likeness, of four sorts: what matching decided of both (topics and storylines), the marks
it found in them (the story's lists of words, the same in every language), what they mean, and their words. It fades
with time: an event is over when nobody reports it, while a storyline goes on for months. An entry must also be like the
event's first report, or a week of the beat would chain into one event. A false merge hides news, a missed one shows it
twice: when in doubt, two events.

The method is single-pass clustering against centroids with time decay (Miranda et al. 2018 have the same parts).
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.domain import Entry, Match, Report
from monitor.stories.board import Board, Card, Recall, labels_of, marks_of
from monitor.stories.drift import Vocabulary
from monitor.stories.novelty import follows, judge_novelty, reposts
from monitor.stories.similarity import Features, Rarity, cosine, features, weigh

if TYPE_CHECKING:  # it needs numpy, which comes with the sentence encoder and not with us
    from monitor.stories.meaning import Meaning

#: An event that nobody reported for this long takes no new report.
WINDOW = timedelta(days=14)
#: Standard deviation of the time between an entry and the nearest report of its event. On labelled items of an AI beat
#: B-cubed F1 was 0.82 with 4 days, 0.85 with 5, 6 and 7, 0.82 with 8.
DECAY = timedelta(days=5)
_DECAY_S = DECAY.total_seconds()
#: What is left of the likeness when the titles name different kinds of happening. Headlines of one event do differ
#: ("launch" and "shares jump"), so this is a doubt and no veto.
OTHER_KIND = 0.85
#: What is late is not out: a launch three days after a delay is the next event, however alike the reports are.
CONTRARY_KINDS = frozenset({"delay", "release"})
CONTRARY = 0.5
#: Least likeness to the event's first report, as a share of what joins. From 0.65 to 0.75 F1 is level and precision
#: grows; at 0.6 a first week chained.
FOUNDER = 0.75
#: Chance is counted from the events of the board and from as many imagined ones, see ``_chance``.
IMAGINED_EVENTS = 8
#: Events whose labels are compared: the best by meaning (or words) and time. Of these the best are compared in full.
SIFTED, CANDIDATES = 128, 32
#: Terms named in the reason.
SHOWN_TERMS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each sort of likeness counts, in shares of their sum, and the likeness that joins."""

    words: float
    meaning: float
    labels: float
    marks: float
    join: float


#: On labelled items of an AI beat B-cubed F1 is 0.84 at a precision of 0.94. Marks at 0.45 made 0.86 of it there, and
#: joined a launch to the plan for it in the demo's week, which was written before: they count where meaning is missing.
#: Words count least: in the first week of a fresh monitor all of them are rare.
WITH_MEANING = Weights(words=0.13, meaning=0.71, labels=0.42, marks=0.0, join=0.27)
#: F1 0.84 at a precision of 0.94; 0.79 without marks.
WITHOUT_MEANING = Weights(words=0.70, meaning=0.0, labels=0.45, marks=0.30, join=0.28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What is known of a story before its first event, and remembered of its events."""

    #: How many storylines it has, 1 and more.
    lines: int
    #: None: there is no sentence encoder, and words have to do.
    meaning: Meaning | None = None
    #: What it knows by name already, for what may be new names.
    known: Vocabulary = Vocabulary()
    recall: Recall = field(default_factory=Recall, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Likeness:
    """Each 0 to 1."""

    words: float
    meaning: float
    labels: float
    #: None: the text has none, which says nothing.
    marks: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """The entry that is placed, ready to be compared."""

    features: Features
    #: Terms and marks, weighed by how telling they are.
    terms: Mapping[str, float]
    marks: Mapping[str, float]
    #: How much of its labels each set of labels of the board has in common with it, see ``Board.overlaps``.
    overlaps: Sequence[float]
    vector: bytes
    #: Seconds since 1970.
    at: float
    #: How telling the terms and marks of the board are.
    rarity: Rarity
    telling: Rarity


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """An event that is worth a full comparison, and what was cheap to compare, each 0 to 1."""

    card: Card
    nearness: float
    meaning: float
    labels: float


def place(
    entry_id: int,
    entry: Entry,
    match: Match,
    board: Board,
    *,
    beat: Beat,
    first_seen: datetime,
    primed: bool = False,
) -> Report:
    """Return the entry as a report of the event it belongs to: one on the board, or a new one.

    entry_id  key of the stored entry, 0 before it is stored
    board     the story's events of the last ``WINDOW`` at least; it stays as it is
    primed    the entry was there before we began to watch: it can open an event, and is told to nobody

    The id of a new event is made from the story and the entry's own identity: the same entry makes the same id again.
    """
    at = entry.reported_at(first_seen)
    joined, because = _best(entry, match, at, board, beat)
    novelty, what = judge_novelty(entry, joined.reports if joined else ())
    return Report(
        entry_id=entry_id,
        entry=entry,
        match=match,
        first_seen=first_seen,
        event=joined.id if joined else new_event_id(match.story, entry),
        novelty=novelty,
        reason=f"{what}; {because}" if because else what,
        primed=primed,
    )


def new_event_id(story: str, entry: Entry, *, apart_from: str = "") -> str:
    """``e`` and 12 hex digits; the same for the same story and entry, whenever and wherever it is asked.

    apart_from  the event that the entry was split off: its id may be made from the same entry
    """
    name = f"{story}\x00{entry.feed_url}\x00{entry.identity}" + (f"\x00{apart_from}" if apart_from else "")
    return "e" + hashlib.sha256(name.encode()).hexdigest()[:12]


def _best(entry: Entry, match: Match, at: datetime, board: Board, beat: Beat) -> tuple[Card | None, str]:
    """The event that the entry joins, if any, and why in words."""
    for kept in board.steered:
        if abs(at - kept.at) <= WINDOW and follows(entry, kept.entry):
            return board.cards[kept.event], f"follows “{kept.entry.title}”, which was put here by hand"
    for kept in board.twins(entry):
        if at.timestamp() - board.cards[kept.event].times[-1] <= WINDOW.total_seconds() and reposts(entry, kept.entry):
            return board.cards[kept.event], ""
    weights = WITH_MEANING if beat.meaning else WITHOUT_MEANING
    text = _text(entry, match, at, board, beat)
    chance = _chance(board, text, beat)
    best, highest, because = None, weights.join, ""
    for candidate in _candidates(text, board, weights):
        card = candidate.card
        marks = _marks(text, card.marks)
        doubt = candidate.nearness * _kinship(text.features, card.title_kinds)
        alike = _Likeness(words=1.0, meaning=candidate.meaning, labels=candidate.labels, marks=marks)
        # Words are dear to compare: most events end here, where no words could save them.
        if doubt * _blend(alike, weights, chance) < highest:
            continue
        if versions_clash(text.features.key.title_versions, card.versions):
            continue
        centroid = weigh(card.terms, text.rarity)
        alike = replace(alike, words=cosine(text.terms, centroid))
        likeness = doubt * _blend(alike, weights, chance)
        if likeness >= highest and _like_founder(text, candidate, board, weights, chance):
            best, highest, because = card, likeness, _why(alike, text, centroid, match, card, beat)
    return best, f"joins “{best.reports[0].entry.title}” ({highest:.2f}: {because})" if best else ""


def _text(entry: Entry, match: Match, at: datetime, board: Board, beat: Beat) -> _Text:
    read, rarity, telling = features(entry.title, entry.summary), board.rarity(), board.telling()
    return _Text(
        features=read,
        terms=weigh(read.terms, rarity),
        marks={mark: telling(mark) for mark in marks_of(match)},
        overlaps=board.overlaps(labels_of(match)),
        vector=beat.meaning.vector(entry) if beat.meaning else b"",
        at=at.timestamp(),
        rarity=rarity,
        telling=telling,
    )


def _candidates(text: _Text, board: Board, weights: Weights) -> list[_Candidate]:
    """The events that are worth a full comparison, best first by what is cheap to compare.

    However alike, what is too long ago does not join.
    """
    at = text.at
    timed = [(card, _nearness(card.distance(at))) for card in board.cards.values()]
    near = [(card, nearness) for card, nearness in timed if nearness >= weights.join]
    if board.space is not None:
        meanings = board.space.compare(text.vector, [card.id for card, _ in near])
        cheap = [weights.meaning * meaning for meaning in meanings]
    else:
        sharing = board.sharing(text.terms)
        meanings = [0.0] * len(near)
        cheap = [weights.words * sharing.get(card.id, 0.0) for card, _ in near]
    rough = (
        (-nearness * likeness, card.id, card, nearness, meaning)
        for (card, nearness), likeness, meaning in zip(near, cheap, meanings, strict=True)
    )
    found = []
    for sunk, _, card, nearness, meaning in heapq.nsmallest(SIFTED, rough):
        labels = sum(count * text.overlaps[each] for each, count in card.labels.items()) / len(card.reports)
        candidate = _Candidate(card=card, nearness=nearness, meaning=meaning, labels=labels)
        found.append((sunk - nearness * weights.labels * labels, card.id, candidate))
    return [candidate for *_, candidate in heapq.nsmallest(CANDIDATES, found)]


def _marks(text: _Text, marks: Mapping[str, int]) -> float | None:
    """How alike the text's marks and these are: cosine."""
    if not text.marks:
        return None
    return cosine(text.marks, {mark: count * text.telling(mark) for mark, count in marks.items()})


def _like_founder(text: _Text, candidate: _Candidate, board: Board, weights: Weights, chance: float) -> bool:
    """True if the entry is like the event's first report too. In time only the event counts: a saga may be long."""
    first = candidate.card.reports[0]
    alike = _Likeness(
        words=cosine(text.terms, weigh(first.features.terms, text.rarity)),
        meaning=board.space.compare_first(text.vector, candidate.card.id) if board.space is not None else 0.0,
        labels=board.overlap_with(first, text.overlaps),
        marks=_marks(text, dict.fromkeys(first.marks, 1)),
    )
    doubt = candidate.nearness * _kinship(text.features, first.features.key.title_kinds)
    return doubt * _blend(alike, weights, chance) >= FOUNDER * weights.join


def _chance(board: Board, text: _Text, beat: Beat) -> float:
    """How much of its labels an entry shares with any event of the story, 0 to 1: with a single storyline, all.

    While few events are known it is taken to be what drawing storylines by lot would give.
    """
    events = len(board.cards)
    return (board.mean_overlap(text.overlaps) * events + IMAGINED_EVENTS / beat.lines) / (events + IMAGINED_EVENTS)


def _blend(likeness: _Likeness, weights: Weights, chance: float) -> float:
    """0 to 1: the weighted mean. Labels count for less, the more of them are shared by mere chance."""
    labels = weights.labels * (1 - chance)
    marks = 0.0 if likeness.marks is None else weights.marks
    total = weights.words * likeness.words + weights.meaning * likeness.meaning
    total += labels * likeness.labels + marks * (likeness.marks or 0.0)
    return total / (weights.words + weights.meaning + labels + marks)


def versions_clash(ours: Collection[tuple[str, str]], theirs: Collection[tuple[str, str]]) -> bool:
    """True if both name versions of the same thing, and none of them is the same."""
    for name in {name for name, _ in ours} & {name for name, _ in theirs}:
        if not any(version in theirs for version in ours if version[0] == name):
            return True
    return False


def _nearness(distance: float) -> float:
    """1 beside a report of the event, falling off with the seconds to the nearest one (a Gaussian)."""
    decays = distance / _DECAY_S
    return math.exp(-decays * decays / 2)


def _kinship(text: Features, theirs: Collection[str]) -> float:
    """1, or less where the titles tell of different kinds of happening."""
    ours = text.key.title_kinds
    if not ours or not theirs or not ours.isdisjoint(theirs):
        return 1.0
    return CONTRARY if ours.union(theirs) >= CONTRARY_KINDS else OTHER_KIND


def _why(likeness: _Likeness, text: _Text, centroid: Mapping[str, float], match: Match, card: Card, beat: Beat) -> str:
    """The parts of a likeness for people: shared terms that weigh most, shared storylines, and the rest as numbers."""
    shared = sorted(text.terms.keys() & centroid.keys(), key=lambda term: (-text.terms[term] * centroid[term], term))
    lines = {name for kept in card.reports for kind, name in kept.labels if kind == "storyline"}
    parts = (
        ", ".join(term.replace(":", " ") for term in shared[:SHOWN_TERMS]),
        ", ".join(line for line in match.held_storylines if line in lines),
        f"meaning {likeness.meaning:.2f}" if beat.meaning else "",
    )
    return "; ".join(filter(None, parts))
