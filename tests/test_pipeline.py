"""One unit of work each: a feed polled, a digest composed, a delivery sent; over real HTTP, on both databases."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.domain import DeliveryState, Novelty, Outcome, StatementKind
from monitor.errors import StorageError
from monitor.feeds.isolation import Parser
from monitor.feeds.polling import PollStatus
from monitor.pipeline import Tools, compose_digest, poll_feed, request_digest, send_delivery
from monitor.scheduling import compose_due, deliver_due, poll_all, poll_due, prune_old
from monitor.storage import expectations, feeds, outbox, stories
from monitor.storage.store import Store
from tests.servers import SECRET, Desk, Site, rss

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
STORY = {
    "story": "bridge",
    "title": "The bridge",
    "topics": [{"id": "bridge", "name": "Bridge", "strong": ["Arden bridge"]}],
    "storylines": [
        {
            "id": "opening",
            "title": "When it opens",
            "topics": ["bridge"],
            "query": "open* OR delay* OR postpone*",
            "expects": [{"id": "opens", "claim": "It opens", "when": "@bridge AND opens", "by": "2027"}],
        }
    ],
}


@pytest.fixture
def tools(store: Store, parser: Parser, site: Site, desk: Desk, tmp_path: Path) -> Tools:
    """The whole house over one feed, one story, one hourly digest, and a webhook and a file channel."""
    config = Config.model_validate(
        {
            "network": {"allow": ["127.0.0.1/32"]},
            "polling": {"interval": "1h"},
            "feeds": [{"url": f"{site.base}/feed.xml", "title": "News"}],
            "channels": [
                {"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET},
                {"id": "archive", "type": "file", "path": str(tmp_path / "digests")},
            ],
            "digests": [{"id": "hourly", "story": "bridge", "channels": ["desk", "archive"], "schedule": "0 * * * *"}],
            "stories": [STORY],
        }
    )
    tools = wire(config, store, parser)
    register(tools, NOON)
    return tools


def poll(tools: Tools, now: datetime):
    with tools.store.read() as connection:
        (feed,) = feeds.listed(connection)
    return poll_feed(feed, tools, now)


def deliver(tools: Tools, now: datetime):
    return deliver_due(tools, lambda: now, threading.Event())


def said(connection: Connection) -> set[StatementKind]:
    """What the reports so far say of the one thing that is expected."""
    stated = expectations.statements_of(connection, "bridge", after(days=9999))
    return {statement.kind for statement, _ in stated.get("opens", ())}


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


def test_the_first_poll_learns_what_is_there_and_tells_nothing_of_it(tools: Tools, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Arden bridge delayed", "Cats")
    intake = poll(tools, NOON)
    assert (intake.new, intake.matched) == (2, 1)
    assert compose_digest(tools.config.digests[0], tools, after(hours=1)) == []


def test_an_entry_that_comes_later_is_told_once_to_each_channel(tools: Tools, site: Site, desk: Desk, tmp_path: Path):
    site.documents["/feed.xml"] = rss("Cats")
    poll(tools, NOON)
    site.documents["/feed.xml"] = rss("Arden bridge delayed by a year", "Cats")
    poll(tools, after(minutes=30))
    for hour in (1, 2, 3):
        compose_due(tools, lambda hour=hour: after(hours=hour))
        deliver(tools, after(hours=hour))
    assert desk.titles == ["Arden bridge delayed by a year"]
    assert desk.bad_signatures == 0
    assert sorted(path.suffix for path in (tmp_path / "digests").iterdir()) == [".html", ".json", ".txt"]


def test_a_slot_gives_one_digest_however_often_it_is_asked_for(tools: Tools):
    settings = tools.config.digests[0]
    assert compose_digest(settings, tools, after(minutes=61)) is not None
    assert compose_digest(settings, tools, after(minutes=61)) is None
    assert compose_digest(settings, tools, after(minutes=119)) is None


def test_missed_slots_are_one_digest_that_says_so(tools: Tools, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Cats")
    poll(tools, NOON)
    site.documents["/feed.xml"] = rss("Arden bridge delayed")
    poll(tools, after(hours=1))
    compose_due(tools, lambda: after(hours=5, minutes=1))
    deliver(tools, after(hours=5, minutes=1))
    (digest,) = desk.digests
    assert "5 slots" in digest["reason"]


def test_a_bad_feed_is_a_result_and_its_error_is_stored(tools: Tools, site: Site):
    site.documents["/feed.xml"] = b"<html><title>Sign in</title></html>"
    intake = poll(tools, NOON)
    assert intake.poll.status is PollStatus.FAILED
    with tools.store.read() as connection:
        (feed,) = feeds.listed(connection)
        assert feed.state.failures == 1
        assert "HTML" in (feed.state.error or "")
        assert feeds.coverage(connection).feeds_failing == 1


def test_what_a_feed_said_before_stays_when_it_fails(tools: Tools, site: Site):
    site.documents["/feed.xml"] = rss("Arden bridge delayed")
    poll(tools, NOON)
    site.documents["/feed.xml"] = 500
    assert poll(tools, after(hours=1)).poll.status is PollStatus.FAILED
    site.documents["/feed.xml"] = rss("Arden bridge delayed")
    assert poll(tools, after(hours=2)).new == 0


def test_an_edited_entry_is_a_revision_and_may_join_the_story(tools: Tools, site: Site):
    def document(title: str) -> bytes:
        return rss("x").replace(b"<title>x</title>", f"<title>{title}</title>".encode())

    site.documents["/feed.xml"] = document("Bridge news")
    poll(tools, NOON)
    site.documents["/feed.xml"] = document("Arden bridge opens in May")
    intake = poll(tools, after(hours=1))
    assert (intake.new, intake.matched) == (0, 1)
    assert poll(tools, after(hours=2)).matched == 0


def test_reports_of_one_event_are_grouped_and_an_expectation_is_met(tools: Tools, site: Site):
    site.documents["/feed.xml"] = rss(
        "Arden bridge opens to traffic in March", "Arden bridge opens to traffic, in March"
    )
    poll(tools, NOON)
    with tools.store.read() as connection:
        (event,) = stories.list_events(connection, "bridge", limit=9)
        assert event.reports[0].novelty is Novelty.FIRST
        assert len(event.reports) == 2
        assert said(connection) == {StatementKind.MET}


def test_a_failed_delivery_is_tried_again_with_the_same_id_and_bytes(tools: Tools, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Cats")
    poll(tools, NOON)
    site.documents["/feed.xml"] = rss("Arden bridge delayed")
    poll(tools, after(minutes=1))
    desk.answers = [500, 503]
    compose_due(tools, lambda: after(hours=1))
    for minutes in (60, 61, 90, 120):
        deliver(tools, after(minutes=minutes))
    assert len(desk.received) == 3
    assert len(set(desk.received)) == 1


def test_gone_disables_the_channel_and_keeps_the_delivery(tools: Tools, site: Site, desk: Desk):
    desk.answers = [410]
    request_digest(tools.config.digests[0].model_copy(update={"empty": "send"}), tools, NOON)
    deliver(tools, NOON)
    deliver(tools, after(days=1))
    assert len(desk.received) == 1
    with tools.store.read() as connection:
        states = {row.channel: row.state for row in outbox.list_deliveries(connection, limit=9)}
    assert states == {"desk": DeliveryState.FAILED, "archive": DeliveryState.DELIVERED}


def test_a_delivery_that_dies_before_its_attempt_is_recorded_is_sent_again_unchanged(tools: Tools, desk: Desk):
    (delivery, _) = request_digest(tools.config.digests[0].model_copy(update={"empty": "send"}), tools, NOON)
    tools.channels["desk"].send(delivery, NOON)  # the process dies here, after the receiver took it
    assert send_delivery(delivery, tools, NOON, jitter=0).outcome is Outcome.DELIVERED
    assert len(desk.received) == 2
    assert len(set(desk.received)) == 1


def test_one_bad_feed_holds_up_no_other(tools: Tools, site: Site):
    with tools.store.read() as connection:
        (good,) = feeds.listed(connection)
    site.documents["/feed.xml"] = rss("Cats")
    bad = type(good)(url="http://127.0.0.1:1/feed.xml", title="Nobody there")
    with tools.store.write() as connection:
        feeds.sync(connection, [good, bad], NOON)
    intakes = poll_all([bad, good], tools, lambda: NOON, threading.Event())
    assert sorted(intake.poll.status.value for intake in intakes) == ["failed", "ok"]


def test_a_feed_is_not_polled_before_it_is_due(tools: Tools, site: Site):
    site.documents["/feed.xml"] = rss("Cats")
    assert len(poll_due(tools, lambda: NOON, threading.Event())) == 1
    assert poll_due(tools, lambda: after(minutes=59), threading.Event()) == []
    assert len(poll_due(tools, lambda: after(minutes=80), threading.Event())) == 1
    assert len(site.requests) == 2


def test_what_a_receiver_said_is_written_down_though_the_database_was_away(tools: Tools, desk: Desk):
    """An accepted message is not sent again because recording it failed at first."""
    request_digest(tools.config.digests[0].model_copy(update={"empty": "send", "channels": ("desk",)}), tools, NOON)
    writes, write = [], tools.store.write

    @contextmanager
    def sometimes_away():
        writes.append(1)
        if len(writes) == 1:
            raise StorageError("the database is locked")
        with write() as connection:
            yield connection

    store = copy(tools.store)
    store.write = sometimes_away
    attempts = deliver(replace(tools, store=store), NOON)
    assert [attempt.outcome for attempt in attempts] == [Outcome.DELIVERED]
    assert len(desk.received) == 1
    assert deliver(tools, after(days=1)) == []


def test_an_edited_report_may_meet_an_expectation(tools: Tools, site: Site):
    def document(title: str) -> bytes:
        return rss("x").replace(b"<title>x</title>", f"<title>{title}</title>".encode())

    site.documents["/feed.xml"] = document("Arden bridge delayed again")
    poll(tools, NOON)
    site.documents["/feed.xml"] = document("Arden bridge opens")
    poll(tools, after(hours=1))
    with tools.store.read() as connection:
        assert said(connection) == {StatementKind.MET}


def test_a_password_in_a_feed_s_address_is_in_no_log_line(tools: Tools, site: Site, capsys: pytest.CaptureFixture[str]):
    with tools.store.read() as connection:
        (feed,) = feeds.listed(connection)
    secret = replace(feed, url=feed.url.replace("//", "//me:s3cret@") + "?token=t0psecret")
    with tools.store.write() as connection:
        feeds.sync(connection, [secret], NOON)
    poll(tools, NOON)
    written = capsys.readouterr()
    assert "poll" in written.out
    assert "s3cret" not in written.out + written.err
    assert "t0psecret" not in written.out + written.err


def test_what_is_forgotten_is_never_told_though_the_feed_still_lists_it(tools: Tools, site: Site):
    """A year goes by; the document changes each time, so that it is read anew."""
    site.documents["/feed.xml"] = rss("Cats", "Arden bridge delayed")
    poll(tools, NOON)
    site.documents["/feed.xml"] = rss("Dogs", "Cats", "Arden bridge delayed")
    assert poll(tools, after(hours=1)).new == 1
    year = after(days=365)
    assert prune_old(tools, lambda: year, threading.Event()) == 2  # what belongs to the story stays
    assert prune_old(tools, lambda: year, threading.Event()) == 0
    site.documents["/feed.xml"] = rss("Birds", "Dogs", "Cats", "Arden bridge delayed")
    assert poll(tools, after(days=366)).new == 1
    assert compose_digest(tools.config.digests[0], tools, after(days=366, hours=1)) == []


def test_a_worker_that_was_overtaken_stores_nothing(tools: Tools, site: Site):
    site.documents["/feed.xml"] = rss("Cats")
    host = tools.config.feeds[0].url.split("/")[2]
    with tools.store.write() as connection:
        slow = feeds.claim(connection, host, NOON)
    with tools.store.write() as connection:
        quick = feeds.claim(connection, host, after(hours=1))
    assert slow is not None
    assert quick is not None
    assert poll_feed(quick, tools, after(hours=1)).new == 1
    with tools.store.read() as connection:
        before = feeds.listed(connection)
    site.documents["/feed.xml"] = rss("Dogs", "Cats")
    assert poll_feed(slow, tools, after(hours=1)).new == 0
    with tools.store.read() as connection:
        assert feeds.listed(connection) == before


def test_a_slip_that_two_sources_tell_is_told_once_and_so_are_the_reminder_and_the_end(
    tools: Tools, site: Site, desk: Desk
):
    """The calendar alone makes an edition: nothing new is polled after the first day."""
    site.documents["/feed.xml"] = rss("Cats")
    poll(tools, NOON)
    site.documents["/feed.xml"] = rss("Arden bridge delayed to 2028", "Arden bridge delayed, per Bloomberg", "Cats")
    poll(tools, after(minutes=30))
    start = datetime(2028, 12, 31, tzinfo=UTC) - NOON
    for moment in (timedelta(hours=1), *(start - timedelta(days=days) for days in (8, 7, 6, 0, -1, -2, -3))):
        compose_due(tools, lambda moment=moment: NOON + moment)
        deliver(tools, NOON + moment)
    told = [(one["state"], one["remind"], one["news"]) for digest in desk.digests for one in digest["expectations"]]
    assert told == [("slipped", None, True), ("slipped", 7, True), ("overdue", None, True)]
    assert [step["said"] for step in desk.digests[-1]["expectations"][0]["history"]] == ["2027", "2028"]


def test_a_state_that_a_channel_found_is_no_news_to_it(tools: Tools, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Arden bridge opens")
    poll(tools, NOON)
    compose_due(tools, lambda: after(hours=1))
    assert deliver(tools, after(hours=1)) == []
