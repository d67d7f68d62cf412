from __future__ import annotations

from datetime import timedelta

from monitor.domain import Document, Feed, FeedState, Validators
from monitor.feeds.moves import DOUBTED_AFTER, PROVEN_AFTER, doubted, moved
from tests.factories import NOON, a_feed

DAY = timedelta(days=1)
NEW = "https://new.test/feed"


def answer(url: str = NEW, *, for_good: bool = True) -> Document:
    return Document(url=url, status=200, body=b"<rss/>", hops=1, moved=for_good)


def polled(feed: Feed, *days: int, document: Document) -> Feed:
    for day in days:
        feed = a_feed(state=moved(feed, document, NOON + day * DAY))
    return feed


def test_a_permanent_redirect_is_adopted_after_a_week() -> None:
    feed = polled(a_feed(), 0, 1, 6, document=answer())
    assert (feed.address, feed.state.moving_to, feed.state.moving_since) == (feed.url, NEW, NOON)
    feed = polled(feed, PROVEN_AFTER.days, document=answer())
    assert (feed.address, feed.host, feed.state.moving_to, feed.state.hops) == (NEW, "new.test", None, 0)


def test_a_temporary_one_never_is() -> None:
    feed = polled(a_feed(), *range(30), document=answer(for_good=False))
    assert feed.address == feed.url
    assert feed.state.hops == 1


def test_one_that_leads_elsewhere_or_ceases_begins_anew() -> None:
    feed = polled(a_feed(), 0, 6, document=answer())
    elsewhere = polled(feed, 7, document=answer("https://portal.test/"))
    assert (elsewhere.address, elsewhere.state.moving_since) == (feed.url, NOON + 7 * DAY)
    straight = polled(feed, 7, document=Document(url=feed.url, status=304))
    assert straight.state.moving_to is None
    assert polled(straight, 8, document=answer()).address == feed.url


def test_an_address_that_fails_leads_back_to_the_configured_one_without_the_validators_of_the_other() -> None:
    known = FeedState(address=NEW, validators=Validators(etag='"new"'), body_hash="ab", marks=b"x")
    assert doubted(known, DOUBTED_AFTER - 1, gone=False) == known
    for back in (doubted(known, DOUBTED_AFTER, gone=False), doubted(known, 1, gone=True)):
        assert back == FeedState()
    unmoved = FeedState(validators=Validators(etag='"own"'))
    assert doubted(unmoved, 9, gone=True) == unmoved
