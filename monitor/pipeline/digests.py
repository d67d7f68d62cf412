"""Compose one digest: due? -> what each channel has not been told, and may be -> store. One slot, one transaction.

What a digest tells is read and composed beside the writers; the transaction that keeps it holds nothing but inserts.
The ledger's key refuses an entry that somebody told meanwhile: nothing is kept then, and the next tick begins anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from monitor.config.models import DigestSettings
from monitor.digests import rules as ruling
from monitor.digests.compose import compose
from monitor.digests.links import linked
from monitor.digests.news import await_news
from monitor.digests.rules import Alert, Hold, Ruling
from monitor.digests.schedule import due_slot, parse_schedule
from monitor.domain import (
    Closed,
    Delivery,
    Digest,
    DigestProposal,
    Event,
    Mute,
    Report,
    Story,
    Why,
)
from monitor.pipeline.storylines import expectations_of, lives_of, news_of, silences, turned
from monitor.pipeline.tools import Tools
from monitor.storage import channels, digests, drift, feeds, ledger, mutes, outbox, stories
from monitor.stories.lead import choose_lead
from monitor.stories.lifecycle import weekly_activity
from monitor.stories.origins import count_origins, count_outlets

log = structlog.get_logger()

#: An entry is looked at for alerts until it is this old. Polls run side by side: one that began earlier may be stored
#: later, under a smaller number than what was looked at already.
ALERT_SIGHT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a digest is composed for."""

    settings: DigestSettings
    #: Key of the slot.
    slot: str
    #: The window: from here to ``now``.
    after: datetime
    now: datetime
    #: Why it is sent, in words.
    reason: str
    #: Somebody asked for it, so nothing waits to settle.
    requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What one channel would get, and what it would not."""

    digest: Digest
    held: Sequence[Hold]


def compose_digest(settings: DigestSettings, tools: Tools, now: datetime) -> list[Delivery] | None:
    """Compose the digest of the slot that is due and write down what is owed; None: no slot is due, or it is held."""
    rules = tools.rules[settings.id]
    with tools.store.read() as connection:
        after = digests.start_of(connection, settings.id) or now
        slot = due_slot(parse_schedule(settings.schedule), rules.zone, after=after, now=now)
        if slot is None or ruling.waits(rules, now, digests.last_sent(connection, settings.id)):
            return None
        reason = ruling.slot_reason(rules, "schedule", slot.at, slot.missed, now)
        occasion = Occasion(settings=settings, slot=slot.key, after=after, now=now, reason=reason)
        editions = [edition(connection, occasion, channel, tools) for channel in settings.channels]
    return _keep(occasion, editions, tools)


def request_digest(settings: DigestSettings, tools: Tools, now: datetime) -> list[Delivery]:
    """Compose a digest now, whatever its schedule says. Floor and mutes hold; nothing waits."""
    slot = f"requested-{now:%Y-%m-%dT%H:%M:%S}"
    with tools.store.read() as connection:
        after = digests.start_of(connection, settings.id) or now
        occasion = Occasion(settings=settings, slot=slot, after=after, now=now, reason="requested", requested=True)
        editions = [edition(connection, occasion, channel, tools) for channel in settings.channels]
    return _keep(occasion, editions, tools) or []


def compose_alert(settings: DigestSettings, tools: Tools, now: datetime) -> list[Delivery] | None:
    """Compose what cannot wait for a slot and write down what is owed; None: there is no such thing."""
    rules = tools.rules[settings.id]
    alerts = ruling.ready(rules, now)
    if not alerts:
        return None
    with tools.store.read() as connection:
        seen_to = digests.alerts_seen_to(connection, settings.id)
        if digests.newest_report(connection, settings.story) <= seen_to:
            return None
        if ruling.alert_waits(rules, now, digests.last_sent(connection, settings.id, alerts_only=True)):
            return None
        after = digests.start_of(connection, settings.id) or now
        slot = f"alert-{now:%Y-%m-%dT%H:%M:%S}"
        occasion = Occasion(settings=settings, slot=slot, after=after, now=now, reason="alert")
        found = [_alert(connection, occasion, channel, tools, alerts, seen_to) for channel in settings.channels]
        looked_at = digests.newest_report(connection, settings.story, before=now - ALERT_SIGHT)
    editions = [one for one in found if one is not None]
    owed = _keep(occasion, editions, tools, alert=True) if editions else None
    if looked_at > seen_to and len(alerts) == len(rules.alerts):  # within quiet hours the others are still to be asked
        with tools.store.write() as connection:
            digests.see_alerts_to(connection, settings.id, looked_at)
    return owed


def _keep(
    occasion: Occasion, editions: Sequence[Edition], tools: Tools, *, alert: bool = False
) -> list[Delivery] | None:
    """Take the slot, and owe each channel its edition. None: somebody took the slot meanwhile."""
    settings, now = occasion.settings, occasion.now
    told = [one for one in editions if one.digest.events or _is_sent_empty(one.digest, settings, alert=alert)]
    parts = [part for one in told for part in tools.channels[one.digest.channel].render(one.digest)]
    # Durable: were it lost after it was sent, it would be composed anew and sent under another id.
    with tools.store.write(durable=True) as connection:
        if digests.is_composed(connection, settings.id, occasion.slot):
            return None
        key = digests.save_digest(
            connection,
            settings.id,
            occasion.slot,
            settings.story,
            window=(occasion.after, now),
            now=now,
            withheld=not told,
            alert=alert,
        )
        owed = [
            outbox.save_delivery(
                connection,
                digest_key=key,
                digest=part,
                content_type=tools.channels[part.channel].content_type,
                body=body,
                now=now,
            )
            for part, body in parts
        ]
    for one in editions:
        log.info(
            "digest",
            digest=settings.id,
            slot=occasion.slot,
            channel=one.digest.channel,
            status="composed" if one in told else "withheld",
            events=len(one.digest.events),
            entries=sum(len(event.entries) for event in one.digest.events),
            held=sum(len(hold.entries) for hold in one.held),
        )
    return owed


def _is_sent_empty(digest: Digest, settings: DigestSettings, *, alert: bool) -> bool:
    """Whether it goes out without an event: people want to know, or there is something else to tell or to ask."""
    return bool(digest.proposals) or (not alert and (settings.empty == "send" or bool(digest.marks)))


# --- What one channel gets --------------------------------------------------------------------------------------------


def edition(connection: Connection, occasion: Occasion, channel: str, tools: Tools) -> Edition:
    """The digest that this channel would get on this occasion."""
    settings = occasion.settings
    new = ledger.untold(connection, channel=channel, story=settings.story)
    events = stories.events(connection, {report.event for report in new})
    quiet = mutes.of_story(connection, settings.story)
    ruled = ruling.weigh(events, _ids(new), tools.rules[settings.id], quiet, occasion.now, settled=occasion.requested)
    questions = _questions(connection, channel, tools.matchers[settings.story].story)
    if not (occasion.requested or questions or settings.empty == "send"):
        heard = ledger.last_revisions(connection, channel, [event.id for event in events])
        oldest = min((report.first_seen for report in new), default=occasion.now)
        ruled = await_news(ruled, events, heard, slots=digests.slots_since(connection, settings.id, oldest))
    digest = _digest(connection, occasion, channel, tools, events, ruled, quiet)
    return Edition(digest=replace(digest, proposals=questions), held=ruled.held)


def _questions(connection: Connection, channel: str, story: Story) -> tuple[DigestProposal, ...]:
    """The proposed names about which this channel has not been asked."""
    names = {topic.id: topic.name or topic.id for topic in story.topics}
    return tuple(
        DigestProposal(
            id=one.id,
            term=one.term,
            topic=one.topic,
            name=names.get(one.topic, one.topic),
            origins=one.origins,
            score=one.score,
            reason=one.reason,
        )
        for one in drift.unasked(connection, channel, story.story)
    )


def _alert(
    connection: Connection,
    occasion: Occasion,
    channel: str,
    tools: Tools,
    alerts: Sequence[Alert],
    seen_to: int,
) -> Edition | None:
    """The events that this channel must be told of at once; None: there are none.

    An alert waits for nothing and asks for no score but its own; muted is muted.
    """
    story = tools.matchers[occasion.settings.story].story
    new = ledger.untold(connection, channel=channel, story=story.story, after=seen_to)
    events = stories.events(connection, {report.event for report in new})
    quiet = mutes.of_story(connection, story.story)
    held = ruling.weigh(events, _ids(new), tools.rules[occasion.settings.id], quiet, occasion.now).held
    muted = {hold.event.id for hold in held if hold.why is Why.MUTED}
    known = ruling.Known(
        revisions=ledger.last_revisions(connection, channel, [event.id for event in events]),
        expectations=turned(connection, story, occasion.now),
    )
    reasons = ruling.alarms([event for event in events if event.id not in muted], _ids(new), alerts, known)
    if not reasons:
        return None
    alarming = [event for event in events if event.id in reasons]
    # All that is new of these events goes with it, also what was looked at before and could wait.
    told = _ids(ledger.untold(connection, channel=channel, story=story.story, events=reasons.keys()))
    occasion = replace(occasion, reason=ruling.alert_reason(reasons))
    digest = _digest(connection, occasion, channel, tools, alarming, Ruling(told=told), ())
    return Edition(digest=digest, held=())


def _ids(reports: Sequence[Report]) -> frozenset[int]:
    return frozenset(report.entry_id for report in reports)


def _digest(
    connection: Connection,
    occasion: Occasion,
    channel: str,
    tools: Tools,
    events: Sequence[Event],
    ruled: Ruling,
    quiet: Sequence[Mute],
) -> Digest:
    after, now = occasion.after, occasion.now
    story = tools.matchers[occasion.settings.story].story
    times = stories.report_times(connection, story.story)
    titles = {line.id: line.title for line in story.storylines}
    closed = [row for row in channels.closed_channels(connection) if row[0] in tools.channels and row[0] != channel]
    expected = expectations_of(connection, story, now)
    lives = lives_of(connection, story, expected, times, now)
    since, told = channels.known_since(connection, channel) or now, ledger.marks(connection, channel, story.story)
    muted = {mute.storyline for mute in mutes.of_story(connection, story.story) if mute.since <= now < mute.until}
    digest = compose(
        digest_id=f"{occasion.settings.id}-{occasion.slot}",
        channel=channel,
        sequence=outbox.next_sequence(connection, channel),
        story=story,
        window_start=after,
        window_end=now,
        reason=occasion.reason,
        events=events,
        new=ruled.told,
        revisions=ledger.last_revisions(connection, channel, [event.id for event in events]),
        origins={event.id: count_origins(event.reports) for event in events},
        states={line: life.state for line, life in lives.items()},
        activity={line: weekly_activity(reported, now) for line, reported in times.items()},
        expectations=[replace(one, news=one.storyline not in muted and news_of(one, told, since)) for one in expected],
        coverage=replace(
            feeds.coverage(connection),
            held=ruling.counted(ruled, quiet, titles, now, after),
            closed=tuple(Closed(channel=name, since=since, reason=why) for name, since, why in closed),
        ),
        muted=ruled.muted,
        outlets={event.id: count_outlets(event.reports) for event in events},
        leads={event.id: _lead(event, ruled.told, occasion.settings.language) for event in events},
    )
    heard = {line: life for line, life in lives.items() if line not in muted}
    digest = replace(digest, quiet=silences(story, heard, told, since, now))
    return linked(digest, tools.config.web.public_url, name=occasion.settings.id, slot=occasion.slot)


def _lead(event: Event, told: Collection[int], language: str | None) -> tuple[int, str]:
    """The new entry that leads, and why."""
    fresh = [report for report in event.reports if report.entry_id in told]
    lead = choose_lead(fresh or event.reports, event.reports, language)
    return lead.entry_id, lead.reason
