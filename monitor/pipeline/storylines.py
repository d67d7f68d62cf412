"""How storylines and what they wait for stand: read the facts, judge, put together what is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.digests.brief import compose_brief
from monitor.domain import Brief, DigestExpectation, DigestQuiet, ExpectationState, Story, Storyline
from monitor.storage import expectations, stories
from monitor.storage.stories import ReportedDay
from monitor.stories.expectations import Stated, brought_by, judge
from monitor.stories.lifecycle import Hearing, Life, LifeState, is_silent, live
from monitor.stories.origins import origin

#: States that the calendar or a report brings about; "open" is where all begin.
_TOLD = frozenset(ExpectationState) - {ExpectationState.OPEN}
#: Events read for a brief: more than a year of a busy storyline.
BRIEF_EVENTS = 500


def expectations_of(connection: Connection, story: Story, now: datetime) -> list[DigestExpectation]:
    """How each thing that the story expects stands now."""
    return [one for one, _ in _judged(connection, story, now)]


def turned(connection: Connection, story: Story, now: datetime) -> list[tuple[DigestExpectation, frozenset[int]]]:
    """How each thing that the story expects stands now, and the entries that brought it there."""
    return [(one, brought_by(one, stated)) for one, stated in _judged(connection, story, now)]


def _judged(connection: Connection, story: Story, now: datetime) -> Iterator[tuple[DigestExpectation, list[Stated]]]:
    """Each thing that the story expects as it stands now, and what was said of it."""
    stated = expectations.statements_of(connection, story.story, now)
    for line in story.storylines:
        for expectation in line.expects:
            said = stated.get(expectation.id, [])
            yield judge(expectation, line.id, said, now, story.seed), said


def lives_of(
    connection: Connection,
    story: Story,
    expected: Sequence[DigestExpectation],
    times: Mapping[str, Sequence[datetime]],
    now: datetime,
) -> dict[str, Life]:
    """How alive each storyline is now.

    expected  from ``expectations_of``
    times     from ``stories.report_times``, or of ``bounds``
    """
    return {
        line: live(
            reported,
            [one for one in expected if one.storyline == line],
            _hearing(connection, story.story, line, now) if is_silent(reported, now) else Hearing(),
            now,
        )
        for line in dict.fromkeys([line.id for line in story.storylines] + list(times))
        for reported in [[at for at in times.get(line, ()) if at <= now]]
    }


def bounds(days: Mapping[str, Sequence[ReportedDay]]) -> dict[str, list[datetime]]:
    """The first and the last report of each day: all that decides how alive a storyline is."""
    return {line: [at for day in listed for at in (day.first, day.last)] for line, listed in days.items()}


def _hearing(connection: Connection, story: str, line: str, now: datetime) -> Hearing:
    heard = expectations.heard_by(connection, story, line, now)
    well = [count for count, healthy in heard if healthy]
    return Hearing(feeds=len(heard), healthy=len(well), share=sum(well) / (sum(count for count, _ in heard) or 1))


def news_of(expected: DigestExpectation, told: Collection[str], since: datetime) -> bool:
    """Whether a channel, known since then, has still to be told of this state or reminded of its end.

    A state that was reached before the channel was there is history to it, and so is what was primed.
    """
    if expected.mark in told:
        return False
    reached = expected.news and expected.state in _TOLD and expected.since is not None and expected.since >= since
    return reached or expected.remind is not None


def silences(
    story: Story, lives: Mapping[str, Life], told: Collection[str], since: datetime, now: datetime
) -> tuple[DigestQuiet, ...]:
    """The storylines that fell silent since a channel was known, and of which it has not been told so."""
    titles = {line.id: line.title for line in story.storylines}
    fallen = [
        DigestQuiet(
            id=line,
            title=titles[line],
            since=life.last,
            days=(now - life.last).days,
            rhythm_days=life.rhythm / timedelta(days=1),
        )
        for line, life in lives.items()
        if life.state is LifeState.QUIET and life.last and life.last >= since and life.rhythm and line in titles
    ]
    return tuple(one for one in fallen if one.mark not in told)


def brief_of(connection: Connection, story: Story, line: Storyline, now: datetime) -> Brief:
    """What is known of a storyline at that moment."""
    expected = expectations_of(connection, story, now)
    life = lives_of(connection, story, expected, stories.report_times(connection, story.story), now)[line.id]
    events = stories.list_events(connection, story.story, storyline=line.id, limit=BRIEF_EVENTS)
    return compose_brief(
        story=story,
        line=line,
        events=events,
        expectations=[one for one in expected if one.storyline == line.id],
        state=life.state,
        since=life.since,
        reason=life.reason,
        origin=origin,
        now=now,
    )
