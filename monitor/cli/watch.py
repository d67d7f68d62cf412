"""The watch itself: the daemon, its ticks by hand, one poll, one document."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from monitor import __version__
from monitor.cli.common import (
    DEFAULT_CONFIG,
    At,
    ConfigDir,
    Json,
    ago,
    dump,
    fail,
    load_config,
    log_to,
    moment,
    out,
    stamp,
    tools_for,
)
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.pipeline import Tools
    from monitor.scheduling import Daemon


#: What the daemon listens to: stop, stop (Ctrl-C), read the configuration again.
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def run(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Watch: poll, compose and deliver until told to stop (SIGTERM, Ctrl-C); SIGHUP reads the configuration again."""
    from monitor import app
    from monitor.cli.page import NEEDS_EXTRA, has_extra, host_for, open_page
    from monitor.scheduling import Daemon

    with ExitStack() as stack:
        tools = stack.enter_context(tools_for(config, exclusive=True))
        # Blocked before any thread begins, so that they reach nobody but `sigwait` below, whatever thread they hit.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        log_to(sys.stdout)
        daemon = Daemon(tools)
        page_url = None
        if tools.config.web.bind and has_extra():
            host = host_for(
                config, lambda: daemon.tools, lambda new: setattr(daemon, "tools", new), lambda: daemon.last
            )
            page_url = open_page(stack, tools.config.web.bind, host)
        elif tools.config.web.bind:
            out(NEEDS_EXTRA)
        for line in introduction(tools, datetime.now(UTC), page_url):
            out(line)
        daemon.start()
        stack.callback(daemon.shutdown)
        while signal.sigwait(SIGNALS) == signal.SIGHUP:
            _reload(config, daemon, app)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # told a second time it ends at once; the database is sound
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        out("stopping: nothing new is begun, what is under way has a few seconds")
    out("stopped; what is owed is kept")
    sys.stdout.flush()
    os._exit(0)  # a poll that outlived its grace must not hold the process


def _reload(folder: Path, daemon: Daemon, app: Any) -> None:
    """Take up a changed configuration; if it cannot be, that is told, and the old one stays."""
    before = daemon.tools
    try:
        tools = app.wire(load_config(folder), before.store, before.parser)
        app.register(tools, datetime.now(UTC))
    except MonitorError as error:  # a mistake in it, or a database that is busy
        out(f"the configuration was not taken up, the one before stays:\n{error}")
        return
    daemon.tools = tools
    out("the configuration was read again and taken up")
    if (tools.config.storage, tools.config.web) != (before.config.storage, before.config.web):
        out("storage and web stay as they were until a restart")


def introduction(tools: Tools, now: datetime, page_url: str | None) -> list[str]:
    """What is watched, when it is polled next, where the digests go."""
    from monitor.digests.schedule import next_slot, parse_schedule
    from monitor.storage import feeds

    config = tools.config
    with tools.store.read() as connection:
        next_poll = feeds.next_due_at(connection)
        due = len(feeds.due(connection, now, limit=len(config.feeds)))
    lines = [
        f"monitor {__version__}, database {tools.store.name}",
        *([f"the page is at {page_url}/, health at {page_url}/healthz"] if page_url else []),
    ]
    for story in config.stories:
        topics = "; ".join(topic.name or topic.id for topic in story.topics)
        lines.append(f"watching {story.story}: {len(story.storylines)} storylines on {topics}")
    when = f"{due} now" if due else f"next {ago(next_poll, now)}" if next_poll else "none is configured"
    lines.append(f"polling {len(config.feeds)} feeds: {when}")
    kinds = {channel.id: channel.type for channel in config.channels}
    for digest in config.digests:
        zone = ZoneInfo(digest.zone)
        at = next_slot(parse_schedule(digest.schedule), zone, after=now).astimezone(zone)
        to = ", ".join(f"{channel} ({kinds[channel]})" for channel in digest.channels)
        lines.append(f"digest {digest.id} of {digest.story}: next {at:%a %d %b %H:%M:%S} {digest.zone}, to {to}")
    if not config.digests:
        lines.append("no digest is configured: nobody will be told")
    return lines


def tick(
    config: ConfigDir = DEFAULT_CONFIG,
    at: At = None,
) -> None:
    """Poll what is due, compose the digests that are due, deliver what is owed; once."""
    now = moment(at)
    with tools_for(config, now=now, exclusive=True) as tools:
        from monitor.scheduling import compose_due, deliver_due, poll_due, prune_old, wall_clock

        clock = wall_clock if now is None else lambda: now
        stop = threading.Event()
        polled = poll_due(tools, clock, stop)
        owed = compose_due(tools, clock)
        attempts = deliver_due(tools, clock, stop)
        prune_old(tools, clock, stop)
        new, matched = sum(intake.new for intake in polled), sum(intake.matched for intake in polled)
        out(f"{len(polled)} polls, {new} new entries, {matched} matched; {owed} deliveries owed, {len(attempts)} tried")


def poll(
    config: ConfigDir = DEFAULT_CONFIG,
    all_feeds: Annotated[bool, typer.Option("--all", help="Every feed, due or not.")] = False,
    due: Annotated[bool, typer.Option("--due", help="The feeds that are due (the default).")] = False,
    feed: Annotated[str | None, typer.Option(help="This feed only.")] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Poll feeds once."""
    if all_feeds + due + (feed is not None) > 1:
        fail("give one of --all, --due and --feed", code=2)
    now = moment(at)
    with tools_for(config, now=now, exclusive=True) as tools:
        import time

        from monitor.feeds.polling import PollStatus
        from monitor.scheduling import poll_all, poll_due, wall_clock
        from monitor.storage import feeds

        clock = wall_clock if now is None else lambda: now
        began = time.monotonic()
        stop = threading.Event()
        if all_feeds or feed:
            with tools.store.read() as connection:
                wanted = feeds.listed(connection)
            wanted = [known for known in wanted if feed in {known.url, known.title} or not (feed or known.state.gone)]
            if not wanted:
                from monitor.domain import without_login

                fail(
                    f"no feed {without_login(feed)!r} is configured; `monitor feeds list` shows them"
                    if feed
                    else "no feed is configured"
                )
            polled = poll_all(wanted, tools, clock, stop)
        else:
            polled = poll_due(tools, clock, stop)
        counts = [intake.poll.status for intake in polled]
        unchanged = sum(status in {PollStatus.NOT_MODIFIED, PollStatus.SAME} for status in counts)
        bad = [intake.poll for intake in polled if intake.poll.error is not None]
        answer = {
            "feeds": len(polled),
            "ok": len(polled) - unchanged - len(bad),
            "not_modified": unchanged,
            "failed": len(bad),
            "entries": sum(intake.read for intake in polled),
            "new_entries": sum(intake.new for intake in polled),
            "matched": sum(intake.matched for intake in polled),
            "seconds": round(time.monotonic() - began, 3),
        }
        if as_json:
            out(dump(answer))
            raise typer.Exit(1 if feed and bad else 0)
        out(", ".join(f"{value} {key.replace('_', ' ')}" for key, value in answer.items()))
        for failure in bad:
            out(f"  {failure.feed.name}: {failure.error}")
        if feed and bad:
            raise typer.Exit(1)


def parse(
    file: Annotated[Path, typer.Argument(help="A body as it came over the wire.")],
    headers: Annotated[str, typer.Option(help="The answer's headers as a JSON object.")] = "{}",
    url: Annotated[str, typer.Option(help="Where it came from.")] = "http://localhost/feed",
    as_json: Json = False,
) -> None:
    """Read one document as a poll would, and show the entries that would be stored."""
    from monitor.feeds.isolation import read_file

    try:
        named = {str(key).lower(): str(value) for key, value in json.loads(headers).items()}
    except (ValueError, AttributeError):
        fail("--headers is no JSON object", code=2)
    try:
        parsed = read_file(file, named, url)
    except (MonitorError, OSError) as error:
        if as_json:
            out(dump({"error": str(error), "feed": {"title": "", "site_url": None}, "entries": []}))
            raise typer.Exit(1) from error
        fail(f"{file}: {error}")
    if not as_json:
        out(f"{parsed.title or url}: {len(parsed.entries)} entries")
        for entry in parsed.entries:
            out(f"  {stamp(entry.published) or 'undated':20}  {entry.title}")
        return
    rows = [
        {
            "id": entry.guid,
            "identity": entry.identity,
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "published": stamp(entry.published),
            "updated": stamp(entry.updated),
        }
        for entry in parsed.entries
    ]
    out(dump({"error": None, "feed": {"title": parsed.title, "site_url": parsed.site_url}, "entries": rows}))


def health(config: ConfigDir = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """How the watch is: feeds that fail, deliveries that are owed or were given up. Exit 1 if people should look."""
    with tools_for(config) as tools:
        from monitor.meaning import MISSING, available
        from monitor.storage import channels, feeds, outbox

        with tools.store.read() as connection:
            coverage = feeds.coverage(connection)
            owed, given_up = outbox.count_owed(connection), outbox.count_failed(connection)
            configured = {channel.id for channel in tools.config.channels}
            closed = [row for row in channels.closed_channels(connection) if row[0] in configured]
        lacking = "" if available() else MISSING
        if as_json:
            gaps = [{"feed": gap.feed, "reason": gap.reason} for gap in coverage.gaps]
            out(
                dump(
                    {
                        "feeds_ok": coverage.feeds_ok,
                        "feeds_failing": coverage.feeds_failing,
                        "gaps": gaps,
                        "deliveries_owed": owed,
                        "deliveries_failed": given_up,
                        "channels_closed": [{"channel": channel, "reason": reason} for channel, _, reason in closed],
                        "lacking": lacking,
                    }
                )
            )
        else:
            out(f"feeds: {coverage.feeds_ok} ok, {coverage.feeds_failing} failing")
            for gap in coverage.gaps:
                out(f"  {gap.feed}: {gap.reason}")
            out(f"deliveries: {owed} owed, {given_up} given up (`monitor deliveries list --failed`, `dismiss`)")
            for channel, since, reason in closed:
                out(f"channel {channel} is closed since {stamp(since)}: {reason}; `monitor deliveries resume` opens it")
            if lacking:
                out(f"lacking: {lacking}")
        if coverage.feeds_failing or given_up or closed:
            raise typer.Exit(1)
