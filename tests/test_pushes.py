"""A hub's whole life with a feed: asked, confirmed, pushing, failing, renewed, left; over real HTTP on loopback."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.domain import Feed, Subscription, SubscriptionState
from monitor.feeds.isolation import Parser
from monitor.pipeline import Intake, Tools, poll_feed
from monitor.pushes import ask_hubs
from monitor.storage import feeds, stories, subscriptions
from monitor.storage.store import Store
from monitor.web.app import build_app
from monitor.web.host import Host
from monitor.web.serving import serving
from tests.hub import Hub, call
from tests.servers import Site, rss, serve
from tests.test_pipeline import STORY

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Watch:
    """A monitor whose time a test sets, with its HTTP end on loopback."""

    def __init__(self, store: Store, parser: Parser) -> None:
        self.store = store
        self.parser = parser
        self.now = NOON
        self.tools: Tools
        self.base = ""

    def configure(self, *urls: str, public: bool = True) -> None:
        config = Config.model_validate(
            {
                "network": {"allow": ["127.0.0.1/32"]},
                "polling": {"max_body_bytes": 100_000},
                "web": {"public_url": f"{self.base}/" if public else ""},
                "feeds": [{"url": url} for url in urls],
                "stories": [STORY],
            }
        )
        self.tools = wire(config, self.store, self.parser)
        register(self.tools, self.now)

    def host(self) -> Host:
        return Host(
            tools=lambda: self.tools,
            use=lambda tools: setattr(self, "tools", tools),
            folder=Path(),
            save=lambda file: file.text,
            clock=lambda: self.now,
        )

    def feed(self) -> Feed:
        with self.store.read() as connection:
            (feed,) = feeds.listed(connection)
        return feed

    def subscription(self) -> Subscription | None:
        with self.store.read() as connection:
            return subscriptions.of_feed(connection, self.feed().url)

    def poll(self) -> Intake:
        return poll_feed(self.feed(), self.tools, self.now)

    def ask(self) -> int:
        return ask_hubs(self.tools, lambda: self.now, threading.Event())

    def titles(self) -> list[str]:
        """Of the events that the story has."""
        with self.store.read() as connection:
            events = stories.list_events(connection, "bridge", storyline=None, limit=50)
        return sorted(report.entry.title for event in events for report in event.reports)


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    with serve(hub):
        yield hub


@pytest.fixture
def site(hub: Hub) -> Iterator[Site]:
    site = Site()
    with serve(site):
        site.documents["/feed.xml"] = naming(hub, site, "Cats")
        yield site


@pytest.fixture
def watch(store: Store, parser: Parser, site: Site) -> Iterator[Watch]:
    watch = Watch(store, parser)
    watch.configure(f"{site.base}/feed.xml")
    with serving("127.0.0.1:0", build_app(watch.host())) as watch.base:
        watch.configure(f"{site.base}/feed.xml")
        yield watch


def naming(hub: Hub, site: Site, *titles: str) -> bytes:
    """A feed that names this hub."""
    links = f'<link rel="hub" href="{hub.base}/"/><link rel="self" href="{site.base}/feed.xml"/>'
    links = links.replace("<link", '<link xmlns="http://www.w3.org/2005/Atom"')
    return rss(*titles).replace(b"</title>", b"</title>" + links.encode(), 1)


@pytest.fixture
def pushing(watch: Watch) -> Watch:
    """A watch whose hub has confirmed the subscription."""
    watch.poll()
    assert watch.ask() == 1
    subscription = watch.subscription()
    assert subscription is not None
    assert subscription.is_active(watch.now)
    return watch


def test_a_feed_that_names_a_hub_is_subscribed_with_secret_and_lease(pushing: Watch, hub: Hub, site: Site):
    (form,) = hub.asked
    assert form["hub.topic"] == f"{site.base}/feed.xml"
    assert form["hub.callback"].startswith(f"{pushing.base}/websub/")
    assert len(form["hub.callback"].rpartition("/")[2]) == 43
    assert len(form["hub.secret"]) == 64
    assert list(hub.subscribers) == [form["hub.callback"]]
    assert pushing.subscription().lease_ends_at == NOON + HOUR
    assert pushing.ask() == 0


def test_without_a_public_address_no_hub_is_asked(watch: Watch, hub: Hub, site: Site):
    watch.configure(f"{site.base}/feed.xml", public=False)
    watch.poll()
    assert watch.ask() == 0
    assert watch.subscription() is None


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha512"])
def test_a_signed_push_is_taken_in_like_a_poll_and_repeats_are_known(pushing: Watch, hub: Hub, site: Site, method: str):
    pushed = naming(hub, site, "Arden bridge delayed")
    assert hub.push(pushed, method=method) == [202]
    assert hub.push(pushed, method=method) == [202]
    assert pushing.titles() == ["Arden bridge delayed"]
    site.documents["/feed.xml"] = naming(hub, site, "Arden bridge delayed", "Cats")
    assert pushing.poll().new == 0


def test_a_push_leaves_what_polls_have_learnt_and_when_the_next_is(pushing: Watch, hub: Hub):
    before = pushing.feed().state
    pushing.now += timedelta(minutes=10)
    hub.push(rss("Arden bridge delayed"))
    after = pushing.feed().state
    assert after.last_new_at == pushing.now
    assert replace(after, last_new_at=before.last_new_at, rhythm=before.rhythm) == before


BAD = {
    "without a signature": "",
    "signed with another secret": "sha256=" + "0" * 64,
    "signed by a method of no worth": "md5=" + "0" * 32,
}


@pytest.mark.parametrize("signature", BAD.values(), ids=BAD)
def test_a_push_is_acknowledged_and_dropped_that_is(pushing: Watch, hub: Hub, signature: str):
    assert hub.push(rss("Arden bridge delayed"), signature=signature) == [202]
    assert pushing.titles() == []
    assert pushing.subscription().last_push_at is None


def test_a_push_that_is_no_feed_is_acknowledged_and_dropped(pushing: Watch, hub: Hub):
    assert hub.push(b"<html>Maintenance</html>") == [202]
    assert hub.push(b"\x1f\x8bno gzip") == [202]
    assert pushing.titles() == []


def test_a_push_that_is_too_large_is_not_read(pushing: Watch, hub: Hub):
    (callback,) = hub.subscribers
    assert call(callback, b" " * 100_001)[0] == 413


def test_a_callback_that_nobody_gave_out_is_gone(pushing: Watch):
    assert call(f"{pushing.base}/websub/guessed", rss("Arden bridge delayed"))[0] == 410
    assert call(f"{pushing.base}/websub/guessed?hub.mode=subscribe&hub.challenge=x")[0] == 404


def test_what_was_not_asked_for_is_not_confirmed(watch: Watch, hub: Hub):
    hub.ask_back = lambda form: {
        "hub.mode": "subscribe", "hub.topic": "https://evil.test/", "hub.challenge": "c", "hub.lease_seconds": "9"
    }  # fmt: skip
    watch.poll()
    watch.ask()
    assert hub.subscribers == {}
    assert not watch.subscription().is_active(NOON)


def test_a_challenge_comes_back_as_plain_text_only(pushing: Watch, hub: Hub):
    (form,) = hub.asked
    question = {"hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": "<script>"}
    with urllib.request.urlopen(f"{form['hub.callback']}?{urlencode(question)}", timeout=10) as answer:
        assert answer.read() == b"<script>"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_hub_that_asks_after_it_has_answered_is_confirmed_too(watch: Watch, hub: Hub):
    question, hub.ask_back = hub.ask_back, lambda form: None
    watch.poll()
    watch.ask()
    assert not watch.subscription().is_active(NOON)
    assert hub.verify(hub.asked[0], question(hub.asked[0]))
    assert watch.subscription().is_active(NOON)


def test_while_it_pushes_the_feed_is_polled_rarely_and_not_beyond_the_lease(pushing: Watch, hub: Hub):
    hub.lease_s = 10 * 86_400
    pushing.now += timedelta(minutes=45)
    assert pushing.ask() == 1
    pushing.poll()
    assert pushing.feed().state.next_poll_at == pushing.now + 6 * HOUR


def test_a_lease_is_renewed_before_it_ends_and_pushes_go_on(pushing: Watch, hub: Hub):
    began = pushing.subscription().active_since
    pushing.now += timedelta(minutes=39)
    assert pushing.ask() == 0
    pushing.now += timedelta(minutes=1)
    assert pushing.ask() == 1
    assert pushing.subscription().lease_ends_at == pushing.now + HOUR
    assert pushing.subscription().active_since == began
    assert len(hub.subscribers) == 1


def test_a_hub_that_no_longer_renews_costs_nothing_but_pushes(pushing: Watch, hub: Hub):
    hub.status = 503
    pushing.now += timedelta(minutes=45)
    assert pushing.ask() == 1
    assert pushing.subscription().is_active(pushing.now)
    assert pushing.subscription().reason == "the hub answered HTTP 503"
    pushing.now += HOUR
    assert not pushing.subscription().is_active(pushing.now)
    pushing.poll()
    assert pushing.feed().state.next_poll_at < pushing.now + 3 * HOUR


def test_a_denial_ends_the_wait_for_pushes_and_the_feed_is_polled_as_ever(pushing: Watch, hub: Hub):
    hub.lease_s = 10 * 86_400
    pushing.now += timedelta(minutes=45)
    pushing.ask()
    pushing.poll()
    (form, *_) = hub.asked
    denial = f"{form['hub.callback']}?hub.mode=denied&hub.reason=busy&hub.topic={form['hub.topic']}"
    assert call(denial) == (200, "")
    assert pushing.subscription().state is SubscriptionState.REFUSED
    assert pushing.subscription().reason == "the hub refuses: busy"
    assert pushing.feed().state.next_poll_at == pushing.now + HOUR


def test_a_poll_that_finds_what_was_not_pushed_trusts_the_hub_no_more_for_a_week(pushing: Watch, hub: Hub, site: Site):
    pushing.now += 2 * HOUR
    hub.lease_s = 10 * 86_400
    pushing.ask()
    pushing.poll()
    pushing.now += 6 * HOUR
    site.documents["/feed.xml"] = naming(hub, site, "Arden bridge delayed", "Cats")
    pushing.poll()
    assert pushing.subscription().state is SubscriptionState.REFUSED
    assert pushing.titles() == ["Arden bridge delayed"]
    pushing.now += 6 * DAY
    assert pushing.ask() == 0
    pushing.now += 2 * DAY
    assert pushing.ask() == 1
    assert pushing.subscription().is_active(pushing.now)


def test_a_feed_taken_out_of_the_configuration_is_unsubscribed(pushing: Watch, hub: Hub, site: Site):
    url = pushing.feed().url
    pushing.configure()
    assert pushing.ask() == 1
    assert hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert hub.subscribers == {}
    with pushing.store.read() as connection:
        assert subscriptions.of_feed(connection, url) is None


def test_a_feed_that_is_gone_for_good_is_unsubscribed(pushing: Watch, hub: Hub, site: Site):
    site.documents["/feed.xml"] = 410
    pushing.poll()
    assert pushing.ask() == 1
    assert hub.subscribers == {}


def test_a_feed_that_changes_its_hub_gets_a_new_callback_and_the_old_one_is_gone(pushing: Watch, hub: Hub, site: Site):
    other = Hub()
    with serve(other):
        site.documents["/feed.xml"] = naming(other, site, "Cats", "Dogs")
        pushing.poll()
        assert pushing.ask() == 1
        assert other.push(rss("Arden bridge delayed")) == [202]
        assert hub.push(rss("Arden bridge opens")) == [410]
    assert pushing.titles() == ["Arden bridge delayed"]


def test_a_hub_at_a_private_address_is_not_asked(watch: Watch, hub: Hub, site: Site):
    address = hub.base.replace("127.0.0.1", "127.0.0.2")
    site.documents["/feed.xml"] = naming(hub, site, "Cats").replace(hub.base.encode(), address.encode())
    watch.poll()
    watch.ask()
    assert hub.asked == []
    assert "address not allowed" in watch.subscription().reason


def test_no_secret_of_a_subscription_is_in_the_log(pushing: Watch, hub: Hub, capfd: pytest.CaptureFixture[str]):
    hub.push(rss("Arden bridge delayed"))
    hub.push(b"", signature="sha256=0")
    shown = "".join(capfd.readouterr())
    assert pushing.subscription().token not in shown
    assert pushing.subscription().secret not in shown
