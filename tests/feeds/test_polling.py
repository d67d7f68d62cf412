from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import Document, FeedState, ParsedFeed, Validators
from monitor.errors import FetchError, ParseError
from monitor.feeds.polling import (
    JITTER,
    MAX_BACKOFF,
    MAX_FRESHNESS,
    MAX_RETRY_AFTER,
    PollStatus,
    body_hash,
    failed,
    next_poll,
    succeeded,
)
from tests.factories import NOON, a_feed, an_entry

HOUR = timedelta(hours=1)
KNOWN = Validators(etag='"1"', last_modified="Mon, 09 Mar 2026 12:00:00 GMT")


def document(body: bytes | None = b"<rss/>", **headers: str) -> Document:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Document(url="https://news.test/feed.xml", status=200 if body else 304, headers=named, body=body)


def known_feed(**state: Any):
    before: dict[str, Any] = {"validators": KNOWN, "body_hash": body_hash(b"old"), "title": "News", "primed": True}
    return a_feed(state=FeedState(**before | state))


def waited(poll) -> timedelta:
    assert poll.state.next_poll_at is not None
    return poll.state.next_poll_at - NOON


def about(wait: timedelta, wanted: timedelta) -> bool:
    return wanted <= wait <= wanted * (1 + JITTER)


def test_a_read_document_brings_its_entries_and_a_new_state() -> None:
    parsed = ParsedFeed(title="News at Noon", site_url="https://news.test/", entries=(an_entry(),))
    poll = succeeded(known_feed(failures=3, error="HTTP 500"), document(etag='"2"'), parsed, NOON)
    assert (poll.status, poll.entries, poll.error) == (PollStatus.OK, (an_entry(),), None)
    state = poll.state
    assert (state.title, state.site_url) == ("News at Noon", "https://news.test/")
    assert state.body_hash == body_hash(b"<rss/>")
    assert (state.last_poll_at, state.last_success_at, state.failures, state.error) == (NOON, NOON, 0, None)
    assert about(waited(poll), HOUR)


def test_the_first_success_primes_a_feed_and_a_failure_does_not() -> None:
    assert succeeded(a_feed(), document(), ParsedFeed(), NOON).state.primed
    assert not failed(a_feed(), FetchError("u", "no"), NOON).state.primed


def test_validators_are_one_set_from_the_last_200() -> None:
    replaced = succeeded(known_feed(), document(etag='"2"'), ParsedFeed(), NOON)
    assert replaced.state.validators == Validators(etag='"2"', last_modified=None)
    same_bytes = succeeded(known_feed(), document(last_modified="later"), None, NOON)
    assert same_bytes.state.validators == Validators(etag=None, last_modified="later")


def test_a_304_keeps_validators_and_takes_new_ones() -> None:
    kept = succeeded(known_feed(), document(None), None, NOON)
    assert (kept.status, kept.state.validators) == (PollStatus.NOT_MODIFIED, KNOWN)
    assert kept.state.body_hash == body_hash(b"old")
    fresher = succeeded(known_feed(), document(None, etag='"2"'), None, NOON)
    assert fresher.state.validators == Validators(etag='"2"', last_modified=KNOWN.last_modified)


def test_the_same_bytes_bring_nothing() -> None:
    poll = succeeded(known_feed(), document(b"old"), None, NOON)
    assert (poll.status, poll.entries) == (PollStatus.SAME, ())
    assert poll.state.title == "News"


def test_a_failure_keeps_what_is_known_and_says_why() -> None:
    feed = known_feed(failures=1, last_success_at=NOON - HOUR)
    poll = failed(feed, ParseError(feed.url, "not a feed: it is an HTML page"), NOON)
    assert (poll.status, poll.error) == (PollStatus.FAILED, "not a feed: it is an HTML page")
    assert poll.state.error == poll.error
    assert poll.state.validators == KNOWN
    assert poll.state.body_hash == body_hash(b"old")
    assert (poll.state.failures, poll.state.last_success_at) == (2, NOON - HOUR)
    assert about(waited(poll), 4 * HOUR)


def test_failures_double_the_wait_up_to_a_day() -> None:
    waits = [waited(failed(known_feed(failures=n), FetchError("u", "HTTP 500"), NOON)) for n in range(8)]
    hours = (2, 4, 8, 16, 24, 24, 24, 24)
    assert all(about(wait, wanted * HOUR) for wait, wanted in zip(waits, hours, strict=True))


def test_410_retires_a_feed() -> None:
    poll = failed(known_feed(), FetchError("u", "HTTP 410", status=410), NOON)
    assert poll.status is PollStatus.GONE
    assert poll.state.gone
    assert not failed(known_feed(), FetchError("u", "HTTP 404", status=404), NOON).state.gone


def test_retry_after_is_heeded_and_capped() -> None:
    def wait(retry_after: timedelta | None, status: int = 429) -> timedelta:
        return waited(failed(known_feed(), FetchError("u", "no", status=status, retry_after=retry_after), NOON))

    assert about(wait(timedelta(hours=30)), timedelta(hours=30))
    assert about(wait(timedelta(hours=30), 503), timedelta(hours=30))
    assert about(wait(timedelta(days=99)), MAX_RETRY_AFTER)
    assert about(wait(timedelta(seconds=1)), 2 * HOUR)
    assert about(wait(None), 4 * HOUR)


HINTS = {
    "max-age lengthens": ({"cache_control": "max-age=14400"}, None, 4 * HOUR),
    "max-age never shortens": ({"cache_control": "max-age=60"}, None, HOUR),
    "max-age is capped": ({"cache_control": "max-age=999999999"}, None, MAX_FRESHNESS),
    "Expires lengthens": (
        {"expires": "Thu, 12 Mar 2026 13:00:00 GMT", "date": "Thu, 12 Mar 2026 10:00:00 GMT"},
        None,
        3 * HOUR,
    ),
    "ttl lengthens": ({}, 90, timedelta(minutes=90)),
    "ttl never shortens": ({}, 1, HOUR),
    "the longest counts": ({"cache_control": "max-age=7200"}, 300, 5 * HOUR),
}


@pytest.mark.parametrize(("headers", "ttl", "wait"), HINTS.values(), ids=HINTS)
def test_what_the_server_asks_for_lengthens_the_wait(headers: dict[str, str], ttl: int | None, wait: timedelta) -> None:
    poll = succeeded(known_feed(), document(**headers), ParsedFeed(ttl_minutes=ttl), NOON)
    assert about(waited(poll), wait)


def test_max_age_on_a_304_counts_too() -> None:
    assert about(waited(succeeded(known_feed(), document(None, cache_control="max-age=7200"), None, NOON)), 2 * HOUR)


@given(
    st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    st.integers(0, 10_000),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
    st.floats(0, 1),
)
def test_the_next_poll_is_never_before_the_interval_nor_the_hint(
    interval: timedelta, failures: int, hint: timedelta | None, jitter: float
) -> None:
    wait = next_poll(NOON, interval, failures=failures, hint=hint, jitter=jitter) - NOON
    assert wait >= max(interval, hint or interval)
    assert wait <= max(interval, hint or interval, MAX_BACKOFF) * (1 + jitter) + timedelta(microseconds=1)


def test_intervals_of_seconds_stay_seconds() -> None:
    feed = a_feed(interval=timedelta(seconds=5))
    assert about(waited(succeeded(feed, document(), ParsedFeed(), NOON)), timedelta(seconds=5))
    assert about(waited(failed(feed, FetchError("u", "no"), NOON)), timedelta(seconds=10))


def test_feeds_added_together_drift_apart_and_the_same_way_every_time() -> None:
    def waits() -> list[timedelta]:
        feeds = [a_feed(url=f"https://news.test/{n}") for n in range(200)]
        return [waited(succeeded(feed, document(), ParsedFeed(), NOON)) for feed in feeds]

    first = waits()
    assert first == waits()
    by_minute = [
        sum(HOUR + timedelta(minutes=m) <= wait < HOUR + timedelta(minutes=m + 1) for wait in first) for m in range(6)
    ]
    assert min(by_minute) > 15
    assert sum(by_minute) == 200
