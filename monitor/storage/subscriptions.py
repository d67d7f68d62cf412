"""WebSub subscriptions: one a feed at most, with what its hub was asked and has confirmed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, not_, select, update

from monitor.domain import Subscription, SubscriptionState
from monitor.storage.schema import alive, feeds, subscriptions
from monitor.storage.upsert import insert_or_replace

COLUMNS = tuple(column.name for column in subscriptions.columns if not column.primary_key)


def of_feed(connection: Connection, feed_url: str) -> Subscription | None:
    row = connection.execute(select(subscriptions).where(subscriptions.c.feed_url == feed_url)).one_or_none()
    return _subscription(row) if row else None


def by_token(connection: Connection, token: str) -> Subscription | None:
    """The subscription whose callback ends in this; None when there is none, or none any more."""
    row = connection.execute(select(subscriptions).where(subscriptions.c.token == token)).one_or_none()
    return _subscription(row) if row else None


def due(connection: Connection, now: datetime, *, limit: int) -> list[Subscription]:
    """Those whose hub is to be asked something, longest due first."""
    query = select(subscriptions).where(subscriptions.c.next_request_at <= now)
    query = query.order_by(subscriptions.c.next_request_at).limit(limit)
    return [_subscription(row) for row in connection.execute(query)]


def states(connection: Connection) -> dict[str, str]:
    """How each feed's subscription stands, in words: its state, and the reason where there is one."""
    query = select(subscriptions.c.feed_url, subscriptions.c.state, subscriptions.c.reason)
    return {url: f"{state}: {reason}" if reason else state for url, state, reason in connection.execute(query)}


def save(connection: Connection, subscription: Subscription) -> None:
    """Keep a subscription, in place of the one that its feed had."""
    values = asdict(subscription) | {"state": subscription.state.value}
    connection.execute(insert_or_replace(connection, subscriptions, *COLUMNS), values)


def pushed(connection: Connection, token: str, now: datetime) -> None:
    """Note that something came; nothing else of the subscription is touched, as it may be renewed meanwhile."""
    this = subscriptions.c.token == token
    connection.execute(update(subscriptions).where(this).values(last_push_at=now))


def forget(connection: Connection, feed_url: str) -> None:
    connection.execute(delete(subscriptions).where(subscriptions.c.feed_url == feed_url))


def end_unlisted(connection: Connection, now: datetime) -> None:
    """Give notice of every subscription whose feed is no longer polled: taken out of the configuration, or gone."""
    unwanted = select(feeds.c.url).where(not_(alive))
    standing = subscriptions.c.state != SubscriptionState.ENDING.value
    ending = {
        "state": SubscriptionState.ENDING.value,
        "asking": None,
        "next_request_at": now,
        "failures": 0,
        "reason": "the feed is no longer polled",
    }
    connection.execute(update(subscriptions).where(standing, subscriptions.c.feed_url.in_(unwanted)).values(ending))


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(**(row._asdict() | {"state": SubscriptionState(row.state)}))
