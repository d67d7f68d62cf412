"""Feeds: how each is, and taking them up, pausing and leaving them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response
from pydantic import Field, StringConstraints

from monitor import pushes
from monitor.config.editing import MainFile
from monitor.domain import Feed
from monitor.feeds.polling import notices
from monitor.following import followed_as, writable
from monitor.storage import feeds, subscriptions
from monitor.web.api.operations import PREFIX, Operation
from monitor.web.api.shapes import Asked, Limit, Page, Shape, cut
from monitor.web.host import host_of
from monitor.web.pages.feeds import feed_of


class FeedShape(Shape):
    handle: str = Field(description="Stands for its address, which can hold a password.", examples=["9f86d081884c7d65"])
    address: str = Field(description="Without user, password and the values of its query.")
    name: str
    tags: list[str]
    interval: timedelta
    paused: bool
    gone: bool = Field(description="Polled no more: its server said so, or it failed for weeks.")
    error: str | None = Field(description="Why the last poll failed; null: it did not.")
    failures: int = Field(description="Failed polls in a row.")
    last_poll_at: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime | None = Field(description="Null: it is due, or is not polled.")


class FeedDetail(FeedShape):
    site: str | None
    notices: list[str] = Field(description="What people should mend in monitor.yaml.")
    hub: str | None = Field(description="How its hub's pushes stand; null: it names no hub.")


class NewFeed(Asked):
    url: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=2000)] = Field(
        examples=["https://example.org/feed.xml"]
    )
    title: str = Field("", max_length=500)
    tags: list[Annotated[str, StringConstraints(pattern=r"^\w+$", max_length=50)]] = Field([], max_length=20)


class Taken(Shape):
    """The feed as it will be polled."""

    handle: str
    address: str
    said: str = Field(description="What people should know of it; empty: the running monitor has taken it up.")


def list_feeds(
    request: Request,
    limit: Limit = 50,
    after: Annotated[str, Query(description="Handle of the last one shown; `next` says it.")] = "",
    words: Annotated[str, Query(description="Only those in whose address or titles this stands.")] = "",
    troubled: Annotated[bool, Query(description="Only those whose last poll failed.")] = False,
) -> Page[FeedShape]:
    """The configured feeds in the order of their addresses."""
    tools = host_of(request).tools()
    last = feed_of(tools, after).url if after else ""
    with tools.store.read() as connection:
        found = feeds.browse(connection, troubled=troubled, words=words.strip(), after=last, limit=limit + 1)
    shown, following = cut(request, found, limit, "after", lambda feed: feed.handle)
    return Page[FeedShape](items=[FeedShape.model_validate(_fields(feed)) for feed in shown], next=following)


def get_feed(request: Request, handle: str) -> FeedDetail:
    """A feed, and what should be mended of it."""
    tools = host_of(request).tools()
    feed = feed_of(tools, handle)
    with tools.store.read() as connection:
        hub = subscriptions.states(connection).get(feed.url)
    more = {"site": feed.state.site_url, "notices": notices(feed), "hub": hub}
    return FeedDetail.model_validate(_fields(feed) | more)


def add_feed(request: Request, response: Response, new: NewFeed) -> Taken:
    """Write a feed into monitor.yaml and take it up."""
    host = host_of(request)
    if followed_as(host.tools().config, new.url):
        raise HTTPException(409, f"this feed is followed already: {PREFIX}/feeds/{Feed(url=new.url).handle}")
    try:
        wanted = writable(new.url, new.title.strip(), new.tags)
    except ValueError as error:
        raise HTTPException(409, f"the feed cannot be taken up: it {error}") from error
    feed = Feed(url=wanted.url)
    said = host.save(MainFile.read(host.folder).with_feeds([wanted]))
    response.headers["Location"] = f"{PREFIX}/feeds/{feed.handle}"
    return Taken(handle=feed.handle, address=feed.label, said=said)


def remove_feed(request: Request, handle: str) -> None:
    """Take a feed out of monitor.yaml; what was read from it stays."""
    host = host_of(request)
    host.save(MainFile.read(host.folder).without_feed(feed_of(host.tools(), handle).url))


def pause_feed(request: Request, handle: str) -> None:
    """Poll a feed no more until it is resumed."""
    _pause(request, handle, paused=True)


def resume_feed(request: Request, handle: str) -> None:
    """Poll a feed again that was paused."""
    _pause(request, handle, paused=False)


def _pause(request: Request, handle: str, *, paused: bool) -> None:
    host = host_of(request)
    feed = feed_of(host.tools(), handle)
    pushes.pause(host.tools().store, feed, host.clock(), paused=paused)


def poll_feed(request: Request, handle: str) -> None:
    """Have a feed polled at the next tick; one that was given up is tried again."""
    host = host_of(request)
    feed = feed_of(host.tools(), handle)
    with host.tools().store.write() as connection:
        feeds.poll_now(connection, feed.url, host.clock())


def _fields(feed: Feed) -> dict[str, object]:
    state = feed.state
    return {
        "handle": feed.handle,
        "address": feed.label,
        "name": feed.name,
        "tags": feed.tags,
        "interval": feed.interval,
        "paused": feed.paused,
        "gone": state.gone,
        "error": state.error,
        "failures": state.failures,
        "last_poll_at": state.last_poll_at,
        "last_success_at": state.last_success_at,
        "next_poll_at": None if feed.paused or state.gone else state.next_poll_at,
    }


_BLOCKED = {409: "monitor.yaml cannot be edited so, or would then hold a mistake."}
OPERATIONS = (
    Operation("GET", "/feeds", list_feeds, errors={404: "No feed has the handle in `after`."}),
    Operation("POST", "/feeds", add_feed, 201, {409: "It is followed already, or cannot stand in monitor.yaml."}),
    Operation("GET", "/feeds/{handle}", get_feed),
    Operation("DELETE", "/feeds/{handle}", remove_feed, 204, _BLOCKED),
    Operation("POST", "/feeds/{handle}/pause", pause_feed, 204),
    Operation("POST", "/feeds/{handle}/resume", resume_feed, 204),
    Operation("POST", "/feeds/{handle}/poll", poll_feed, 202),
)
