"""Which event does an entry report? One happening, told once, however many outlets repeat it.

The key comes first: another version of the same thing is another event, whatever the words, and another kind of
happening counts against. Then likeness, of three sorts: what matching saw in both (topics and storylines, the same in
every language), what they mean, and their words. It fades with time: an event is over when nobody reports it, while a
storyline goes on for months. An entry must also be like the event's first report, or a week of the beat would chain
into one event. A false merge hides news, a missed one shows it twice: when in doubt, two events.

The method is single-pass clustering against centroids with time decay (Miranda et al. 2018 have the same parts).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.domain import Entry, Event, Match, Report
from monitor.stories.drift import Vocabulary
from monitor.stories.keys import Key
from monitor.stories.novelty import judge_novelty, reposts
from monitor.stories.similarity import Profile, cosine, count_rarity, features, profile, weigh

if TYPE_CHECKING:  # it needs numpy, which comes with the sentence encoder and not with us
    from monitor.stories.meaning import Meaning

#: An event that nobody reported for this long takes no new report.
WINDOW = timedelta(days=14)
#: Standard deviation of the time between an entry and the nearest report of its event. On labelled items of an AI beat
#: B-cubed F1 was 0.82 with 4 days, 0.85 with 5 and with 6, 0.82 with 8.
DECAY = timedelta(days=5)
#: What is left of the likeness when the titles name different kinds of happening. Headlines of one event do differ
#: ("launch" and "shares jump"), so this is a doubt and no veto.
OTHER_KIND = 0.85
#: What is late is not out: a launch three days after a delay is the next event, however alike the reports are.
CONTRARY_KINDS = frozenset({"delay", "release"})
CONTRARY = 0.5
#: Least likeness to the event's first report, as a share of what joins. From 0.65 to 0.75 F1 is level; at 0.6 a first
#: week chained.
FOUNDER = 0.7
#: Chance is counted from the events of the window and from as many imagined ones, see ``_chance``.
IMAGINED_EVENTS = 8
#: Terms named in the reason.
SHOWN_TERMS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each sort of likeness counts, in shares of 1, and the likeness that joins."""

    words: float
    meaning: float
    labels: float
    join: float


#: On labelled items of an AI beat B-cubed F1 is 0.85 from 0.27 to 0.28 and precision goes from 0.94 to 0.96; with less
#: the first week of a fresh monitor chained in one order of arrival out of seven. Words count least: in that week all
#: of them are rare.
WITH_MEANING = Weights(words=0.10, meaning=0.55, labels=0.35, join=0.28)
#: F1 0.78 at a precision of 0.95. At 0.22 it is 0.85 over the months, but every first week chained.
WITHOUT_MEANING = Weights(words=0.70, meaning=0.0, labels=0.30, join=0.28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What is known of a story before its first event."""

    #: How many storylines it has, 1 and more.
    lines: int
    #: None: there is no sentence encoder, and words have to do.
    meaning: Meaning | None = None
    #: What it knows by name already, for what may be new names.
    known: Vocabulary = Vocabulary()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Likeness:
    """Each 0 to 1."""

    words: float
    meaning: float
    labels: float


def place(
    entry_id: int,
    entry: Entry,
    match: Match,
    events: Sequence[Event],
    *,
    beat: Beat,
    first_seen: datetime,
    primed: bool = False,
) -> Report:
    """Return the entry as a report of the event it belongs to: one of ``events``, or a new one.

    entry_id  key of the stored entry, 0 before it is stored
    events    the story's events of the last ``WINDOW`` with all their reports, in any order; older ones are passed over
    primed    the entry was there before we began to watch: it can open an event, and is told to nobody

    The id of a new event is made from the story and the entry's own identity: the same entry makes the same id again.
    """
    at = entry.reported_at(first_seen)
    live = [event for event in events if abs(at - event.last_seen) <= WINDOW]
    joined, because = _best(entry, match, at, live, beat)
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


def new_event_id(story: str, entry: Entry) -> str:
    """``e`` and 12 hex digits; the same for the same story and entry, whenever and wherever it is asked."""
    name = f"{story}\x00{entry.feed_url}\x00{entry.identity}"
    return "e" + hashlib.sha256(name.encode()).hexdigest()[:12]


def _best(entry: Entry, match: Match, at: datetime, events: Sequence[Event], beat: Beat) -> tuple[Event | None, str]:
    """The event that the entry joins, if any, and why in words."""
    for event in events:
        if any(reposts(entry, report.entry) for report in event.reports):
            return event, ""
    weights = WITH_MEANING if beat.meaning else WITHOUT_MEANING
    text = features(entry.title, entry.summary)
    profiles = [_profile(event.reports) for event in events]
    rarity = count_rarity(profiles)
    vector = weigh(text.terms, rarity)
    ours = _labels(match)
    labels = [[_overlap(ours, _labels(report.match)) for report in event.reports] for event in events]
    means = [sum(shared) / len(shared) for shared in labels]
    chance = _chance(means, beat)
    meanings = _meanings(entry, events, beat)
    best, highest, because = None, weights.join, ""
    for event, known, shared, mean, (meaning, to_first) in zip(events, profiles, labels, means, meanings, strict=True):
        nearness = _nearness(at, event)
        doubt = nearness * _kinship(text.key, known)
        # Words are dear to compare: most events end here, where no words could save them.
        if doubt * _blend(_Likeness(words=1.0, meaning=meaning, labels=mean), weights, chance) < highest:
            continue
        if versions_clash(text.key.title_versions, known.title_versions):
            continue
        centroid = weigh(known.terms, rarity)
        alike = _Likeness(words=cosine(vector, centroid), meaning=meaning, labels=mean)
        likeness = doubt * _blend(alike, weights, chance)
        if likeness < highest:
            continue
        founder = _profile(event.reports[:1])
        first = _Likeness(words=cosine(vector, weigh(founder.terms, rarity)), meaning=to_first, labels=shared[0])
        if nearness * _kinship(text.key, founder) * _blend(first, weights, chance) >= FOUNDER * weights.join:
            best, highest, because = event, likeness, _why(alike, vector, centroid, match, event, beat)
    return best, f"joins “{best.reports[0].entry.title}” ({highest:.2f}: {because})" if best else ""


def _profile(reports: Sequence[Report]) -> Profile:
    return profile(tuple((report.entry.title, report.entry.summary) for report in reports))


def _meanings(entry: Entry, events: Sequence[Event], beat: Beat) -> list[tuple[float, float]]:
    """How near the entry's meaning is to each event and to its first report; 0 where nobody can tell."""
    if beat.meaning is None:
        return [(0.0, 0.0)] * len(events)
    return beat.meaning.compare(entry, [[report.entry for report in event.reports] for event in events])


def _labels(match: Match) -> frozenset[tuple[str, str]]:
    """What matching saw: the same in every language."""
    topics = [("topic", topic.topic) for topic in match.topics if topic.held]
    return frozenset(topics + [("storyline", line.storyline) for line in match.storylines if line.held])


def _overlap(ours: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]]) -> float:
    """Share of common labels (Jaccard)."""
    return len(ours & theirs) / len(ours | theirs) if ours or theirs else 0.0


def _chance(overlaps: Sequence[float], beat: Beat) -> float:
    """How much of its labels an entry shares with any event of the story, 0 to 1: with a single storyline, all.

    While few events are known it is taken to be what drawing storylines by lot would give.
    """
    return (sum(overlaps) + IMAGINED_EVENTS / beat.lines) / (len(overlaps) + IMAGINED_EVENTS)


def _blend(likeness: _Likeness, weights: Weights, chance: float) -> float:
    """0 to 1: the weighted mean. Labels count for less, the more of them are shared by mere chance."""
    labels = weights.labels * (1 - chance)
    total = weights.words * likeness.words + weights.meaning * likeness.meaning + labels * likeness.labels
    return total / (weights.words + weights.meaning + labels)


def versions_clash(ours: Collection[tuple[str, str]], theirs: Collection[tuple[str, str]]) -> bool:
    """True if both name versions of the same thing, and none of them is the same."""
    for name in {name for name, _ in ours} & {name for name, _ in theirs}:
        if not any(version in theirs for version in ours if version[0] == name):
            return True
    return False


def _nearness(at: datetime, event: Event) -> float:
    """1 beside a report of the event, falling off with the time to the nearest one (a Gaussian)."""
    distance = min(abs(at - report.at) for report in event.reports) / DECAY
    return math.exp(-distance * distance / 2)


def _kinship(key: Key, known: Profile) -> float:
    """1, or less where the titles tell of different kinds of happening."""
    ours, theirs = key.title_kinds, known.title_kinds
    if not ours or not theirs or ours & theirs:
        return 1.0
    return CONTRARY if ours | theirs >= CONTRARY_KINDS else OTHER_KIND


def _why(
    likeness: _Likeness,
    vector: Mapping[str, float],
    centroid: Mapping[str, float],
    match: Match,
    event: Event,
    beat: Beat,
) -> str:
    """The parts of a likeness for people: shared terms that weigh most, shared storylines, and the rest as numbers."""
    shared = sorted(vector.keys() & centroid.keys(), key=lambda term: (-vector[term] * centroid[term], term))
    lines = {line for report in event.reports for line in report.match.held_storylines}
    parts = (
        ", ".join(term.replace(":", " ") for term in shared[:SHOWN_TERMS]),
        ", ".join(line for line in match.held_storylines if line in lines),
        f"meaning {likeness.meaning:.2f}" if beat.meaning else "",
    )
    return "; ".join(filter(None, parts))
