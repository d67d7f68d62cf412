"""Poll one feed: fetch -> read -> decide -> match -> group -> store. One feed, one transaction."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from monitor.domain import Bearing, Entry, Feed, Report, Statement, Story
from monitor.errors import FeedError
from monitor.feeds.fetch import fetch
from monitor.feeds.flood import sift
from monitor.feeds.polling import (
    ALONE_HOSTS,
    OUR_NETWORK,
    Poll,
    PollStatus,
    as_asked,
    body_hash,
    excused,
    failed,
    paced,
    succeeded,
)
from monitor.feeds.websub import after_poll, hub_of, rested
from monitor.matching.matcher import Matcher, Sight
from monitor.pipeline.drift import listen
from monitor.pipeline.grouping import group, is_cold, warm
from monitor.pipeline.tools import Tools
from monitor.storage import entries, expectations, feeds, stories, subscriptions
from monitor.storage.entries import StoredEntry
from monitor.stories.claims import read_statement
from monitor.stories.expectations import TRUSTED_TAGS
from monitor.stories.likeness import Beat

log = structlog.get_logger()


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
        document = fetch(tools.client(), as_asked(feed, now), timeout=limits.timeout, max_bytes=limits.max_body_bytes)
        if document.body is None or body_hash(document.body) == feed.state.body_hash:
            return succeeded(feed, document, None, now)
        parsed = tools.parser.read(document, feed.url, feed.state.marks)
    except FeedError as error:
        return failed(feed, error, now)
    return replace(succeeded(feed, document, parsed, now), hub=hub_of(document, parsed))


def take_in(poll: Poll, tools: Tools, now: datetime) -> Intake:
    """Store a poll: the feed's state, its new and edited entries, and what the stories see in them."""
    feed = poll.feed
    if not poll.entries and feed.state.primed:  # most polls: nothing came, and the decision stands as it is
        with tools.store.write() as connection:
            _save(connection, poll, now)
        return Intake(poll=poll)
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
        if not feeds.holds(connection, feed):
            log.warning("poll", feed=feed.label, status="overtaken")  # another worker has read what we have, and later
            return Intake(poll=poll, read=len(poll.entries))
        if seen:
            stories.hold(connection, tools.matchers)
        _save(connection, poll, now)
        stored = entries.add(connection, sifted.new, now=now, primed=primed)
        revised = [kept for entry in edited if (kept := entries.revise(connection, entry, now))]
        reports = relate(connection, stored, seen, tools.matchers, tools.beats, edited=revised, feed_tags=feed.tags)
    matched = len({report.entry_id for report in reports})
    fresh = tuple(entry.entry for entry in stored)
    return Intake(poll=poll, new=len(stored), matched=matched, fresh=fresh, read=len(poll.entries))


def _save(connection: Connection, poll: Poll, now: datetime) -> None:
    feeds.save_state(connection, poll.feed.url, poll.state)
    if poll.rest:
        feeds.rest_host(connection, poll.rest.host, poll.rest.until, now)


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


def prepare(found: Sequence[Entry], seen: Mapping[str, Mapping[str, Sight]], tools: Tools, now: datetime) -> None:
    """Work out beforehand what placing these entries will ask for: no transaction waits for a sentence encoder."""
    for story, beat in tools.beats.items():
        held = [entry for entry in found if seen[entry.identity][story].match.held]
        if not held:
            continue
        if beat.meaning is not None:
            beat.meaning.prepare(held)
        if is_cold(beat, now):
            with tools.store.read() as connection:
                warm(connection, story, beat, now)


def see(entry: Entry, feed: Feed, matchers: Mapping[str, Matcher]) -> Mapping[str, Sight]:
    """What each story sees in an entry."""
    return {story: matcher.look(entry, feed_tags=feed.tags) for story, matcher in matchers.items()}


def relate(
    connection: Connection,
    stored: Sequence[StoredEntry],
    seen: Mapping[str, Mapping[str, Sight]],
    matchers: Mapping[str, Matcher],
    beats: Mapping[str, Beat],
    *,
    edited: Sequence[StoredEntry] = (),
    feed_tags: Sequence[str] = (),
) -> list[Report]:
    """Store what the stories see in these new entries, and let each that belongs join its event; the new reports.

    edited     entries that were stored before, and say something else now
    feed_tags  those configured for the feed that all the entries come from
    """
    made: list[Report] = []
    if not stored and not edited:
        return made
    again = [entry.id for entry in edited]
    for story, matcher in matchers.items():
        matches = [(entry, seen[entry.entry.identity][story].match) for entry in (*stored, *edited)]
        reported = stories.reported(connection, story, again)
        stories.save_matches(connection, [(entry.id, match) for entry, match in matches if entry.id not in reported])
        for entry, match in matches:
            if entry.id in reported:
                stories.refresh_report(connection, entry.id, match, entry.entry.reported_at(entry.first_seen))
        held = [(entry, match) for entry, match in matches if match.held]
        expectations.retract_statements(connection, story, again)
        for entry, _ in held:
            bearings = seen[entry.entry.identity][story].bearings
            said = said_of_expectations(entry, bearings, matcher.story, feed_tags) if bearings else []
            at = entry.entry.reported_at(entry.first_seen)
            expectations.save_statements(connection, story, entry.id, said, at)
        made += group(
            connection, story, [(entry, match) for entry, match in held if entry.id not in reported], beats[story]
        )
        listen(connection, beats[story].known, story, matches)
    return made


def said_of_expectations(
    entry: StoredEntry, bearings: Sequence[Bearing], story: Story, feed_tags: Sequence[str]
) -> list[Statement]:
    """What an entry says of what the story expects."""
    expected = {one.id: one for line in story.storylines for one in line.expects}
    said_on = entry.entry.reported_at(entry.first_seen).date()
    trusted = not TRUSTED_TAGS.isdisjoint(feed_tags)
    said = (read_statement(entry.entry, expected[b.expectation], b, said_on, trusted=trusted) for b in bearings)
    return [statement for statement in said if statement]
