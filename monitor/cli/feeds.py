"""Feeds: those that are followed, found, added, taken out, brought along from another reader and given to one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    ConfigDir,
    Json,
    ago,
    fail,
    load_config,
    out,
    show,
    stamp,
    told_errors,
    tools_for,
)
from monitor.domain import Feed, FeedState, without_login

if TYPE_CHECKING:
    from monitor.config.models import Config, FeedSettings
    from monitor.following import Prober

feeds = typer.Typer(no_args_is_help=True)

Which = Annotated[str, typer.Argument(help="Address of the feed, or its handle from `monitor feeds list --json`.")]

TAKEN_UP = "a running monitor takes it up on SIGHUP, or when it is restarted"


@feeds.command("list")
def list_feeds(config: ConfigDir = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Every configured feed, with how its last poll went and when the next one is."""
    with tools_for(config) as tools:
        from monitor.feeds.polling import notices
        from monitor.storage import feeds as stored
        from monitor.storage import subscriptions

        with tools.store.read() as connection:
            known = {feed.url: feed for feed in stored.listed(connection)}
            pushes = subscriptions.states(connection)
        now = datetime.now(UTC)
        rows = []
        for settings in tools.config.feeds:
            state = known[settings.url].state if settings.url in known else FeedState()
            paused = settings.url in known and known[settings.url].paused
            rows.append(
                {
                    "feed": Feed(url=settings.url, title=settings.title, state=state).name,
                    "url": without_login(settings.url),
                    "handle": Feed(url=settings.url).handle,
                    "tags": ",".join(settings.tags),
                    "status": "paused"
                    if paused
                    else "gone"
                    if state.gone
                    else "failing"
                    if state.error
                    else "ok"
                    if state.primed
                    else "new",
                    "polled": stamp(state.last_poll_at) if as_json else ago(state.last_poll_at, now),
                    "next": None if paused else stamp(state.next_poll_at) if as_json else _next(state, now),
                    "error": state.error,
                    "notice": "; ".join(notices(known[settings.url])) if settings.url in known else "",
                    "hub": pushes.get(settings.url),
                }
            )
        columns: tuple[str, ...] = ("feed", "status", "polled", "next", "error")
        columns += tuple(name for name in ("notice", "hub") if any(row[name] for row in rows))
        show(rows, columns, as_json=as_json, empty="No feed is configured: `monitor feeds add URL` adds one.")


def _status(state: FeedState, *, paused: bool) -> str:
    if paused:
        return "paused"
    return "gone" if state.gone else "failing" if state.error else "ok" if state.primed else "new"


def _next(state: FeedState, now: datetime) -> str:
    return "-" if state.gone else ago(state.next_poll_at, now) if state.next_poll_at else "now"


@feeds.command("discover")
def discover_feeds(
    url: Annotated[str, typer.Argument(help="Address of a page.")],
    config: ConfigDir = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """The feeds that a page offers. Exit 1 if there is none."""
    from monitor.following import web_address

    with told_errors(), asking(load_config(config)) as prober:
        found = prober.discover(web_address(url))
    rows = [{"url": without_login(one.url), "title": one.title, "how": one.source.value} for one in found]
    show(rows, ("url", "title", "how"), as_json=as_json, empty=f"{without_login(url)}: no feed was found")
    if not found:
        raise typer.Exit(1)


@feeds.command("add")
def add_feed(
    url: Annotated[str, typer.Argument(help="Address of a feed, or of a page that offers one.")],
    title: Annotated[str, typer.Option(help="What to call it.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be given several times.")] = None,
    interval: Annotated[str | None, typer.Option(help="Its own time between polls, as in 30m.")] = None,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Find the feed, read it once to see that it is one, and write it into monitor.yaml."""
    from monitor.following import web_address

    with told_errors():
        found = load_config(config)
        # Before anything is asked: a slip of the pen should cost nobody a request.
        check = settings_of(url=web_address(url), title=title, tags=tag or (), interval=interval)
        refuse_known(found, check.url)
        with asking(found) as prober:
            offered = prober.discover(check.url)
            if not offered:
                fail(f"{without_login(url)}: no feed was found; give the feed's own address")
            address = offered[0].url
            refuse_known(found, address)
            parsed = prober.read(prober.get(address), address)
        from monitor.config.editing import MainFile

        new = settings_of(url=address, title=title, tags=tag or (), interval=interval)
        MainFile.read(config).with_feeds([new]).save(os.environ)
    named = title or parsed.title or "without a title"
    out(f"added {without_login(address)} ({named}, {len(parsed.entries)} entries); {TAKEN_UP}")
    if offered[1:]:
        out("the page also offers:")
        for other in offered[1:]:
            out(f"  {without_login(other.url)}  {other.title}".rstrip())


@feeds.command("remove")
def remove_feed(feed: Which, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Take a feed out of monitor.yaml. What was read from it stays."""
    with told_errors():
        from monitor.config.editing import MainFile
        from monitor.following import known_as

        file = MainFile.read(config)
        url = known_as([str(one.get("url", "")) for one in file.feeds()], feed) or feed
        file.without_feed(url).save(os.environ)
    out(f"removed {without_login(url)}; {TAKEN_UP}")


@feeds.command("pause")
def pause_feed(feed: Which, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Poll a feed no more until it is resumed; a running monitor heeds it at once."""
    _pause(feed, config, paused=True)


@feeds.command("resume")
def resume_feed(feed: Which, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Poll a feed again that was paused."""
    _pause(feed, config, paused=False)


def _pause(word: str, config: Path, *, paused: bool) -> None:
    with tools_for(config) as tools:
        from monitor import app, pushes
        from monitor.following import known_as
        from monitor.storage import feeds as stored

        now = datetime.now(UTC)
        url = known_as([feed.url for feed in tools.config.feeds], word)
        if url is None:
            said = "there is no such feed, or several; `monitor feeds list --json` shows handles"
            fail(f"{without_login(word)}: {said}", code=2)
        app.register(tools, now)  # it may be new in monitor.yaml
        with tools.store.read() as connection:
            feed = stored.get(connection, url) or Feed(url=url)
        pushes.pause(tools.store, feed, now, paused=paused)
        out(f"{'paused' if paused else 'resumed'} {feed.name}")


@feeds.command("import")
def import_feeds(
    source: Annotated[str, typer.Argument(help="An OPML file, or its address.")], config: ConfigDir = DEFAULT_CONFIG
) -> None:
    """Add the feeds of an OPML list; its folders and categories become tags. They are read at their first poll."""
    with told_errors():
        found = load_config(config)
        from monitor.config.editing import MainFile
        from monitor.feeds.opml import NotOpmlError
        from monitor.following import brought_along

        try:
            new, left_out = brought_along(_opml_at(source, found), found)
        except (NotOpmlError, OSError) as error:
            fail(f"{source}: {error.strerror if isinstance(error, OSError) else error}")
        if new:
            MainFile.read(config).with_feeds(new).save(os.environ)
    out(f"{len(new)} feeds added" + (f"; {TAKEN_UP}" if new else ""))
    if left_out:
        out("left out:")
        for remark in left_out:
            out(f"  {remark}")


@feeds.command("export")
def export_feeds(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Print the feeds as OPML 2.0, for another reader. Passwords in addresses are left out."""
    with told_errors():
        from monitor.config.editing import MainFile
        from monitor.following import given_on

        opml, remarks = given_on(MainFile.read(config).feeds(), datetime.now(UTC))  # as written
        for remark in remarks:
            typer.echo(remark, err=True)
        sys.stdout.buffer.write(opml)


# --- What they share --------------------------------------------------------------------------------------------------


@contextmanager
def asking(config: Config) -> Iterator[Prober]:
    """A guarded client and a parser in a process of its own, put away at the end; a bad answer ends the command."""
    from monitor.errors import FeedError
    from monitor.feeds.guard import build_client
    from monitor.feeds.isolation import Parser
    from monitor.following import Prober

    with (
        build_client(config.network.allow, timeout_s=config.polling.timeout.total_seconds()) as client,
        Parser(workers=1) as parser,
    ):
        try:
            yield Prober(config, client, parser)
        except FeedError as error:
            fail(f"{Feed(url=error.url).label}: {error}")


def settings_of(*, url: str, title: str, tags: Sequence[str], interval: str | None) -> FeedSettings:
    """These words as the configuration would have them; ends with a usage error if they cannot be."""
    from pydantic import ValidationError

    from monitor.config.models import FeedSettings

    try:
        return FeedSettings.model_validate({"url": url, "title": title, "tags": tuple(tags), "interval": interval})
    except ValidationError as error:
        wrong = error.errors()[0]
        said = "is no web address" if wrong["loc"] == ("url",) else str(wrong["msg"]).removeprefix("Value error, ")
        fail(f"{wrong['loc'][0]}: {said}", code=2)


def refuse_known(config: Config, url: str) -> None:
    from monitor.following import followed_as

    known = followed_as(config, url)
    if known is not None:
        fail(f"{without_login(url)} is followed already" + (f", as {Feed(url=known).label}" if known != url else ""))


def _opml_at(source: str, config: Config) -> bytes:
    if "://" not in source:
        return Path(source).read_bytes()
    with asking(config) as prober:
        return prober.get(source).body or b""
