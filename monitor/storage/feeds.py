"""Feeds: what is configured, and what the polls have left behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, not_, or_, select, update

from monitor.domain import Coverage, Feed, FeedState, Gap, Validators, Wishes
from monitor.storage.schema import AT_ONCE, alive, feeds

#: A digest names this many failing feeds; the rest are in the count.
MAX_GAPS = 50

#: Made once: its parameters name the columns that it sets, and building it anew for each poll took as long as a fetch.
_SAVE_STATE = update(feeds).where(feeds.c.url == bindparam("key"))

#: Polled, and the last poll went wrong.
failing = or_(feeds.c.error.is_not(None), feeds.c.gone)


def sync(connection: Connection, configured: Sequence[Feed], now: datetime) -> None:
    """Make the table say what the configuration says. What the polls found out stays, also of feeds no longer listed.

    A feed that was taken out and is put back begins anew: what it has brought meanwhile is no news, and a server that
    once said "gone" is asked again. Only what differs is written: at most starts, nothing.
    """
    query = select(feeds.c.url, feeds.c.title, feeds.c.tags, feeds.c.interval_s, feeds.c.listed)
    stored = {row["url"]: dict(row) for row in connection.execute(query).mappings()}
    wanted = {feed.url: feed for feed in configured}
    new = [
        _configured(feed) | _state(feed.state) | {"added_at": now, "host": feed.host}
        for feed in wanted.values()
        if feed.url not in stored
    ]
    changed = [
        _configured(feed) | {"key": feed.url}
        for feed in wanted.values()
        if feed.url in stored and _configured(feed) != stored[feed.url]
    ]
    put_back = [
        _state(feed.state) | {"host": feed.host, "key": feed.url}
        for feed in wanted.values()
        if feed.url in stored and not stored[feed.url]["listed"]
    ]
    dropped = [{"key": url} for url, row in stored.items() if row["listed"] and url not in wanted]
    this_feed = update(feeds).where(feeds.c.url == bindparam("key"))
    if new:
        connection.execute(insert(feeds), new)
    if changed:
        connection.execute(this_feed.values({name: bindparam(name) for name in changed[0] if name != "key"}), changed)
    if put_back:
        connection.execute(_SAVE_STATE, put_back)
    if dropped:
        connection.execute(this_feed.values(listed=False), dropped)


def due(connection: Connection, now: datetime, *, limit: int, exclude: Collection[str] = ()) -> list[Feed]:
    """Listed feeds whose time has come, oldest due first.

    exclude   addresses of feeds under way: no feed of their hosts is among the answers, so that a host with thousands
              of feeds, asked one at a time, does not stand before the others
    """
    query = select(feeds).where(alive, feeds.c.next_poll_at <= now).order_by(feeds.c.next_poll_at).limit(limit)
    if exclude:
        query = query.where(feeds.c.host.not_in(select(feeds.c.host).where(feeds.c.url.in_(exclude))))
    return [_feed(row) for row in connection.execute(query)]


def due_hosts(connection: Connection, now: datetime, *, limit: int) -> list[str]:
    """Hosts with a feed whose time has come, the longest due first."""
    oldest = func.min(feeds.c.next_poll_at)
    query = (
        select(feeds.c.host)
        .where(alive, feeds.c.next_poll_at <= now)
        .group_by(feeds.c.host)
        .order_by(oldest, feeds.c.host)
    )
    return list(connection.execute(query.limit(limit)).scalars())


def claim(connection: Connection, host: str, now: datetime) -> Feed | None:
    """Take the longest due feed of a host, so that no other worker does within its interval; None: none is due.

    Should we die before its poll is stored, it is polled an interval later: late, but never twice.
    """
    query = select(feeds).where(alive, feeds.c.host == host, feeds.c.next_poll_at <= now)
    row = connection.execute(query.order_by(feeds.c.next_poll_at).limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    feed = _feed(row)
    until = now + feed.interval
    connection.execute(update(feeds).where(feeds.c.url == feed.url).values(next_poll_at=until))
    return replace(feed, claimed_until=until)


def holds(connection: Connection, feed: Feed) -> bool:
    """Whether a feed is still ours to store: nobody claimed it, or nobody else has polled it since we did."""
    if feed.claimed_until is None:
        return True
    query = select(feeds.c.next_poll_at).where(feeds.c.url == feed.url).with_for_update()
    return connection.execute(query).scalar() == feed.claimed_until


def listed(connection: Connection) -> list[Feed]:
    """Every feed that is configured, in the order of their addresses."""
    query = select(feeds).where(feeds.c.listed).order_by(feeds.c.url)
    return [_feed(row) for row in connection.execute(query)]


def get(connection: Connection, url: str) -> Feed | None:
    """The feed at this address, listed or not; None when we have never seen it configured."""
    row = connection.execute(select(feeds).where(feeds.c.url == url)).one_or_none()
    return _feed(row) if row else None


def by_handle(connection: Connection, handle: str) -> Feed | None:
    """The configured feed that has this handle."""
    row = connection.execute(select(feeds).where(feeds.c.handle == handle, feeds.c.listed)).one_or_none()
    return _feed(row) if row else None


def browse(
    connection: Connection, *, troubled: bool = False, words: str = "", after: str = "", limit: int
) -> list[Feed]:
    """Configured feeds in the order of their addresses.

    troubled  only those whose last poll failed
    words     only those in whose address or titles this stands
    after     address of the last one shown
    """
    query = select(feeds).where(feeds.c.listed, feeds.c.url > after).order_by(feeds.c.url).limit(limit)
    if troubled:
        query = query.where(failing)
    if words:
        named = (feeds.c.url, feeds.c.title, feeds.c.own_title)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in named)))
    return [_feed(row) for row in connection.execute(query)]


def pause(connection: Connection, url: str, *, paused: bool) -> None:
    """Poll a feed no more until it is taken up again."""
    connection.execute(update(feeds).where(feeds.c.url == url).values(paused=paused))


def poll_now(connection: Connection, url: str, now: datetime) -> None:
    """Have a feed polled at the next tick, whatever its rhythm; one that was given up is tried again."""
    connection.execute(update(feeds).where(feeds.c.url == url).values(next_poll_at=now, gone=False))


def save_state(connection: Connection, url: str, state: FeedState) -> None:
    """Keep what a poll has left behind."""
    host = Feed(url=url, state=state).host
    connection.execute(_SAVE_STATE, _state(state) | {"host": host, "key": url})


def rest_host(connection: Connection, host: str, until: datetime, now: datetime) -> None:
    """Leave all feeds of a host alone until then. They keep their distances from each other."""
    query = select(feeds.c.url, feeds.c.next_poll_at).where(feeds.c.host == host, feeds.c.next_poll_at < until)
    waiting = [{"key": url, "at": until + max(at - now, timedelta(0))} for url, at in connection.execute(query)]
    if waiting:
        this_feed = update(feeds).where(feeds.c.url == bindparam("key"))
        connection.execute(this_feed.values(next_poll_at=bindparam("at")), waiting)


def crowd(connection: Connection, host: str) -> int:
    """How many feeds the host has, listed or not."""
    return connection.execute(select(func.count()).where(feeds.c.host == host)).scalar_one()


def unheard(connection: Connection) -> list[Feed]:
    """Feeds that were tried since any server last answered; none of them has."""
    last_answer = select(func.max(feeds.c.answered_at)).scalar_subquery()
    query = select(feeds).where(
        alive, feeds.c.error.is_not(None), feeds.c.last_poll_at > func.coalesce(last_answer, AT_ONCE)
    )
    return [_feed(row) for row in connection.execute(query)]


def next_due_at(connection: Connection) -> datetime | None:
    """When the next feed falls due; a moment in the past where one is due already, None where none ever will be."""
    return connection.execute(select(func.min(feeds.c.next_poll_at)).where(alive)).scalar()


def coverage(connection: Connection) -> Coverage:
    """How many listed feeds answered their last poll, how many failed it, and the longest failing ones with reasons.

    A feed that was never polled is in neither count.
    """
    counts = select(
        func.count().filter(and_(not_(failing), feeds.c.last_success_at.is_not(None))),
        func.count().filter(failing),
    ).where(feeds.c.listed)
    ok, bad = connection.execute(counts).one()
    worst = (
        select(feeds)
        .where(feeds.c.listed, failing)
        .order_by(feeds.c.gone.desc(), feeds.c.failures.desc(), feeds.c.url)
        .limit(MAX_GAPS)
    )
    gaps = tuple(Gap(feed=feed.name, reason=_reason(feed)) for feed in map(_feed, connection.execute(worst)))
    return Coverage(feeds_ok=ok, feeds_failing=bad, gaps=gaps)


def _reason(feed: Feed) -> str:
    if feed.state.gone:
        return feed.state.error or "gone: the server says it will not come back"
    return feed.state.error or "the last poll failed"


# --- Rows and values --------------------------------------------------------------------------------------------------


def _configured(feed: Feed) -> dict[str, Any]:
    return {
        "url": feed.url,
        "title": feed.title,
        "tags": list(feed.tags),
        "interval_s": feed.interval.total_seconds(),
        "listed": True,
    }


def _state(state: FeedState) -> dict[str, Any]:
    return {
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "body_hash": state.body_hash,
        "own_title": state.title,
        "site_url": state.site_url,
        "primed": state.primed,
        "next_poll_at": state.next_poll_at or AT_ONCE,
        "last_poll_at": state.last_poll_at,
        "last_success_at": state.last_success_at,
        "failures": state.failures,
        "error": state.error,
        "gone": state.gone,
        "answered_at": state.answered_at,
        "missing_since": state.missing_since,
        "body_at": state.body_at,
        "wishes": _wishes(state.wishes),
        "last_new_at": state.last_new_at,
        "rhythm_s": state.rhythm.total_seconds() if state.rhythm is not None else None,
        "hops": state.hops,
        "address": state.address,
        "moving_to": state.moving_to,
        "moving_since": state.moving_since,
        "floods": state.floods,
        "marks": state.marks,
    }


def _wishes(wishes: Wishes) -> dict[str, Any]:
    """What a feed does not say is not written: most say nothing."""
    said = {
        "interval_s": wishes.interval.total_seconds() if wishes.interval else None,
        "skip_hours": list(wishes.skip_hours),
        "skip_days": list(wishes.skip_days),
        "moved_to": wishes.moved_to,
    }
    return {name: value for name, value in said.items() if value}


def _read_wishes(said: Mapping[str, Any]) -> Wishes:
    return Wishes(
        interval=timedelta(seconds=said["interval_s"]) if "interval_s" in said else None,
        skip_hours=tuple(said.get("skip_hours", ())),
        skip_days=tuple(said.get("skip_days", ())),
        moved_to=said.get("moved_to"),
    )


def _feed(row: Row[Any]) -> Feed:
    state = FeedState(
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        body_hash=row.body_hash,
        title=row.own_title,
        site_url=row.site_url,
        primed=row.primed,
        next_poll_at=None if row.next_poll_at == AT_ONCE else row.next_poll_at,
        last_poll_at=row.last_poll_at,
        last_success_at=row.last_success_at,
        failures=row.failures,
        error=row.error,
        gone=row.gone,
        answered_at=row.answered_at,
        missing_since=row.missing_since,
        body_at=row.body_at,
        wishes=_read_wishes(row.wishes),
        last_new_at=row.last_new_at,
        rhythm=timedelta(seconds=row.rhythm_s) if row.rhythm_s is not None else None,
        hops=row.hops,
        address=row.address,
        moving_to=row.moving_to,
        moving_since=row.moving_since,
        floods=row.floods,
        marks=row.marks,
    )
    return Feed(
        url=row.url,
        title=row.title,
        tags=tuple(row.tags),
        interval=timedelta(seconds=row.interval_s),
        paused=row.paused,
        state=state,
    )
