"""The flow itself, from a feed's bytes to a receiver's answer. Read this first.

    poll_feed       fetch -> read -> decide -> match -> group -> store      one feed, one transaction
    compose_digest  due? -> what this channel has not been told -> store    one slot, one transaction
    send_delivery   send -> record the attempt                              one delivery

Each function is one unit of work: it gathers, asks the pure stages, and carries out. What it needs of the outside
world is in ``Tools``; ``scheduling`` calls it again and again, ``cli`` calls it once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import structlog
from sqlalchemy import Connection

from monitor.config.models import Config, DigestSettings
from monitor.delivery.channels import Answer, Channel
from monitor.delivery.retry import next_attempt, rests_until, state_after
from monitor.digests.compose import compose
from monitor.digests.schedule import Slot, due_slot, parse_schedule
from monitor.domain import (
    Attempt,
    Delivery,
    Digest,
    DigestExpectation,
    Entry,
    Event,
    Feed,
    Match,
    Outcome,
    Report,
    Story,
)
from monitor.errors import DeliveryError, FeedError, StorageError
from monitor.feeds.fetch import fetch
from monitor.feeds.flood import sift
from monitor.feeds.isolation import Parser
from monitor.feeds.polling import (
    ALONE_HOSTS,
    OUR_NETWORK,
    Poll,
    PollStatus,
    body_hash,
    excused,
    failed,
    paced,
    succeeded,
)
from monitor.feeds.websub import after_poll, hub_of, rested
from monitor.matching.matcher import Matcher
from monitor.storage import entries, feeds, outbox, stories, subscriptions
from monitor.storage.entries import StoredEntry
from monitor.storage.store import Store
from monitor.stories.events import WINDOW, Beat, place
from monitor.stories.expectations import judge, storyline_state
from monitor.stories.origins import count_origins

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the flow needs of the outside world; ``app`` puts it together."""

    config: Config
    store: Store
    #: The guarded HTTP client of the calling thread.
    client: Callable[[], httpx.Client]
    parser: Parser
    #: By story id.
    matchers: Mapping[str, Matcher]
    #: What grouping knows of each story beforehand, by story id.
    beats: Mapping[str, Beat]
    #: By channel id.
    channels: Mapping[str, Channel]


# --- Poll -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What one poll brought."""

    poll: Poll
    #: Entries that the feed had not shown before.
    new: int = 0
    #: Of these, the ones that belong to a story.
    matched: int = 0
    #: The new ones themselves.
    fresh: tuple[Entry, ...] = ()
    #: How many entries were read; once all is done with them they are not kept.
    read: int = 0


def poll_feed(feed: Feed, tools: Tools, now: datetime) -> Intake:
    """Poll one feed and store what came of it. A bad feed is a result, not an exception."""
    began = time.monotonic()
    poll = ask(feed, tools, now)
    intake = take_in(poll, tools, now)
    heed_hub(intake, tools, now)
    log.info(
        "poll",
        feed=feed.label,
        status=poll.status.value,
        new=intake.new,
        matched=intake.matched,
        ms=round((time.monotonic() - began) * 1000),
        **({"error": poll.error} if poll.error else {}),
    )
    return replace(intake, poll=replace(intake.poll, entries=()), fresh=())  # 10,000 first polls would fill the memory


def ask(feed: Feed, tools: Tools, now: datetime) -> Poll:
    """Fetch and read a feed, and decide what that means for it."""
    limits = tools.config.polling
    try:
        document = fetch(tools.client(), feed, timeout=limits.timeout, max_bytes=limits.max_body_bytes)
        if document.body is None or body_hash(document.body) == feed.state.body_hash:
            return succeeded(feed, document, None, now)
        parsed = tools.parser.read(document, feed.url, feed.state.marks)
    except FeedError as error:
        return failed(feed, error, now)
    return replace(succeeded(feed, document, parsed, now), hub=hub_of(document, parsed))


def take_in(poll: Poll, tools: Tools, now: datetime) -> Intake:
    """Store a poll: the feed's state, its new and edited entries, and what the stories see in them."""
    feed = poll.feed
    known: dict[str, str] = {}
    unknown: list[Entry] = []
    familiar: set[str] = set()
    crowd = 1
    if poll.entries or not feed.state.primed:
        with tools.store.read() as connection:
            known = entries.known(connection, feed.url, [entry.identity for entry in poll.entries])
            unknown = [entry for entry in poll.entries if entry.identity not in known]
            familiar = entries.familiar(connection, feed.url, unknown) if unknown and feed.state.primed else set()
            crowd = 1 if feed.state.primed else feeds.crowd(connection, feed.host)
    sifted = sift(unknown, familiar, feed.state.floods)
    edited = [entry for entry in poll.entries if known.get(entry.identity, "") not in {"", entries.content_hash(entry)}]
    if poll.error is None:
        state = replace(poll.state, floods=sifted.floods)
        poll = paced(replace(poll, state=state), now, new=bool(sifted.new), crowd=crowd)
    seen = {entry.identity: see(entry, feed, tools.matchers) for entry in (*sifted.new, *edited)}
    prepare((*sifted.new, *edited), seen, tools, now)
    primed = tools.config.polling.prime and not feed.state.primed
    with tools.store.write() as connection:
        if seen:
            stories.hold(connection, tools.matchers)
        feeds.save_state(connection, feed.url, poll.state)
        if poll.rest:
            feeds.rest_host(connection, poll.rest.host, poll.rest.until, now)
        stored = entries.add(connection, sifted.new, now=now, primed=primed)
        revised = [kept for entry in edited if (kept := entries.revise(connection, entry, now))]
        reports = relate(connection, [*stored, *revised], seen, tools.matchers, tools.beats)
    matched = len({report.entry_id for report in reports})
    fresh = tuple(entry.entry for entry in stored)
    return Intake(poll=poll, new=len(stored), matched=matched, fresh=fresh, read=len(poll.entries))


def excuse(tools: Tools, now: datetime) -> int:
    """If no server at all was reached of late, it is our own network that is down: take the blame off the feeds.

    The number of feeds whose last poll does not count.
    """
    with tools.store.read() as connection:
        unheard = feeds.unheard(connection)
    blamed = [feed for feed in unheard if feed.state.error != OUR_NETWORK]
    if not blamed or len({feed.host.partition(":")[0] for feed in unheard}) < ALONE_HOSTS:
        return 0
    with tools.store.write() as connection:
        for feed in blamed:
            feeds.save_state(connection, feed.url, excused(feed, now))
    log.warning("network", status="down", feeds=len(unheard))
    return len(blamed)


def heed_hub(intake: Intake, tools: Tools, now: datetime) -> None:
    """After a poll: want a subscription where the feed names a hub, and poll it rarely while its hub pushes."""
    poll, settings = intake.poll, tools.config
    if not settings.web.public_url:
        return
    if poll.status is PollStatus.GONE:
        with tools.store.write() as connection:
            subscriptions.end_unlisted(connection, now)
    if poll.error is not None:
        return
    with tools.store.read() as connection:
        known = subscriptions.of_feed(connection, poll.feed.url)
    wanted = known
    if poll.status is PollStatus.OK:
        token, secret = secrets.token_urlsafe(32), secrets.token_hex(32)
        wanted = after_poll(known, poll, intake.fresh, now, token=token, secret=secret)
    state = rested(poll.state, wanted, settings.polling.pushed_interval, now)
    if wanted == known and state == poll.state:
        return
    with tools.store.write() as connection:
        if subscriptions.of_feed(connection, poll.feed.url) != known:
            return  # its hub has called meanwhile: the next poll sees what came of it
        feeds.save_state(connection, poll.feed.url, state)
        if wanted is not None:
            subscriptions.save(connection, wanted)
    if wanted is not None and wanted.reason and wanted != known:
        log.info("websub", feed=poll.feed.label, hub=wanted.hub, status=wanted.state.value, reason=wanted.reason)


def prepare(found: Sequence[Entry], seen: Mapping[str, Mapping[str, Match]], tools: Tools, now: datetime) -> None:
    """Work out beforehand what placing these entries will ask for: no transaction waits for a sentence encoder."""
    for story, beat in tools.beats.items():
        held = [entry for entry in found if seen[entry.identity][story].held]
        if not held or beat.meaning is None:
            continue
        oldest = min(entry.reported_at(now) for entry in held)
        with tools.store.read() as connection:
            events = stories.events_since(connection, story, oldest - WINDOW)
        beat.meaning.prepare([*held, *(report.entry for event in events for report in event.reports)])


def see(entry: Entry, feed: Feed, matchers: Mapping[str, Matcher]) -> Mapping[str, Match]:
    """What each story sees in an entry."""
    return {story: matcher.match(entry, feed_tags=feed.tags) for story, matcher in matchers.items()}


def relate(
    connection: Connection,
    stored: Sequence[StoredEntry],
    seen: Mapping[str, Mapping[str, Match]],
    matchers: Mapping[str, Matcher],
    beats: Mapping[str, Beat],
) -> list[Report]:
    """Store what the stories see in these entries, and let each that belongs join its event; the new reports."""
    made: list[Report] = []
    if not stored:
        return made
    for story, matcher in matchers.items():
        matches = [(entry, seen[entry.entry.identity][story]) for entry in stored]
        reported = stories.reported(connection, story, [entry.id for entry, _ in matches])
        for entry, match in matches:
            if entry.id in reported:
                stories.refresh_report(connection, entry.id, match, entry.entry.reported_at(entry.first_seen))
            else:
                stories.save_match(connection, entry.id, match)
        held = [(entry, match) for entry, match in matches if match.held]
        oldest = min((entry.entry.reported_at(entry.first_seen) for entry, _ in held), default=None)
        events = stories.events_since(connection, story, oldest - WINDOW) if oldest else []
        for entry, match in held:
            answered = matcher.expectation_hits(entry.entry, match)
            stories.save_answers(connection, story, answered, entry.id, entry.entry.reported_at(entry.first_seen))
            if entry.id in reported:
                continue
            report = place(
                entry.id,
                entry.entry,
                match,
                events,
                beat=beats[story],
                first_seen=entry.first_seen,
                primed=entry.primed,
            )
            stories.save_report(connection, report)
            events = joined(events, report)
            made.append(report)
    return made


def joined(events: Sequence[Event], report: Report) -> list[Event]:
    """The events with one more report: in its own event, or as a new one."""
    if not any(event.id == report.event for event in events):
        return [*events, Event(id=report.event, story=report.match.story, reports=(report,))]
    return [replace(event, reports=(*event.reports, report)) if event.id == report.event else event for event in events]


# --- Compose ----------------------------------------------------------------------------------------------------------


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
    told = {channel: digest for channel, (digest, _) in editions.items() if digest.events or settings.empty == "send"}
    key = outbox.save_digest(
        connection, settings.id, slot.key, settings.story, window=(after, now), now=now, withheld=not told
    )
    for channel, (digest, _) in editions.items():
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
            digest=digest,
            told_entries=editions[channel][1],
            content_type=tools.channels[channel].content_type,
            body=tools.channels[channel].render(digest),
            now=now,
        )
        for channel, digest in told.items()
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
) -> tuple[Digest, Collection[int]]:
    """The digest that this channel would get now, and the entries that are new to it."""
    story = tools.matchers[settings.story].story
    new = outbox.untold(connection, channel=channel, story=story.story)
    unheard = {report.entry_id for report in new}
    events = stories.events(connection, {report.event for report in new})
    times = stories.report_times(connection, story.story)
    digest = compose(
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
        expectations=expectations_of(connection, story, now),
        coverage=feeds.coverage(connection),
        links={},
    )
    return digest, unheard


def expectations_of(connection: Connection, story: Story, now: datetime) -> list[DigestExpectation]:
    """How each thing that the story expects stands now."""
    answers = stories.answers(connection, story.story)
    return [
        judge(expectation, line.id, answers.get(expectation.id, ()), now)
        for line in story.storylines
        for expectation in line.expects
    ]


# --- Deliver ----------------------------------------------------------------------------------------------------------


def send_delivery(
    delivery: Delivery, tools: Tools, now: datetime, *, jitter: float, again: Callable[[], bool] = lambda: False
) -> Attempt:
    """Send one delivery and record the attempt. A failure is a result, not an exception.

    jitter  -1 to 1: where in its band the next try falls, so that many do not return at once
    again   asked when the attempt could not be stored: True to try that once more, after a pause of its own. What the
            receiver said stands, so it is never sent again for it; False raises StorageError
    """
    answer, elapsed = hand_over(delivery, tools, now)
    while True:
        try:
            return record_attempt(delivery, answer, tools, now, jitter=jitter, elapsed=elapsed)
        except StorageError:
            log.exception("delivery", webhook_id=delivery.webhook_id, status="not-recorded")
            if not again():
                raise


def hand_over(delivery: Delivery, tools: Tools, now: datetime) -> tuple[Answer | DeliveryError, timedelta]:
    """Try once to send a delivery: what came of it, and how long it took. Nothing is written down."""
    began = time.monotonic()
    try:
        answer: Answer | DeliveryError = tools.channels[delivery.channel].send(delivery, now)
    except DeliveryError as error:
        answer = error
    except Exception as error:  # a bug of this channel: recorded with its delivery, and the others go on
        log.exception("delivery", webhook_id=delivery.webhook_id, channel=delivery.channel, status="crashed")
        answer = DeliveryError(f"unexpected {type(error).__name__}", Outcome.RETRY)
    return answer, timedelta(seconds=time.monotonic() - began)


def record_attempt(
    delivery: Delivery,
    answer: Answer | DeliveryError,
    tools: Tools,
    now: datetime,
    *,
    jitter: float,
    elapsed: timedelta = timedelta(),
) -> Attempt:
    """Write down what came of one try at a delivery, and when the next one is due."""
    if isinstance(answer, DeliveryError):
        outcome, wait, detail = answer.outcome, answer.retry_after, f"{answer} {answer.answer}".strip()
    else:
        outcome, wait, detail = Outcome.DELIVERED, None, answer.detail
    attempt = Attempt(
        delivery_id=delivery.id,
        at=now,
        outcome=outcome,
        duration_ms=round(elapsed.total_seconds() * 1000),
        status=answer.status,
        detail=detail,
    )
    again = next_attempt(delivery.attempts + 1, now, outcome=outcome, retry_after=wait, jitter=jitter)
    with tools.store.write() as connection:
        outbox.record(
            connection,
            attempt,
            state=state_after(outcome, again),
            next_attempt_at=again,
            rests_until=rests_until(now, outcome=outcome, retry_after=wait),
        )
        if outcome is Outcome.GONE:
            outbox.disable_channel(connection, delivery.channel, now, "the receiver answered 410 Gone")
    log.info(
        "delivery",
        digest=delivery.digest,
        channel=delivery.channel,
        webhook_id=delivery.webhook_id,
        attempt=delivery.attempts + 1,
        status=outcome.value,
        ms=attempt.duration_ms,
        **({"detail": detail[:200]} if outcome is not Outcome.DELIVERED else {}),
        **({"next": f"{again:%Y-%m-%dT%H:%M:%SZ}"} if again else {}),
    )
    return attempt
