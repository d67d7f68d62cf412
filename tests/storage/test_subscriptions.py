"""Subscriptions: one a feed, found by feed, by token and by what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain import FeedState, Subscription, SubscriptionState
from monitor.storage import feeds, subscriptions
from monitor.storage.store import Store
from tests.factories import NOON, a_feed

HOUR = timedelta(hours=1)
FULL = Subscription(
    feed_url="https://news.test/feed.xml",
    hub="https://hub.test/",
    topic="https://news.test/self",
    token="token",
    secret="secret",
    state=SubscriptionState.ACTIVE,
    asking="subscribe",
    next_request_at=NOON + HOUR,
    failures=2,
    active_since=NOON - HOUR,
    lease_ends_at=NOON + 2 * HOUR,
    last_push_at=NOON,
    reason="because",
)
BARE = Subscription(feed_url="https://other.test/", hub="h", topic="t", token="other", secret="s")


@pytest.fixture
def known(store: Store) -> Store:
    """A store with two feeds that are followed."""
    with store.write() as c:
        feeds.sync(c, [a_feed(url=FULL.feed_url), a_feed(url=BARE.feed_url)], NOON)
    return store


@pytest.mark.parametrize("subscription", [FULL, BARE], ids=["with everything", "with nothing yet"])
def test_a_subscription_comes_back_as_it_was_saved(known: Store, subscription: Subscription):
    with known.write() as c:
        subscriptions.save(c, subscription)
        assert subscriptions.of_feed(c, subscription.feed_url) == subscription
        assert subscriptions.by_token(c, subscription.token) == subscription
        assert subscriptions.by_token(c, "guessed") is None


def test_a_newer_one_takes_the_place_of_the_older(known: Store):
    with known.write() as c:
        subscriptions.save(c, FULL)
        subscriptions.save(c, replace(FULL, token="new"))
        assert subscriptions.by_token(c, "token") is None
        assert subscriptions.of_feed(c, FULL.feed_url).token == "new"


def test_what_is_due_comes_longest_due_first_and_what_is_not_to_be_asked_never(known: Store):
    with known.write() as c:
        subscriptions.save(c, FULL)
        subscriptions.save(c, replace(BARE, next_request_at=NOON))
        assert [s.token for s in subscriptions.due(c, NOON + HOUR, limit=9)] == ["other", "token"]
        assert [s.token for s in subscriptions.due(c, NOON + HOUR, limit=1)] == ["other"]
        assert [s.token for s in subscriptions.due(c, NOON, limit=9)] == ["other"]
        subscriptions.save(c, BARE)
        assert subscriptions.due(c, NOON, limit=9) == []


def test_a_push_is_noted_and_nothing_else_is_touched(known: Store):
    with known.write() as c:
        subscriptions.save(c, FULL)
        subscriptions.pushed(c, "token", NOON + HOUR)
        assert subscriptions.of_feed(c, FULL.feed_url) == replace(FULL, last_push_at=NOON + HOUR)


@pytest.mark.parametrize("how", ["taken out of the configuration", "gone for good"])
def test_notice_is_given_once_where_the_feed_is(known: Store, how: str):
    with known.write() as c:
        subscriptions.save(c, FULL)
        subscriptions.save(c, BARE)
        if how == "gone for good":
            feeds.save_state(c, FULL.feed_url, FeedState(gone=True))
        else:
            feeds.sync(c, [a_feed(url=BARE.feed_url)], NOON)
        subscriptions.end_unlisted(c, NOON)
        ended = subscriptions.of_feed(c, FULL.feed_url)
        assert (ended.state, ended.next_request_at, ended.asking) == (SubscriptionState.ENDING, NOON, None)
        assert subscriptions.of_feed(c, BARE.feed_url) == BARE
        subscriptions.end_unlisted(c, NOON + HOUR)
        assert subscriptions.of_feed(c, FULL.feed_url) == ended


def test_how_each_stands_is_told_in_words(known: Store):
    with known.write() as c:
        subscriptions.save(c, FULL)
        subscriptions.save(c, BARE)
        assert subscriptions.states(c) == {FULL.feed_url: "active: because", BARE.feed_url: "asked"}


def test_a_forgotten_one_is_gone(known: Store):
    with known.write() as c:
        subscriptions.save(c, FULL)
        subscriptions.forget(c, FULL.feed_url)
        assert subscriptions.of_feed(c, FULL.feed_url) is None
