"""Events in, one channel's digest out: what changed since this channel was last told.

A digest is composed once and rendered for every channel. Each new entry stands in it exactly once, under its event;
each event stands in it once, under the storyline that it fits best.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.domain import (
    Coverage,
    Digest,
    DigestEntry,
    DigestEvent,
    DigestExpectation,
    DigestStoryline,
    Event,
    Novelty,
    Report,
    Story,
    Window,
)

#: Of the payload; grows by one when a receiver must change to read it. A key that is added is no such change.
SCHEMA_VERSION = 1
#: A summary is cut to this: a digest of twenty events then stays near the 20 kB that Standard Webhooks advises.
SUMMARY_CHARACTERS = 400
#: Topics and words named under "why am I seeing this?".
SHOWN_TERMS = 8

#: What tells most comes first. An event that is new and one that has a new fact rank alike: both are news.
_ORDER = list(Novelty)
_RANK = {Novelty.FIRST: 0, Novelty.NEW_FACT: 0, Novelty.CORROBORATES: 1, Novelty.REHASH: 2, Novelty.DUPLICATE: 2}


def compose(
    *,
    digest_id: str,
    channel: str,
    sequence: int,
    story: Story,
    window_start: datetime,
    window_end: datetime,
    reason: str,
    events: Sequence[Event],
    new: Collection[int],
    revisions: Mapping[str, int],
    origins: Mapping[str, int],
    states: Mapping[str, str],
    activity: Mapping[str, Sequence[int]],
    expectations: Sequence[DigestExpectation],
    coverage: Coverage,
    muted: Collection[str] = (),
    outlets: Mapping[str, int] | None = None,
    leads: Mapping[str, tuple[int, str]] | None = None,
) -> Digest:
    """Compose the digest of one channel.

    sequence   counts the digests of this channel from 1
    reason     why it is sent: "schedule", "requested", "alert"; in words where there is more to say
    events     those with something new, each with all its reports; one with nothing new is passed over
    new        ids of the entries that this channel has not been told of
    revisions  event id -> last revision told to this channel; an event that is missing was never told
    origins    event id -> independent sources over all its reports
    states     storyline id -> the word for how alive it is; a storyline that is missing counts as active
    activity   storyline id -> reports in each of the last weeks, oldest first

    muted      ids of the events all of which came while their storylines were muted
    outlets    event id -> how many published it
    leads      event id -> the new entry that leads, and why in words; else the one that adds most does

    Storylines with nothing new are left out; an edition without any is empty, and says so when it is rendered. A
    storyline that the story no longer has keeps its events, under its id.
    """
    lines: dict[str, list[DigestEvent]] = {}
    for event in events:
        fresh = [report for report in event.reports if report.entry_id in new]
        scores = _scores(event.reports, story)
        if fresh and scores:
            best, *also = scores
            lead = (leads or {}).get(event.id)
            told = _tell(
                event, fresh, revisions.get(event.id, 0) + 1, origins.get(event.id, 1), scores[best], also, lead
            )
            published = (outlets or {}).get(event.id, 1)
            lines.setdefault(best, []).append(replace(told, muted=event.id in muted, outlets=published))
    titles = {line.id: line.title for line in story.storylines}
    places = {line.id: place for place, line in enumerate(story.storylines)}
    ordered = [
        DigestStoryline(
            id=line,
            title=titles.get(line, line),
            state=states.get(line, "active"),
            events=tuple(sorted(of, key=_weight)),
            activity=tuple(activity.get(line, ())),
        )
        for line, of in lines.items()
    ]
    return Digest(
        schema_version=SCHEMA_VERSION,
        digest_id=digest_id,
        sequence=sequence,
        channel=channel,
        story=story.story,
        title=story.title or story.story,
        window=Window(start=window_start, end=window_end),
        reason=reason,
        storylines=tuple(sorted(ordered, key=lambda line: (*_change(line), places.get(line.id, len(places)), line.id))),
        expectations=tuple(expectations),
        coverage=coverage,
    )


def _scores(reports: Iterable[Report], story: Story) -> dict[str, float]:
    """Storyline -> highest score of a report in it, best first; equal ones in the order of the story."""
    places = {line.id: place for place, line in enumerate(story.storylines)}
    scores: dict[str, float] = {}
    for report in reports:
        for line in report.match.storylines:
            if line.held:
                scores[line.storyline] = max(line.score, scores.get(line.storyline, 0.0))
    return dict(sorted(scores.items(), key=lambda item: (-item[1], places.get(item[0], len(places)), item[0])))


def _tell(
    event: Event,
    fresh: Sequence[Report],
    revision: int,
    origins: int,
    score: float,
    also: Sequence[str],
    chosen: tuple[int, str] | None,
) -> DigestEvent:
    """The event as this channel has not heard it. The lead's title is the event's."""
    ordered = sorted(fresh, key=lambda report: (_ORDER.index(report.novelty), report.at, report.entry_id))
    lead_id, why = chosen or (ordered[0].entry_id, "")
    told = sorted(ordered, key=lambda report: report.entry_id != lead_id)
    lead = told[0]
    return DigestEvent(
        id=event.id,
        revision=revision,
        title=lead.entry.title,
        summary=cut(lead.entry.summary),
        novelty=ordered[0].novelty,
        reason=_reason(ordered),
        first_seen=event.first_seen,
        origins=origins,
        entries=tuple(
            DigestEntry(
                id=report.entry_id,
                title=report.entry.title,
                url=report.entry.url,
                source=report.entry.source,
                published=report.entry.published,
                lang=report.entry.lang,
                novelty=report.novelty,
            )
            for report in told
        ),
        matched=_matched(ordered),
        score=round(score, 3),
        also=tuple(also),
        lead_reason=why,
    )


def _reason(ordered: Sequence[Report]) -> str:
    """Why the event is in this digest, in words."""
    lead, count = ordered[0], len(ordered)
    outlets = len({report.entry.source or report.entry.feed_url for report in ordered})
    match lead.novelty:
        case Novelty.FIRST:
            return "first report" if count == 1 else f"first report, and {count - 1} more since"
        case Novelty.NEW_FACT:
            # The reason of a report goes on with why it joined its event; what is new in it comes first.
            fact = lead.reason.partition("; joins ")[0]
            return f"1 new report; {fact}" if count == 1 else f"{count} new reports; {fact}"
        case Novelty.CORROBORATES:
            return "1 more outlet has it" if outlets == 1 else f"{outlets} more outlets have it"
        case _:
            return "1 outlet repeats it" if outlets == 1 else f"{outlets} outlets repeat it"


def _matched(reports: Iterable[Report]) -> tuple[str, ...]:
    """Topics that hold, then what was found of them, as it stands in the texts; in other capitals it is no other."""
    topics = [topic for report in reports for topic in report.match.topics if topic.held]
    terms = [hit.found for topic in topics for hit in topic.hits if hit.role != "veto"]
    seen: dict[str, str] = {}
    for word in (*(topic.topic for topic in topics), *terms):
        seen.setdefault(word.casefold(), word)
    return tuple(seen.values())[:SHOWN_TERMS]


def cut(text: str) -> str:
    """At most ``SUMMARY_CHARACTERS``, cut between words where there are any, on one line."""
    line = " ".join(text.split())
    if len(line) <= SUMMARY_CHARACTERS:
        return line
    head = line[: SUMMARY_CHARACTERS - 1]
    words = head.rpartition(" ")[0]
    return f"{words if len(words) > SUMMARY_CHARACTERS // 2 else head}…"


def _weight(event: DigestEvent) -> tuple[int, int, float, datetime, str]:
    """News first, then what most sources stand behind, then what fits best, then what is oldest."""
    return _RANK[event.novelty], -event.origins, -event.score, event.first_seen, event.id


def _change(line: DigestStoryline) -> tuple[int, int]:
    """Storylines with the most news first, then those with the most events."""
    return -sum(_RANK[event.novelty] == 0 for event in line.events), -len(line.events)
