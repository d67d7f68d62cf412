"""WebSub's side of the flow: ask hubs, answer them, take in what they push. ``pipeline.heed_hub`` decides who is asked.

    ask_hubs   subscribe, renew, unsubscribe: what is due             a tick of the daemon
    confirm    a hub asks whether we meant it                         one GET
    receive    a hub pushes a changed feed                            one POST, the same way as a poll

The two that hubs call are told the last part of the callback's address, which nobody else can know.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from monitor.config.models import Config
from monitor.domain import Document, Feed, Subscription, SubscriptionState
from monitor.errors import FeedError, FetchError
from monitor.feeds.asking import ask_hub
from monitor.feeds.compression import EncodingError, decode_body
from monitor.feeds.websub import asked, confirmed, denied, is_signed, pushed, request_form, unanswered
from monitor.pipeline import Tools, take_in
from monitor.storage import feeds, subscriptions
from monitor.storage.store import Store

log = structlog.get_logger()

#: Path under ``web.public_url``; the token follows.
CALLBACK = "/websub/"
#: A hub has this long to take a request: it may verify later. Shorter than the grace of a daemon that is told to stop.
HUB_TIMEOUT = timedelta(seconds=5)
#: Asked in one tick; the rest is still due at the next one.
AT_ONCE = 50


def callback(config: Config, token: str) -> str:
    return config.web.public_url.rstrip("/") + CALLBACK + token


# --- We ask -----------------------------------------------------------------------------------------------------------


def pause(store: Store, feed: Feed, now: datetime, *, paused: bool) -> None:
    """Poll a feed no more until it is resumed; its hub need not push meanwhile."""
    with store.write() as connection:
        feeds.pause(connection, feed.url, paused=paused)
        subscriptions.end_unlisted(connection, now)


def ask_hubs(tools: Tools, clock: Callable[[], datetime], stop: threading.Event) -> int:
    """Ask every hub of which something is due, one after another; how many were asked."""
    if not tools.config.web.public_url:
        return 0
    with tools.store.read() as connection:
        due = subscriptions.due(connection, clock(), limit=AT_ONCE)
    count = 0
    for subscription in due:
        if stop.is_set():
            break
        count += 1
        _ask(subscription, tools, clock)
    return count


def _ask(subscription: Subscription, tools: Tools, clock: Callable[[], datetime]) -> None:
    """One request. It is written down before it is made: a hub may verify it before it answers."""
    with tools.store.write() as connection:
        if subscriptions.by_token(connection, subscription.token) != subscription:
            return  # it has changed since it was found due
        request = asked(subscription, clock())
        if request is None:
            subscriptions.forget(connection, subscription.feed_url)
            return
        subscriptions.save(connection, request)
    reason = None
    try:
        form = request_form(request, callback(tools.config, request.token))
        ask_hub(tools.client(), request.hub, form, timeout=HUB_TIMEOUT)
    except FetchError as error:
        reason = error.reason
        with tools.store.write() as connection:
            latest = subscriptions.by_token(connection, request.token)
            if latest is not None and latest.failures:  # it was not confirmed meanwhile
                subscriptions.save(connection, unanswered(latest, error.reason, error.retry_after, clock()))
    log.info(
        "websub",
        feed=Feed(url=request.feed_url).label,
        hub=request.hub,
        status="failed" if reason else f"{request.asking}-sent",
        **({"reason": reason} if reason else {}),
    )


# --- They call --------------------------------------------------------------------------------------------------------


def confirm(token: str, question: Mapping[str, str], tools: Tools, now: datetime) -> str | None:
    """What to answer a hub that asks whether we meant it, or that refuses; None: we did not, and it hears "not found".

    question  the query of its GET
    """
    mode = question.get("hub.mode")
    with tools.store.write() as connection:
        known = subscriptions.by_token(connection, token)
        if known is None or not tools.config.web.public_url:
            return None
        after = denied(known, question, now) if mode == "denied" else confirmed(known, question, now)
        if after is None:
            log.warning("websub", feed=Feed(url=known.feed_url).label, hub=known.hub, status="not-asked-for")
            return None
        if after.state is SubscriptionState.ENDING:
            subscriptions.forget(connection, known.feed_url)
        else:
            subscriptions.save(connection, after)
        if known.is_active(now) and not after.is_active(now):
            _poll_soon(connection, known.feed_url, now)
    log.info(
        "websub",
        feed=Feed(url=known.feed_url).label,
        hub=known.hub,
        status=after.state.value,
        reason=after.reason or "confirmed",
    )
    return question.get("hub.challenge", "") if mode != "denied" else ""


def _poll_soon(connection: Connection, feed_url: str, now: datetime) -> None:
    """Its poll was put off, as pushes were expected: now it is polled like any other feed."""
    feed = feeds.get(connection, feed_url)
    if feed is None or feed.state.next_poll_at is None:
        return
    usual = max(now, feed.state.last_poll_at + feed.interval) if feed.state.last_poll_at else now
    if usual < feed.state.next_poll_at:
        feeds.save_state(connection, feed_url, replace(feed.state, next_poll_at=usual))


def receive(token: str, headers: Mapping[str, str], body: bytes, tools: Tools, now: datetime) -> bool:
    """Take in what a hub pushes; False: nobody wants it, and the hub may forget us.

    headers  names in lower case
    body     as sent, of any size that the server took

    True says "received" and no more: a body that is not signed with our secret, or is no feed, is told of in the log
    and dropped. The Recommendation wants it so (§8): who guesses at signatures learns nothing.
    """
    with tools.store.read() as connection:
        known = subscriptions.by_token(connection, token)
        feed = feeds.get(connection, known.feed_url) if known else None
    if known is None or feed is None or known.state is SubscriptionState.ENDING or not tools.config.web.public_url:
        return False
    if not is_signed(known.secret, headers.get("x-hub-signature", ""), body):
        log.warning("push", feed=feed.label, status="not-signed")
        return True
    try:
        plain = decode_body(body, headers, tools.config.polling.max_body_bytes)
        # Links in it are relative to the topic; of its headers only the kind of text matters.
        kept = {name: value for name, value in headers.items() if name == "content-type"}
        parsed = tools.parser.read(Document(url=known.topic, status=200, headers=kept, body=plain), feed.url)
    except (EncodingError, FeedError) as error:
        log.warning("push", feed=feed.label, status="unreadable", error=str(error))
        return True
    with tools.store.write() as connection:
        subscriptions.pushed(connection, token, now)
        feed = feeds.get(connection, feed.url) or feed  # a poll may have ended meanwhile
    intake = take_in(pushed(feed, parsed), tools, now)
    log.info("push", feed=feed.label, status="ok", new=intake.new, matched=intake.matched)
    return True
