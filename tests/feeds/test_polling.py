from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import Document, FeedState, ParsedFeed, Validators, Wishes
from monitor.errors import FetchError, ParseError
from monitor.feeds.polling import (
    JITTER,
    MAX_BACKOFF,
    MAX_FRESHNESS,
    MAX_RETRY_AFTER,
    OUR_NETWORK,
    Poll,
    PollStatus,
    Rest,
    as_asked,
    body_hash,
    excused,
    failed,
    next_poll,
    notices,
    paced,
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
    hours = (2, 4, 8, 16)
    assert all(about(wait, wanted * HOUR) for wait, wanted in zip(waits, hours, strict=False))
    assert all(MAX_BACKOFF / (1 + JITTER) <= wait <= MAX_BACKOFF for wait in waits[4:])


def test_410_retires_a_feed_and_a_later_success_brings_it_back() -> None:
    poll = failed(known_feed(), FetchError("u", "HTTP 410", status=410), NOON)
    assert poll.status is PollStatus.GONE
    assert poll.state.gone
    assert poll.error == "HTTP 410; it is polled no more"
    assert not succeeded(replace(poll.feed, state=poll.state), document(), ParsedFeed(), NOON).state.gone


def test_410_from_an_adopted_address_leads_back_to_the_configured_one() -> None:
    poll = failed(known_feed(address="https://new.test/"), FetchError("u", "HTTP 410", status=410), NOON)
    assert (poll.status, poll.state.gone, poll.state.address) == (PollStatus.FAILED, False, None)


def failing_daily(status: int | None, days: int, **state: Any):
    """The states that a feed goes through when it fails once a day."""
    feed = known_feed(last_success_at=NOON, **state)
    for day in range(1, days + 1):
        error = FetchError("u", f"HTTP {status}", status=status)
        feed = replace(feed, state=failed(feed, error, NOON + timedelta(days=day)).state)
        yield feed.state


def test_a_page_that_is_missing_for_three_weeks_is_given_up_and_it_is_said() -> None:
    states = list(failing_daily(404, 22))
    assert [state.gone for state in states] == [False] * 21 + [True]
    assert states[-1].error == "HTTP 404; so it has been since 2026-03-13, and it is polled no more"


def test_a_page_that_is_missing_for_hours_is_not() -> None:
    feed = known_feed(last_success_at=NOON)
    for hour in range(24):
        error = FetchError("u", "HTTP 404", status=404)
        feed = replace(feed, state=failed(feed, error, NOON + timedelta(hours=hour)).state)
    assert not feed.state.gone
    back = succeeded(feed, document(), ParsedFeed(), NOON + timedelta(days=2)).state
    assert (back.gone, back.missing_since, back.failures) == (False, None, 0)


def test_neither_weeks_of_errors_nor_a_machine_that_slept_make_a_feed_gone() -> None:
    assert not any(state.gone for state in failing_daily(500, 80))
    assert any(state.gone for state in failing_daily(500, 90))
    asleep = known_feed(last_success_at=NOON - timedelta(days=300), missing_since=NOON - timedelta(days=90))
    assert not failed(asleep, FetchError("u", "HTTP 404", status=404), NOON).state.gone


def test_an_error_does_not_make_a_slow_feed_faster() -> None:
    silent = known_feed(last_new_at=NOON - timedelta(days=5))
    assert about(waited(failed(silent, FetchError("u", "HTTP 500"), NOON)), 12 * HOUR)


def test_a_host_that_says_when_to_come_back_is_left_alone_with_all_its_feeds_if_it_is_public() -> None:
    def rest(host: str, status: int = 429, wait: timedelta | None = HOUR) -> Rest | None:
        return failed(known_feed(), FetchError("u", "no", status=status, retry_after=wait, host=host), NOON).rest

    assert rest("news.test:8080") == Rest(host="news.test:8080", until=NOON + HOUR)
    assert rest("news.test", 503) == Rest(host="news.test", until=NOON + HOUR)
    assert rest("news.test", 500) is None
    assert rest("news.test", wait=None) is None
    assert [rest(host) for host in ("127.0.0.1:80", "[::1]:80", "printer", "nas.local", "wiki.corp:8080")] == [None] * 5


def test_an_answer_is_noted_whether_good_or_bad_and_silence_is_not() -> None:
    feed = known_feed(answered_at=NOON - HOUR)
    assert failed(feed, FetchError("u", "HTTP 500", status=500), NOON).state.answered_at == NOON
    assert failed(feed, ParseError("u", "not a feed"), NOON).state.answered_at == NOON
    assert failed(feed, FetchError("u", "no route", reached=False), NOON).state.answered_at == NOON - HOUR


def test_a_poll_that_failed_for_want_of_our_own_network_does_not_count() -> None:
    feed = known_feed(failures=2)
    poll = failed(feed, FetchError("u", "no route", reached=False), NOON)
    state = excused(replace(feed, state=poll.state), NOON)
    assert (state.failures, state.error) == (2, OUR_NETWORK)
    assert state.next_poll_at is not None
    assert about(state.next_poll_at - NOON, 4 * HOUR)


def test_what_is_new_keeps_a_feed_awake() -> None:
    feed = known_feed(last_new_at=NOON - timedelta(days=5))
    quiet = succeeded(feed, document(etag='"2"'), ParsedFeed(), NOON)
    assert about(waited(quiet), 12 * HOUR)
    heard = paced(quiet, NOON, new=True)
    assert about(waited(heard), 6 * HOUR)
    assert (heard.state.last_new_at, heard.state.rhythm) == (NOON, timedelta(days=5))
    assert paced(heard, NOON, new=True) == heard


def test_a_push_keeps_the_feed_awake_and_the_next_poll_where_it_is() -> None:
    feed = known_feed(last_new_at=NOON - timedelta(days=5), next_poll_at=NOON + 5 * HOUR)
    push = paced(Poll(feed=feed, status=PollStatus.PUSHED, state=feed.state), NOON, new=True)
    assert (push.state.last_new_at, push.state.next_poll_at) == (NOON, NOON + 5 * HOUR)


def test_the_many_feeds_of_one_host_are_spread_over_their_first_interval() -> None:
    def first_wait(n: int, crowd: int) -> timedelta:
        return waited(
            paced(
                succeeded(a_feed(url=f"https://farm.test/{n}"), document(), ParsedFeed(), NOON),
                NOON,
                new=True,
                crowd=crowd,
            )
        )

    waits = [first_wait(n, 1000) for n in range(1000)]
    by_minute = [sum(60 + m <= wait / timedelta(minutes=1) < 61 + m for wait in waits) for m in range(60)]
    assert sum(by_minute) == 1000
    assert max(by_minute) <= 3 * 1000 / 60
    assert all(about(first_wait(n, 20), HOUR) for n in range(20))


def test_hours_that_the_feed_leaves_out_are_left_out() -> None:
    hours = Wishes(skip_hours=(13, 14, 15))
    poll = succeeded(known_feed(), document(), ParsedFeed(wishes=hours), NOON)
    assert poll.state.next_poll_at is not None
    assert poll.state.next_poll_at.hour == 16
    unchanged = succeeded(replace(poll.feed, state=poll.state), document(None), None, NOON)
    assert unchanged.state.wishes == hours


def test_a_last_modified_from_the_future_is_not_kept() -> None:
    sent = "Thu, 12 Mar 2026 12:00:00 GMT"
    for stated, kept in {"Mon, 01 Jan 2041 00:00:00 GMT": False, "Thu, 12 Mar 2026 13:00:00 GMT": True}.items():
        fresh = succeeded(known_feed(), document(last_modified=stated, date=sent, etag='"2"'), ParsedFeed(), NOON)
        assert fresh.state.validators == Validators(etag='"2"', last_modified=stated if kept else None)


NOTICES = {
    "nothing": ({}, []),
    "moved": ({"address": "https://new.test/"}, ["moved to https://new.test/: change it in monitor.yaml"]),
    "moving": (
        {"moving_to": "https://new.test/", "moving_since": NOON},
        ["redirects for good to https://new.test/ since 2026-03-12"],
    ),
    "says so itself": (
        {"wishes": Wishes(moved_to="https://new.test/")},
        ["says that it has moved to https://new.test/"],
    ),
    "says so itself, and we follow": (
        {"address": "https://new.test/", "wishes": Wishes(moved_to="https://new.test/")},
        ["moved to https://new.test/: change it in monitor.yaml"],
    ),
    "floods": ({"floods": 3}, ["its ids change at each poll: entries are told apart by title, link and date"]),
}


@pytest.mark.parametrize(("state", "said"), NOTICES.values(), ids=NOTICES)
def test_people_are_told_what_they_may_want_to_mend(state: dict[str, Any], said: list[str]) -> None:
    assert notices(known_feed(**state)) == said


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
    poll = succeeded(
        known_feed(), document(**headers), ParsedFeed(wishes=Wishes(interval=ttl and timedelta(minutes=ttl))), NOON
    )
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


DOUBTS = {
    "it has a rhythm, and sent nothing for a month": (31, timedelta(days=1), True),
    "it sent something lately": (29, timedelta(days=1), False),
    "it never brought anything new": (300, None, False),
    "its usual gap is long": (31, timedelta(days=10), False),
}


@pytest.mark.parametrize(("days", "rhythm", "doubted"), DOUBTS.values(), ids=DOUBTS)
def test_a_304_is_doubted_of_a_feed_that_used_to_bring_news(days: int, rhythm: timedelta | None, doubted: bool):
    feed = known_feed(body_at=NOON - timedelta(days=days), rhythm=rhythm)
    assert (as_asked(feed, NOON).state.validators == Validators()) == doubted
