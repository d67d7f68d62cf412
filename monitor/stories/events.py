"""Which event does an entry report? One happening, told once, however many outlets repeat it.

The key comes first: another version of the same thing is another event, whatever the words, and another kind of
happening counts against. Likeness of words and key parts is second, and fades with time: an event is over when nobody
reports it, while a storyline goes on for months. A false merge hides news, a missed one shows it twice: when in doubt,
two events.

The method is single-pass clustering against centroids with time decay (Miranda et al. 2018 have the same parts).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.domain import Entry, Event, Match, Report
from monitor.stories.keys import Key
from monitor.stories.novelty import judge_novelty, reposts
from monitor.stories.similarity import Profile, cosine, count_rarity, features, norm, profile, weigh, words

#: An event that nobody reported for this long takes no new report.
WINDOW = timedelta(days=14)
#: Standard deviation of an entry's distance in time from the middle of its event. On labelled items of an AI beat 3, 4
#: and 5 days gave B-cubed F1 of 0.77, 0.78 and 0.79 at a precision of 0.90 and more.
DECAY = timedelta(days=5)
#: Least likeness that joins. On the same items F1 is level from 0.09 to 0.13; precision passes 0.90 at 0.125.
JOIN = 0.125
#: What is left of the likeness when the titles name different kinds of happening. Headlines of one event do differ
#: ("launch" and "shares jump"), so this is a doubt and no veto.
OTHER_KIND = 0.7
#: What is left when the entry's topics and the event's are both known and have none in common.
OTHER_TOPIC = 0.3
#: Terms named in the reason.
SHOWN_TERMS = 4


def place(
    entry_id: int,
    entry: Entry,
    match: Match,
    events: Sequence[Event],
    *,
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
    joined, because = _best(entry, match, at, live)
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


def _best(entry: Entry, match: Match, at: datetime, events: Sequence[Event]) -> tuple[Event | None, str]:
    """The event that the entry joins, if any, and why in words."""
    for event in events:
        if any(reposts(entry, report.entry) for report in event.reports):
            return event, ""
    text = features(entry.title, entry.summary)
    profiles = [
        profile(tuple((report.entry.title, report.entry.summary) for report in event.reports)) for event in events
    ]
    rarity = count_rarity(profiles, _own_words(match))
    vector = weigh(text.terms, rarity)
    best, highest, because = None, JOIN, ""
    for event, known in zip(events, profiles, strict=True):
        nearness = _nearness(at, event)
        # No cosine is above the share of the entry's own length that lies in common terms: most events end here.
        if nearness * norm(vector, known.terms) < highest * norm(vector):
            continue
        if versions_clash(text.key.title_versions, known.title_versions):
            continue
        centroid = weigh(known.terms, rarity)
        likeness = nearness * _kinship(text.key, match, event, known) * cosine(vector, centroid)
        if likeness >= highest:
            best, highest, because = event, likeness, _most_telling(vector, centroid)
    return best, f"joins “{best.reports[0].entry.title}” ({highest:.2f}: {because})" if best else ""


def _own_words(match: Match) -> frozenset[str]:
    """Words of the names by which the entry's topics were found, and of what made them certain."""
    found = (hit.found for topic in match.topics if topic.held for hit in topic.hits if hit.role != "query")
    return words(" ".join((*match.held_topics, *found)))


def versions_clash(ours: Collection[tuple[str, str]], theirs: Collection[tuple[str, str]]) -> bool:
    """True if both name versions of the same thing, and none of them is the same."""
    for name in {name for name, _ in ours} & {name for name, _ in theirs}:
        if not any(version in theirs for version in ours if version[0] == name):
            return True
    return False


def _nearness(at: datetime, event: Event) -> float:
    """1 in the middle of the event's reports, falling off to both sides (a Gaussian)."""
    middle = sum(report.at.timestamp() for report in event.reports) / len(event.reports)
    distance = (at.timestamp() - middle) / DECAY.total_seconds()
    return math.exp(-distance * distance / 2)


def _kinship(key: Key, match: Match, event: Event, known: Profile) -> float:
    """1, or less where the entry is about something else, or tells of another kind of happening."""
    topics = {topic for report in event.reports for topic in report.match.held_topics}
    doubt = OTHER_KIND if key.title_kinds and known.title_kinds and not key.title_kinds & known.title_kinds else 1.0
    return doubt * (OTHER_TOPIC if match.held_topics and topics and topics.isdisjoint(match.held_topics) else 1.0)


def _most_telling(one: Mapping[str, float], other: Mapping[str, float]) -> str:
    """The shared terms that weigh most, for people."""
    shared = sorted(one.keys() & other.keys(), key=lambda term: (-one[term] * other[term], term))
    return ", ".join(term.replace(":", " ") for term in shared[:SHOWN_TERMS])
