"""What is asked of a hub, and what is believed of what it says."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain import Document, FeedState, ParsedFeed, Subscription, SubscriptionState
from monitor.feeds.parse import read
from monitor.feeds.polling import Poll, PollStatus
from monitor.feeds.websub import (
    FIRST_RETRY,
    LEASE,
    MAX_LEASE,
    MAX_RETRY,
    REST,
    after_poll,
    asked,
    confirmed,
    denied,
    ending,
    hub_of,
    is_signed,
    link_header,
    request_form,
    rested,
    unanswered,
)
from tests.factories import NOON, a_feed, an_entry

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HUB, TOPIC = "https://hub.test/", "https://news.test/feed.xml"
ASKED = Subscription(
    feed_url="https://news.test/feed.xml", hub=HUB, topic=TOPIC, token="t", secret="s", next_request_at=NOON
)
SENT = replace(ASKED, asking="subscribe", failures=1, next_request_at=NOON + FIRST_RETRY)
ACTIVE = replace(
    SENT,
    state=SubscriptionState.ACTIVE,
    failures=0,
    active_since=NOON - DAY,
    lease_ends_at=NOON + 9 * DAY,
    next_request_at=NOON + 6 * DAY,
)


def question(**changes: str) -> dict[str, str]:
    asked = {"mode": "subscribe", "topic": TOPIC, "challenge": "c", "lease_seconds": "864000"} | changes
    return {f"hub.{name}": value for name, value in asked.items()}


# --- Where the hub is -------------------------------------------------------------------------------------------------

LINKS = {
    "as the Recommendation shows it": ('<https://hub.test/>; rel="hub", <https://a.test/f>; rel="self"',
                                       {"hub": "https://hub.test/", "self": "https://a.test/f"}),
    "without quotes, with other parameters": ("<https://hub.test/>;title=x; rel=hub", {"hub": "https://hub.test/"}),
    "two relations of one link": ('<https://a.test/f>; rel="self alternate"',
                                  {"self": "https://a.test/f", "alternate": "https://a.test/f"}),
    "relative": ("</hub>; rel=hub", {"hub": "https://a.test/hub"}),
    "two hubs: the first": ("<https://x.test/>; rel=hub, <https://y.test/>; rel=hub", {"hub": "https://x.test/"}),
    "a comma in the address": ("<https://hub.test/a,b>; rel=hub", {"hub": "https://hub.test/a,b"}),
    "no web address": ("<file:///etc/passwd>; rel=hub", {}),
    "no relation": ("<https://hub.test/>", {}),
    "noise": ("<<<>>>;;rel=hub,,<", {}),
}  # fmt: skip


@pytest.mark.parametrize(("value", "links"), LINKS.values(), ids=LINKS)
def test_a_link_header_names(value: str, links: dict[str, str]):
    assert link_header(value, "https://a.test/f") == links


ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><link rel="hub" href="https://hub.test/?a=1&amp;utm_x=2"/>
<link rel="self" href="/self"/><entry><id>1</id><title>t</title></entry></feed>"""
RSS = b"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>
<atom:link rel="hub" href="https://hub.test/?a=1&amp;utm_x=2"/><atom:link rel="self" href="https://a.test/self"/>
<item><guid>1</guid><title>t</title></item></channel></rss>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "A", "feed_url": "https://a.test/self", "items": [],
"hubs": [{"type": "rssCloud", "url": "https://cloud.test/"}, {"type": "WebSub", "url": "https://hub.test/?a=1&utm_x=2"}]}"""


@pytest.mark.parametrize("body", [ATOM, RSS, JSON], ids=["Atom", "RSS", "JSON Feed"])
def test_a_document_names_its_hub_and_itself_and_no_parameter_is_taken_away(body: bytes):
    document = Document(url="https://a.test/f", status=200, body=body)
    parsed = read(document, "https://a.test/f")
    assert hub_of(document, parsed) == ("https://hub.test/?a=1&utm_x=2", "https://a.test/self")


def test_the_header_counts_before_the_document_and_the_address_stands_for_a_missing_self():
    document = Document(url="https://a.test/f", status=200, headers={"link": "<https://h.test/>; rel=hub"})
    assert hub_of(document, ParsedFeed(hub="https://other.test/")) == ("https://h.test/", "https://a.test/f")
    assert hub_of(replace(document, headers={}), ParsedFeed(self_url="https://a.test/self")) is None


# --- What is wanted after a poll --------------------------------------------------------------------------------------


def poll(hub: tuple[str, str] | None = (HUB, TOPIC), last: timedelta = HOUR) -> Poll:
    feed = a_feed(state=FeedState(last_poll_at=NOON - last))
    return Poll(feed=feed, status=PollStatus.OK, state=feed.state, hub=hub)


def wanted(known: Subscription | None, after: Poll, *fresh: object) -> Subscription | None:
    return after_poll(known, after, fresh, NOON, token="new", secret="new")


def test_a_feed_that_names_a_hub_wants_a_subscription_at_once():
    assert wanted(None, poll()) == replace(ASKED, token="new", secret="new")


def test_a_feed_without_a_hub_wants_none_and_gives_up_the_one_it_has():
    assert wanted(None, poll(None)) is None
    gone = wanted(ACTIVE, poll(None))
    assert gone is not None
    assert (gone.state, gone.next_request_at) == (SubscriptionState.ENDING, NOON)


def test_another_hub_or_topic_means_a_new_subscription_with_a_new_callback():
    assert wanted(ACTIVE, poll(("https://other.test/", TOPIC))).token == "new"
    assert wanted(ACTIVE, poll((HUB, "https://other.test/"))).token == "new"


def test_a_subscription_that_works_stays_as_it_is():
    assert wanted(ACTIVE, poll()) == ACTIVE


MISSED = {
    "an hour old": (an_entry(published=NOON - HOUR), HOUR, True),
    "just published: the push may be under way": (an_entry(published=NOON - timedelta(minutes=5)), HOUR, False),
    "older than the subscription": (an_entry(published=NOON - 2 * DAY), HOUR, False),
    "without a date, not there at the last poll": (an_entry(published=None), HOUR, True),
    "without a date, perhaps from before the subscription": (an_entry(published=None), 2 * DAY, False),
}


@pytest.mark.parametrize(("entry", "last_poll", "missed"), MISSED.values(), ids=MISSED)
def test_an_entry_that_a_poll_finds_shows_that_the_hub_fails_if_it_is(entry, last_poll: timedelta, missed: bool):
    after = wanted(ACTIVE, poll(last=last_poll), entry)
    assert (after.state is SubscriptionState.REFUSED) == missed
    assert after.next_request_at == (NOON + REST if missed else ACTIVE.next_request_at)


def test_before_a_hub_has_confirmed_nothing_counts_as_missed():
    assert wanted(SENT, poll(), an_entry(published=NOON - HOUR)) == SENT


def test_while_the_hub_pushes_the_next_poll_is_late_and_never_after_the_lease():
    state = FeedState(next_poll_at=NOON + HOUR)
    assert rested(state, ACTIVE, 6 * HOUR, NOON).next_poll_at == NOON + 6 * HOUR
    assert rested(state, ACTIVE, 30 * DAY, NOON).next_poll_at == ACTIVE.lease_ends_at
    assert rested(state, ACTIVE, HOUR / 2, NOON) == state
    assert rested(state, SENT, 6 * HOUR, NOON) == state
    assert rested(state, replace(ACTIVE, lease_ends_at=NOON), 6 * HOUR, NOON) == state


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_a_request_asks_for_a_lease_and_a_signature():
    sent = asked(ASKED, NOON)
    assert sent == SENT
    assert request_form(sent, "https://us.test/websub/t") == {
        "hub.callback": "https://us.test/websub/t",
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.secret": "s",
        "hub.lease_seconds": "864000",
    }


def test_a_hub_that_never_confirms_is_asked_ever_more_rarely_and_daily_at_least():
    waits, now, known = [], NOON, ASKED
    for _ in range(10):
        known = asked(known, now)
        waits.append(known.next_request_at - now)
        now = known.next_request_at
    assert waits[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    assert waits[-1] == MAX_RETRY


def test_a_renewal_leaves_the_subscription_active():
    renewed = asked(ACTIVE, NOON + 6 * DAY)
    assert renewed.is_active(NOON + 6 * DAY)
    assert renewed.asking == "subscribe"


def test_the_end_is_asked_for_three_times_then_it_is_forgotten():
    known = ending(ACTIVE, "why", NOON)
    for _ in range(3):
        known = asked(known, NOON)
        assert request_form(known, "c") == {"hub.callback": "c", "hub.mode": "unsubscribe", "hub.topic": TOPIC}
    assert asked(known, NOON) is None


def test_a_wait_that_the_hub_asks_for_is_kept_within_a_week():
    assert unanswered(SENT, "HTTP 429", 2 * HOUR, NOON).next_request_at == NOON + 2 * HOUR
    assert unanswered(SENT, "HTTP 429", timedelta(seconds=1), NOON).next_request_at == SENT.next_request_at
    assert unanswered(SENT, "HTTP 429", 365 * DAY, NOON).next_request_at == NOON + REST


# --- What it says -----------------------------------------------------------------------------------------------------


def test_a_confirmed_subscription_is_active_for_its_lease_and_renewed_before_its_end():
    after = confirmed(SENT, question(lease_seconds="900"), NOON)
    assert after.is_active(NOON + timedelta(seconds=899))
    assert not after.is_active(NOON + timedelta(seconds=900))
    assert after.next_request_at == NOON + timedelta(seconds=600)
    assert (after.failures, after.active_since) == (0, NOON)


def test_a_renewal_moves_the_end_and_not_the_beginning():
    after = confirmed(ACTIVE, question(), NOON)
    assert (after.active_since, after.lease_ends_at) == (ACTIVE.active_since, NOON + LEASE)


LEASES = {
    "not stated": ("", LEASE),
    "no number": ("soon", LEASE),
    "zero": ("0", LEASE),
    "for ever": ("9" * 40, MAX_LEASE),
}


@pytest.mark.parametrize(("stated", "lease"), LEASES.values(), ids=LEASES)
def test_a_lease_is_kept_within_bounds_when_it_is(stated: str, lease: timedelta):
    assert confirmed(SENT, question(lease_seconds=stated), NOON).lease_ends_at == NOON + lease


NOT_ASKED = {
    "before we asked": (ASKED, question()),
    "of another topic": (SENT, question(topic="https://evil.test/")),
    "the end, which we did not ask for": (ACTIVE, question(mode="unsubscribe")),
    "a beginning, when we asked for the end": (replace(ACTIVE, asking="unsubscribe"), question()),
    "of another mode": (SENT, question(mode="publish")),
    "without a challenge": (SENT, question(challenge="")),
    "with a challenge of a megabyte": (SENT, question(challenge="c" * 1_000_000)),
    "nothing at all": (SENT, {}),
}


@pytest.mark.parametrize(("known", "asks"), NOT_ASKED.values(), ids=NOT_ASKED)
def test_nothing_is_confirmed_that_we_did_not_ask_for(known: Subscription, asks: dict[str, str]):
    assert confirmed(known, asks, NOON) is None


def test_a_denial_is_taken_and_its_reason_is_cleaned():
    after = denied(ACTIVE, question(mode="denied", reason="not\u202e here\n"), NOON)
    assert (after.state, after.reason) == (SubscriptionState.REFUSED, "the hub refuses: not here")
    assert after.next_request_at == NOON + REST
    assert not after.is_active(NOON)
    assert confirmed(after, question(), NOON) is None


def test_a_denial_of_another_topic_is_none():
    assert denied(ACTIVE, question(mode="denied", topic="https://evil.test/"), NOON) is None


BODY = b"<feed/>"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signature_is_right_by_each_method_of_the_recommendation(method: str):
    digest = hmac.new(b"s", BODY, getattr(hashlib, method)).hexdigest()
    assert is_signed("s", f"{method}={digest}", BODY)
    assert is_signed("s", f" {method.upper()}={digest.upper()} ", BODY)
    assert not is_signed("s", f"{method}={digest}", BODY + b" ")
    assert not is_signed("other", f"{method}={digest}", BODY)
    assert not is_signed("s", f"{method}={digest[:-1]}", BODY)


@pytest.mark.parametrize("header", ["", "sha256", "sha256=", "md5=" + hashlib.md5(BODY).hexdigest(), "sha256=ü", "=="])
def test_a_signature_is_wrong_when_it_is(header: str):
    assert not is_signed("s", header, BODY)
