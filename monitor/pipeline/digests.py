"""Compose one digest: due? -> what each channel has not been told -> store. One slot, one transaction."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from monitor.config.models import DigestSettings
from monitor.digests.compose import compose
from monitor.digests.schedule import Slot, due_slot, parse_schedule
from monitor.domain import (
    Delivery,
    Digest,
    DigestExpectation,
    Story,
)
from monitor.pipeline.tools import Tools
from monitor.storage import feeds, outbox, stories
from monitor.stories.expectations import judge, storyline_state, weekly_activity
from monitor.stories.origins import count_origins

log = structlog.get_logger()


def compose_digest(settings: DigestSettings, tools: Tools, now: datetime) -> list[Delivery] | None:
    """Compose the digest of the slot that is due and write down what is owed; None: no slot is due."""
    with tools.store.read() as connection:
        if _due(connection, settings, now)[0] is None:
            return None
    with tools.store.write() as connection:
        slot, after = _due(connection, settings, now)  # asked again: somebody may have composed it meanwhile
        return None if slot is None else _compose(connection, settings, tools, slot, after, now, "schedule")


def _due(connection: Connection, settings: DigestSettings, now: datetime) -> tuple[Slot | None, datetime]:
    """The slot that is due, if any, and where its window begins."""
    after = outbox.start_of(connection, settings.id) or now
    return due_slot(parse_schedule(settings.schedule), ZoneInfo(settings.zone), after=after, now=now), after


def request_digest(settings: DigestSettings, tools: Tools, now: datetime) -> list[Delivery]:
    """Compose a digest now, whatever its schedule says."""
    slot = Slot(key=f"requested-{now:%Y-%m-%dT%H:%M:%S}", at=now, missed=0)
    with tools.store.write() as connection:
        after = outbox.start_of(connection, settings.id) or now
        return _compose(connection, settings, tools, slot, after, now, "requested")


def _compose(
    connection: Connection,
    settings: DigestSettings,
    tools: Tools,
    slot: Slot,
    after: datetime,
    now: datetime,
    reason: str,
) -> list[Delivery]:
    editions = {
        channel: edition(connection, settings, slot.key, channel, tools, after, now, _why(reason, slot.missed))
        for channel in settings.channels
    }
    told = {channel: digest for channel, digest in editions.items() if digest.events or settings.empty == "send"}
    key = outbox.save_digest(
        connection, settings.id, slot.key, settings.story, window=(after, now), now=now, withheld=not told
    )
    for channel, digest in editions.items():
        log.info(
            "digest",
            digest=settings.id,
            slot=slot.key,
            channel=channel,
            status="composed" if channel in told else "withheld",
            events=len(digest.events),
            entries=sum(len(event.entries) for event in digest.events),
        )
    return [
        outbox.save_delivery(
            connection,
            digest_key=key,
            digest=part,
            content_type=tools.channels[channel].content_type,
            body=body,
            now=now,
        )
        for channel, digest in told.items()
        for part, body in tools.channels[channel].render(digest)
    ]


def _why(reason: str, missed: int) -> str:
    if not missed:
        return reason
    return f"{reason}; stands for {missed + 1} slots, {missed} of them missed"


def edition(
    connection: Connection,
    settings: DigestSettings,
    slot: str,
    channel: str,
    tools: Tools,
    after: datetime,
    now: datetime,
    reason: str,
) -> Digest:
    """The digest that this channel would get now."""
    story = tools.matchers[settings.story].story
    new = outbox.untold(connection, channel=channel, story=story.story)
    unheard = {report.entry_id for report in new}
    events = stories.events(connection, {report.event for report in new})
    times = stories.report_times(connection, story.story)
    return compose(
        digest_id=f"{settings.id}-{slot}",
        channel=channel,
        sequence=outbox.next_sequence(connection, channel),
        story=story,
        window_start=after,
        window_end=now,
        reason=reason,
        events=events,
        new=unheard,
        revisions=outbox.last_revisions(connection, channel, [event.id for event in events]),
        origins={event.id: count_origins(event.reports) for event in events},
        states={line: storyline_state(reported, now) for line, reported in times.items()},
        activity={line: weekly_activity(reported, now) for line, reported in times.items()},
        expectations=expectations_of(connection, story, now),
        coverage=feeds.coverage(connection),
        links={},
    )


def expectations_of(connection: Connection, story: Story, now: datetime) -> list[DigestExpectation]:
    """How each thing that the story expects stands now."""
    answers = stories.answers(connection, story.story)
    return [
        judge(expectation, line.id, answers.get(expectation.id, ()), now)
        for line in story.storylines
        for expectation in line.expects
    ]
