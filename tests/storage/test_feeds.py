from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain import Coverage, Feed, FeedState, Gap, Validators
from monitor.storage import feeds
from monitor.storage.store import Store
from tests.factories import NOON, a_feed

HOUR = timedelta(hours=1)
FULL = FeedState(
    validators=Validators(etag='W/"a\xe9\u201c"', last_modified="Thu, 12 Mar 2026 12:00:00 GMT"),
    body_hash="ab" * 32,
    title="News of the day",
    site_url="https://news.test/",
    primed=True,
    next_poll_at=NOON + HOUR,
    last_poll_at=NOON,
    last_success_at=NOON - HOUR,
    failures=2,
    error="HTTP 503",
    gone=True,
)


def known(store: Store, *configured: Feed) -> None:
    with store.write() as c:
        feeds.sync(c, configured, NOON)


def polled(store: Store, url: str, **state: object) -> None:
    with store.write() as c:
        feeds.save_state(c, url, replace(FeedState(last_success_at=NOON), **state))


def due(store: Store, **options: object) -> list[str]:
    with store.read() as c:
        return [feed.url for feed in feeds.due(c, NOON, **({"limit": 10} | options))]


def test_a_feed_comes_back_as_it_was_configured_and_as_the_polls_left_it(store: Store):
    feed = a_feed(tags=("news", "牛油果"), interval=timedelta(seconds=5.5))
    known(store, feed)
    with store.write() as c:
        assert feeds.get(c, feed.url) == feed
        feeds.save_state(c, feed.url, FULL)
        assert feeds.get(c, feed.url) == replace(feed, state=FULL)
        feeds.save_state(c, feed.url, FeedState())
        assert feeds.get(c, feed.url) == feed
        assert feeds.get(c, "https://never.test/") is None


def test_a_changed_configuration_is_taken_over_and_what_the_polls_found_out_stays(store: Store):
    known(store, a_feed())
    polled(store, a_feed().url, validators=Validators(etag='"1"'))
    known(store, a_feed(title="Renamed", tags=("x",), interval=HOUR * 2))
    with store.read() as c:
        (feed,) = feeds.listed(c)
    assert (feed.title, feed.tags, feed.interval) == ("Renamed", ("x",), HOUR * 2)
    assert feed.state.validators.etag == '"1"'


def test_a_feed_that_is_no_longer_configured_is_neither_listed_nor_due_and_comes_back_with_its_state(store: Store):
    known(store, a_feed(), a_feed(url="https://other.test/"))
    polled(store, a_feed().url, primed=True)
    known(store, a_feed(url="https://other.test/"))
    assert due(store) == ["https://other.test/"]
    with store.read() as c:
        assert [feed.url for feed in feeds.listed(c)] == ["https://other.test/"]
    known(store, a_feed())
    with store.read() as c:
        assert [feed.state.primed for feed in feeds.listed(c)] == [True]


def test_the_same_feed_configured_twice_is_one(store: Store):
    known(store, a_feed(title="First"), a_feed(title="Last"))
    with store.read() as c:
        assert [feed.title for feed in feeds.listed(c)] == ["Last"]


def test_feeds_are_due_oldest_first_and_a_new_one_before_all(store: Store):
    urls = ["https://late.test/", "https://soon.test/", "https://new.test/", "https://now.test/", "https://gone.test/"]
    known(store, *(a_feed(url=url) for url in urls))
    polled(store, urls[0], next_poll_at=NOON - HOUR)
    polled(store, urls[1], next_poll_at=NOON + timedelta(microseconds=1))
    polled(store, urls[3], next_poll_at=NOON)
    polled(store, urls[4], next_poll_at=NOON - HOUR * 9, gone=True)
    assert due(store) == ["https://new.test/", "https://late.test/", "https://now.test/"]
    assert due(store, limit=1) == ["https://new.test/"]
    assert due(store, exclude={"https://new.test/"}) == ["https://late.test/", "https://now.test/"]


def test_the_next_feed_falls_due_at_the_earliest_time_of_those_still_polled(store: Store):
    def at() -> object:
        with store.read() as c:
            return feeds.next_due_at(c)

    assert at() is None
    known(store, a_feed(), a_feed(url="https://gone.test/"))
    assert at() < NOON  # type: ignore[operator]
    polled(store, a_feed().url, next_poll_at=NOON + HOUR)
    polled(store, "https://gone.test/", next_poll_at=NOON, gone=True)
    assert at() == NOON + HOUR


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param({}, Coverage(feeds_ok=1, feeds_failing=0), id="the last poll went well"),
        pytest.param({"last_success_at": None}, Coverage(feeds_ok=0, feeds_failing=0), id="never polled"),
        pytest.param(
            {"failures": 1, "error": "HTTP 500"},
            Coverage(feeds_ok=0, feeds_failing=1, gaps=(Gap(feed="News", reason="HTTP 500"),)),
            id="the last poll failed",
        ),
        pytest.param(
            {"gone": True},
            Coverage(
                feeds_ok=0,
                feeds_failing=1,
                gaps=(Gap(feed="News", reason="gone: the server says it will not come back"),),
            ),
            id="gone",
        ),
    ],
)
def test_coverage_counts_what_answers_and_names_what_fails(store: Store, state: dict[str, object], expected: Coverage):
    known(store, a_feed())
    polled(store, a_feed().url, **state)
    with store.read() as c:
        assert feeds.coverage(c) == expected


def test_coverage_of_nothing_is_nothing(store: Store):
    with store.read() as c:
        assert feeds.coverage(c) == Coverage(feeds_ok=0, feeds_failing=0)


def test_of_many_failing_feeds_the_worst_are_named_and_all_are_counted(store: Store):
    known(store, *(a_feed(url=f"https://{n}.test/", title=str(n)) for n in range(60)))
    for n in range(60):
        polled(store, f"https://{n}.test/", failures=n + 1, error="HTTP 500")
    with store.read() as c:
        coverage = feeds.coverage(c)
    assert coverage.feeds_failing == 60
    assert [gap.feed for gap in coverage.gaps] == [str(n) for n in range(59, 9, -1)]
