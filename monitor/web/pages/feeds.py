"""The feeds: how each is, when it is asked next, and what people may have done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from monitor import pushes
from monitor.config.editing import MainFile
from monitor.domain import Coverage, Feed
from monitor.errors import ConfigError
from monitor.feeds.polling import notices
from monitor.pipeline import Tools
from monitor.storage import feeds, overview, subscriptions
from monitor.storage.overview import FeedEntry
from monitor.web.host import host_of
from monitor.web.rendering import page

#: On a page.
FEEDS = 100
#: Latest entries of one feed.
ENTRIES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    feeds: tuple[Feed, ...]
    coverage: Coverage
    #: What was asked for.
    troubled: bool
    words: str
    #: Address of the last one shown, where there are more.
    more: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneView:
    feed: Feed
    notices: tuple[str, ...]
    #: How its hub's pushes stand, in words; None: it names no hub.
    hub: str | None
    latest: tuple[FeedEntry, ...]


def listed(request: Request, troubled: bool = False, words: str = "", after: str = "") -> Response:
    tools = host_of(request).tools()
    last = ""
    with tools.store.read() as connection:
        if after:
            before = feeds.by_handle(connection, after)
            last = before.url if before else ""
        found = feeds.browse(connection, troubled=troubled, words=words.strip(), after=last, limit=FEEDS + 1)
        coverage = feeds.coverage(connection)
    view = View(
        feeds=tuple(found[:FEEDS]),
        coverage=coverage,
        troubled=troubled,
        words=words.strip(),
        more=found[FEEDS - 1].handle if len(found) > FEEDS else None,
    )
    return page(request, "feeds.html", view=view)


def show(request: Request, handle: str) -> Response:
    tools = host_of(request).tools()
    feed = feed_of(tools, handle)
    with tools.store.read() as connection:
        view = OneView(
            feed=feed,
            notices=tuple(notices(feed)),
            hub=subscriptions.states(connection).get(feed.url),
            latest=tuple(overview.latest_of_feed(connection, feed.url, limit=ENTRIES)),
        )
    return page(request, "feed.html", view=view)


def poll(request: Request, handle: str) -> Response:
    """Have it polled at the next tick."""
    host = host_of(request)
    feed = feed_of(host.tools(), handle)
    with host.tools().store.write() as connection:
        feeds.poll_now(connection, feed.url, host.clock())
    return RedirectResponse(f"/feeds/{handle}?said=due", 303)


def pause(request: Request, handle: str, paused: Annotated[bool, Form()]) -> Response:
    host = host_of(request)
    feed = feed_of(host.tools(), handle)
    pushes.pause(host.tools().store, feed, host.clock(), paused=paused)
    return RedirectResponse(f"/feeds/{handle}", 303)


def remove(request: Request, handle: str) -> Response:
    """Take it out of monitor.yaml; what was read from it stays."""
    host = host_of(request)
    feed = feed_of(host.tools(), handle)
    try:
        host.save(MainFile.read(host.folder).without_feed(feed.url))
    except ConfigError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse("/feeds?said=removed", 303)


def feed_of(tools: Tools, handle: str) -> Feed:
    """The configured feed of that handle; "not found" when there is none."""
    with tools.store.read() as connection:
        found = feeds.by_handle(connection, handle)
    if found is None:
        raise HTTPException(404, "no such feed is followed")
    return found
