"""How alike an entry and an event are: what matching decided, what they mean, their words, and how near in time.

The weights of these sorts stand here with what they were measured on; which event an entry joins, and which events are
one, is decided in ``events`` and ``merging`` by the same measure.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.stories.board import Board, Card, Kept, Labels, Recall
from monitor.stories.drift import Vocabulary
from monitor.stories.similarity import Features, Rarity, cosine, weigh

if TYPE_CHECKING:  # it needs numpy, which comes with the sentence encoder and not with us
    from monitor.stories.meaning import Meaning

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
#: Chance is counted from the events of the board and from as many imagined ones, see ``_chance``.
IMAGINED_EVENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each sort of likeness counts, in shares of their sum, and the likeness that joins."""

    words: float
    meaning: float
    labels: float
    marks: float
    join: float
    #: How like the other event the reports of each of two must be, on the mean, for them to be one, see ``merging``.
    merge: float

    @property
    def least(self) -> float:
        """Likeness below which nothing follows."""
        return min(self.join, self.merge)


#: Words count least: in the first week of a fresh monitor all of them are rare. Marks count where meaning is missing:
#: at 0.45 they joined a launch to the plan for it in the demo's week, which was written before.
WITH_MEANING = Weights(words=0.13, meaning=0.71, labels=0.42, marks=0.0, join=0.27, merge=0.24)
#: F1 0.85 at a precision of 0.94 on labelled items of an AI beat; 0.79 without marks. Words alone are poor witnesses of
#: two events being one: where they merged more, at 0.30, F1 fell to 0.83.
WITHOUT_MEANING = Weights(words=0.70, meaning=0.0, labels=0.45, marks=0.30, join=0.28, merge=0.36)


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

    @property
    def weights(self) -> Weights:
        return WITH_MEANING if self.meaning else WITHOUT_MEANING


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Each 0 to 1."""

    words: float
    meaning: float
    labels: float
    #: None: the text has none, or they do not count, which says nothing.
    marks: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An entry, ready to be compared with the events of a board."""

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
    #: How much of its labels it shares with any event of the story, 0 to 1: with a single storyline, all.
    chance: float


def ready(
    read: Features, labels: Labels, marks: Collection[str], vector: bytes, at: float, board: Board, beat: Beat
) -> Text:
    """An entry with what matching decided of it, what it means, and when it was reported."""
    rarity, telling, overlaps = board.rarity(), board.telling(), board.overlaps(labels)
    return Text(
        features=read,
        terms=weigh(read.terms, rarity),
        marks={mark: telling(mark) for mark in marks} if beat.weights.marks else {},
        overlaps=overlaps,
        vector=vector,
        at=at,
        rarity=rarity,
        telling=telling,
        chance=_chance(board, overlaps, beat),
    )


def ready_again(kept: Kept, board: Board, beat: Beat) -> Text:
    """A report of the board."""
    return ready(kept.features, kept.labels, kept.marks, kept.vector, kept.at.timestamp(), board, beat)


def _chance(board: Board, overlaps: Sequence[float], beat: Beat) -> float:
    """While few events are known it is taken to be what drawing storylines by lot would give."""
    events = len(board.cards)
    return (board.mean_overlap(overlaps) * events + IMAGINED_EVENTS / beat.lines) / (events + IMAGINED_EVENTS)


def mean_likeness(texts: Sequence[Text], card: Card, board: Board, beat: Beat) -> float:
    """How like entries are to an event, 0 to 1, on the mean; one that tells of another version is not at all."""
    if not texts:
        return 0.0
    centroid, total = weigh(card.terms, texts[0].rarity), 0.0
    for text in texts:
        if not versions_clash(text.features.key.title_versions, card.versions):
            alike = Likeness(
                words=cosine(text.terms, centroid),
                meaning=board.space.compare(text.vector, [card.id])[0] if board.space is not None else 0.0,
                labels=like_labels(text, card),
                marks=like_marks(text, card.marks),
            )
            doubt = nearness(card.distance(text.at)) * kinship(text.features, card.title_kinds)
            total += doubt * blend(alike, text, beat)
    return total / len(texts)


def blend(alike: Likeness, text: Text, beat: Beat) -> float:
    """0 to 1: the weighted mean. Labels count for less, the more of them are shared by mere chance."""
    weights = beat.weights
    labels = weights.labels * (1 - text.chance)
    marks = 0.0 if alike.marks is None else weights.marks
    total = weights.words * alike.words + weights.meaning * alike.meaning
    total += labels * alike.labels + marks * (alike.marks or 0.0)
    return total / (weights.words + weights.meaning + labels + marks)


def like_labels(text: Text, card: Card) -> float:
    """The share of labels that the text has in common with a report of the event, on the mean."""
    total, overlaps = 0.0, text.overlaps
    for each, count in card.labels.items():  # asked of a hundred events for each entry: a generator takes twice as long
        total += count * overlaps[each]
    return total / len(card.reports)


def like_marks(text: Text, marks: Mapping[str, int]) -> float | None:
    """How alike the text's marks and these are: cosine."""
    if not text.marks:
        return None
    return cosine(text.marks, {mark: count * text.telling(mark) for mark, count in marks.items()})


def versions_clash(ours: Collection[tuple[str, str]], theirs: Collection[tuple[str, str]]) -> bool:
    """True if both name versions of the same thing, and none of them is the same."""
    for name in {name for name, _ in ours} & {name for name, _ in theirs}:
        if not any(version in theirs for version in ours if version[0] == name):
            return True
    return False


def nearness(distance: float) -> float:
    """1 beside a report of the event, falling off with the seconds to the nearest one (a Gaussian)."""
    decays = distance / _DECAY_S
    return math.exp(-decays * decays / 2)


def reach_of(least: float) -> float:
    """How many seconds away ``nearness`` is still this much, above 0 and at most 1."""
    return _DECAY_S * math.sqrt(-2 * math.log(least))


def kinship(text: Features, theirs: Collection[str]) -> float:
    """1, or less where the titles tell of different kinds of happening."""
    ours = text.key.title_kinds
    if not ours or not theirs or not ours.isdisjoint(theirs):
        return 1.0
    return CONTRARY if ours.union(theirs) >= CONTRARY_KINDS else OTHER_KIND
