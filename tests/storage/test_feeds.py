from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain import Coverage, Feed, FeedState, Gap, Validators, Wishes
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
    answered_at=NOON - HOUR / 2,
    missing_since=NOON - HOUR * 3,
    wishes=Wishes(interval=HOUR * 6, skip_hours=(0, 23), skip_days=(6,), moved_to="https://new.test/"),
    last_new_at=NOON - HOUR * 4,
    rhythm=HOUR * 5,
    hops=2,
    address="https://moved.test/feed",
    moving_to="https://moving.test/feed",
    moving_since=NOON - HOUR * 9,
    floods=3,
    marks=b"\x00\xff",
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


def test_a_feed_that_is_no_longer_configured_is_neither_listed_nor_due_and_keeps_its_state(store: Store):
    known(store, a_feed(), a_feed(url="https://other.test/"))
    polled(store, a_feed().url, primed=True)
    known(store, a_feed(url="https://other.test/"))
    assert due(store) == ["https://other.test/"]
    with store.read() as c:
        assert [feed.url for feed in feeds.listed(c)] == ["https://other.test/"]
        assert feeds.get(c, a_feed().url).state.primed is True


def test_a_feed_that_is_put_back_begins_anew(store: Store):
    """What it brought meanwhile is no news, and a 410 of last year is no reason not to ask."""
    other = a_feed(url="https://other.test/", title="Other")
    known(store, a_feed(), other)
    for url in (a_feed().url, other.url):
        polled(store, url, primed=True, gone=True, failures=9, address="https://moved.test/", next_poll_at=NOON + HOUR)
    known(store, other)
    known(store, a_feed(title="Renamed"), other)
    assert due(store) == [a_feed().url]
    with store.read() as c:
        assert feeds.get(c, a_feed().url) == a_feed(title="Renamed")
        assert feeds.get(c, other.url).state.failures == 9  # it was never taken out
        assert feeds.crowd(c, "news.test") == 1


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


def test_a_host_that_is_busy_stands_before_nobody(store: Store):
    farm = [f"https://farm.test/{n}" for n in range(30)]
    known(store, *(a_feed(url=url) for url in farm), a_feed(url="https://moved.test/"))
    polled(store, "https://moved.test/", next_poll_at=NOON, address="https://u:p@FARM.test/x")
    known(store, *(a_feed(url=url) for url in farm), a_feed(url="https://moved.test/"), a_feed())
    polled(store, a_feed().url, next_poll_at=NOON)
    assert set(due(store, limit=5)) < set(farm)
    assert due(store, limit=5, exclude={farm[0]}) == [a_feed().url]


def test_a_host_at_rest_keeps_the_distances_between_its_feeds(store: Store):
    urls = [f"https://farm.test/{n}" for n in range(4)]
    known(store, *(a_feed(url=url) for url in urls), a_feed())
    times = [NOON - HOUR, NOON + HOUR, NOON + 2 * HOUR, NOON + 5 * HOUR]
    for url, at in zip(urls, times, strict=True):
        polled(store, url, next_poll_at=at)
    polled(store, a_feed().url, next_poll_at=NOON)
    with store.write() as c:
        feeds.rest_host(c, "farm.test", NOON + 3 * HOUR, NOON)
        feeds.rest_host(c, "farm.test", NOON, NOON)
        after = [feeds.get(c, url).state.next_poll_at for url in (*urls, a_feed().url)]
    assert after == [NOON + n * HOUR for n in (3, 4, 5, 5, 0)]


def test_the_feeds_of_a_host_are_counted(store: Store):
    known(store, *(a_feed(url=f"https://farm.test/{n}") for n in range(4)), a_feed())
    with store.read() as c:
        assert [feeds.crowd(c, host) for host in ("farm.test", "news.test", "no.test")] == [4, 1, 0]


def test_feeds_tried_since_anybody_answered_are_found(store: Store):
    urls = [f"https://{n}.test/" for n in range(4)]
    known(store, *(a_feed(url=url) for url in urls))
    for url in urls[:2]:
        polled(store, url, last_poll_at=NOON, error="no route")
    with store.read() as c:
        assert [feed.url for feed in feeds.unheard(c)] == urls[:2]
    polled(store, urls[2], last_poll_at=NOON + HOUR, answered_at=NOON + HOUR, error="HTTP 500")
    polled(store, urls[3], last_poll_at=NOON + 2 * HOUR, error="no route")
    with store.read() as c:
        assert [feed.url for feed in feeds.unheard(c)] == urls[3:]


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


def test_coverage_shows_nobody_the_password_of_a_feed(store: Store):
    known(store, Feed(url="https://user:password@news.test/?token=s3cret"))
    polled(store, "https://user:password@news.test/?token=s3cret", error="HTTP 500")
    with store.read() as c:
        assert [gap.feed for gap in feeds.coverage(c).gaps] == ["https://news.test/?token=..."]


# --- Several workers --------------------------------------------------------------------------------------------------


def test_a_claimed_feed_is_nobody_elses_for_its_interval(store: Store):
    known(store, a_feed(interval=HOUR), a_feed(url="https://other.test/feed.xml"))
    with store.write() as c:
        claimed = feeds.claim(c, "news.test", NOON)
        assert claimed is not None
        assert claimed.claimed_until == NOON + HOUR
        assert feeds.claim(c, "news.test", NOON + HOUR / 2) is None
        assert feeds.due_hosts(c, NOON, limit=9) == ["other.test"]
        again = feeds.claim(c, "news.test", NOON + HOUR)
    assert again is not None
    assert again.url == claimed.url


def test_a_worker_that_was_overtaken_holds_its_feed_no_more(store: Store):
    known(store, a_feed(interval=HOUR))
    with store.write() as c:
        slow = feeds.claim(c, "news.test", NOON)
        assert slow is not None
        assert feeds.holds(c, slow)
        quick = feeds.claim(c, "news.test", NOON + HOUR)
        assert quick is not None
        assert not feeds.holds(c, slow)
        assert feeds.holds(c, quick)
        feeds.save_state(c, quick.url, replace(quick.state, next_poll_at=NOON + 3 * HOUR))
        assert not feeds.holds(c, slow)
        assert feeds.holds(c, a_feed())  # where there is but one process nothing is claimed


def test_the_host_that_waits_longest_comes_first(store: Store):
    known(store, *(a_feed(url=f"https://{name}.test/{n}") for name in "abc" for n in range(2)))
    with store.write() as c:
        for n, name in enumerate("bca"):
            feeds.save_state(c, f"https://{name}.test/1", FeedState(next_poll_at=NOON + n * HOUR))
            feeds.save_state(c, f"https://{name}.test/0", FeedState(next_poll_at=NOON + 9 * HOUR))
        assert feeds.due_hosts(c, NOON + HOUR, limit=9) == ["b.test", "c.test"]
        assert feeds.due_hosts(c, NOON + 9 * HOUR, limit=2) == ["b.test", "c.test"]
