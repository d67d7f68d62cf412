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
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.domain import Entry, Match, Report
from monitor.stories.board import Board, Card, Kept, labels_of, marks_of
from monitor.stories.likeness import (
    Beat,
    Likeness,
    Text,
    blend,
    kinship,
    like_labels,
    like_marks,
    nearness,
    reach_of,
    ready,
    versions_clash,
)
from monitor.stories.novelty import follows, judge_novelty, reposts
from monitor.stories.similarity import cosine, features, weigh

#: An event that nobody reported for this long takes no new report.
WINDOW = timedelta(days=14)
#: Least likeness to the event's first report, as a share of what joins. From 0.65 to 0.75 F1 is level and precision
#: grows; at 0.6 a first week chained.
FOUNDER = 0.75
#: The nearest in meaning are looked at; the best of them by time too are compared by labels, the best of these in full.
NEAREST, SIFTED, CANDIDATES = 512, 128, 32
#: Other events of which it is asked whether they are one with its own.
AKIN = 3
#: Terms named in the reason.
SHOWN_TERMS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """An event that is worth a full comparison, and what was cheap to compare, each 0 to 1."""

    card: Card
    nearness: float
    meaning: float
    labels: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where an entry belongs."""

    report: Report
    #: Other events that it is like as well: they may be one with its own, see ``merging``.
    akin: tuple[str, ...] = ()


def place(
    entry_id: int,
    entry: Entry,
    match: Match,
    board: Board,
    *,
    beat: Beat,
    first_seen: datetime,
    primed: bool = False,
) -> Placed:
    """Make the entry a report of the event it belongs to: one on the board, or a new one.

    entry_id  key of the stored entry, 0 before it is stored
    board     the story's events of the last ``WINDOW`` at least; it stays as it is
    primed    the entry was there before we began to watch: it can open an event, and is told to nobody

    The id of a new event is made from the story and the entry's own identity: the same entry makes the same id again.
    """
    at = entry.reported_at(first_seen)
    joined, because, akin = _best(entry, match, at, board, beat)
    novelty, what = judge_novelty(entry, joined.reports if joined else ())
    report = Report(
        entry_id=entry_id,
        entry=entry,
        match=match,
        first_seen=first_seen,
        event=joined.id if joined else new_event_id(match.story, entry),
        novelty=novelty,
        reason=f"{what}; {because}" if because else what,
        primed=primed,
    )
    return Placed(report=report, akin=akin)


def new_event_id(story: str, entry: Entry, *, apart_from: str = "") -> str:
    """``e`` and 12 hex digits; the same for the same story and entry, whenever and wherever it is asked.

    apart_from  the event that the entry was split off: its id may be made from the same entry
    """
    name = f"{story}\x00{entry.feed_url}\x00{entry.identity}" + (f"\x00{apart_from}" if apart_from else "")
    return "e" + hashlib.sha256(name.encode()).hexdigest()[:12]


def _best(
    entry: Entry, match: Match, at: datetime, board: Board, beat: Beat
) -> tuple[Card | None, str, tuple[str, ...]]:
    """The event that the entry joins, if any, why in words, and the other events that it is like."""
    for kept in board.steered:
        if abs(at - kept.at) <= WINDOW and follows(entry, kept.entry):
            return board.cards[kept.event], f"follows “{kept.entry.title}”, which was put here by hand", ()
    barred = _barred(entry, board)
    if twin := _twin(entry, at, board, barred):
        return board.cards[twin.event], "", ()
    vector = beat.meaning.vector(entry) if beat.meaning else b""
    read = features(entry.title, entry.summary)
    text = ready(read, labels_of(match), marks_of(match), vector, at.timestamp(), board, beat)
    best, highest, because = None, beat.weights.join, ""
    akin: dict[str, float] = {}
    least = beat.weights.least
    for candidate in _candidates(text, board, beat, barred):
        card = candidate.card
        doubt = candidate.nearness * kinship(text.features, card.title_kinds)
        alike = Likeness(
            words=1.0, meaning=candidate.meaning, labels=candidate.labels, marks=like_marks(text, card.marks)
        )
        # Words are dear to compare: most events end here, where no words could save them.
        if doubt * blend(alike, text, beat) < least:
            continue
        if versions_clash(text.features.key.title_versions, card.versions):
            continue
        centroid = weigh(card.terms, text.rarity)
        alike = replace(alike, words=cosine(text.terms, centroid))
        likeness = doubt * blend(alike, text, beat)
        if likeness >= beat.weights.merge:
            akin[card.id] = likeness
        if likeness >= highest and _like_founder(text, candidate, board, beat):
            best, highest, because = card, likeness, _why(alike, text, centroid, match, card, beat)
        if best and len(akin) > AKIN:  # what is less like than these is neither the best nor one of the others
            least = max(least, min(highest, heapq.nlargest(AKIN + 1, akin.values())[-1]))
    others = [event for event in akin if best is None or event != best.id]
    likest = tuple(heapq.nsmallest(AKIN, others, key=lambda event: (-akin[event], event)))
    return best, f"joins “{best.reports[0].entry.title}” ({highest:.2f}: {because})" if best else "", likest


def _twin(entry: Entry, at: datetime, board: Board, barred: Collection[str]) -> Kept | None:
    """A report of which the entry is a repost, in an event that is not over."""
    for kept in board.twins(entry):
        over = at.timestamp() - board.cards[kept.event].times[-1] > WINDOW.total_seconds()
        if not over and kept.event not in barred and reposts(entry, kept.entry):
            return kept
    return None


def _barred(entry: Entry, board: Board) -> frozenset[str]:
    """Events with a report that somebody told apart from one that this entry follows."""
    return frozenset(
        event for kept in board.parted if follows(entry, kept.entry) for event in board.away_from(kept.entry_id)
    )


def _candidates(text: Text, board: Board, beat: Beat, barred: Collection[str]) -> list[_Candidate]:
    """The events that are worth a full comparison, best first by what is cheap to compare.

    However alike, what is too long ago does not join.
    """
    weights, reach = beat.weights, reach_of(beat.weights.least)
    cheap: Iterable[tuple[str, float]]
    if board.space is not None:
        cheap, weight = board.space.nearest(text.vector, NEAREST), weights.meaning
    else:
        cheap, weight = board.sharing(text.terms).items(), weights.words
    rough = []
    for event, near in cheap:
        card = board.cards[event]
        distance = card.distance(text.at)
        if distance <= reach and event not in barred:
            close = nearness(distance)
            rough.append((-close * weight * near, event, card, close, near))
    found = []
    for sunk, event, card, close, near in sorted(rough)[:SIFTED]:
        labels = like_labels(text, card)
        found.append((sunk - close * weights.labels * labels, event, card, close, near, labels))
    return [
        _Candidate(card=card, nearness=close, meaning=near if board.space is not None else 0.0, labels=labels)
        for _, _, card, close, near, labels in sorted(found)[:CANDIDATES]
    ]


def _like_founder(text: Text, candidate: _Candidate, board: Board, beat: Beat) -> bool:
    """True if the entry is like the event's first report too, or like one that somebody put there by hand.

    In time only the event counts: a saga may be long.
    """
    card = candidate.card
    founders = (card.reports[0], *(kept for kept in board.steered if kept.event == card.id))
    return any(
        candidate.nearness * _like_report(text, kept, board, beat) >= FOUNDER * beat.weights.join for kept in founders
    )


def _like_report(text: Text, kept: Kept, board: Board, beat: Beat) -> float:
    alike = Likeness(
        words=cosine(text.terms, weigh(kept.features.terms, text.rarity)),
        meaning=board.space.compare_texts(text.vector, kept.vector) if board.space is not None else 0.0,
        labels=board.overlap_with(kept, text.overlaps),
        marks=like_marks(text, dict.fromkeys(kept.marks, 1)),
    )
    return kinship(text.features, kept.features.key.title_kinds) * blend(alike, text, beat)


def _why(likeness: Likeness, text: Text, centroid: Mapping[str, float], match: Match, card: Card, beat: Beat) -> str:
    """The parts of a likeness for people: shared terms that weigh most, shared storylines, and the rest as numbers."""
    shared = sorted(text.terms.keys() & centroid.keys(), key=lambda term: (-text.terms[term] * centroid[term], term))
    lines = {name for kept in card.reports for kind, name in kept.labels if kind == "storyline"}
    parts = (
        ", ".join(term.replace(":", " ") for term in shared[:SHOWN_TERMS]),
        ", ".join(line for line in match.held_storylines if line in lines),
        f"meaning {likeness.meaning:.2f}" if beat.meaning else "",
    )
    return "; ".join(filter(None, parts))
