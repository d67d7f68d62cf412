"""The rules of a digest over the whole house: what is held comes later, what cannot wait at once, all of it once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.feeds.isolation import Parser
from monitor.pipeline import Tools, poll_feed, request_digest
from monitor.scheduling import compose_due, deliver_due
from monitor.storage import channels, digests, feeds, mutes
from monitor.storage.store import Store
from monitor.stories.likeness import Beat
from tests.servers import SECRET, Desk, Site, rss

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
#: Happenings at places of their own, so that none is taken for a report of another.
HAPPENINGS = (
    "Arden bridge delayed by a strike in the steel mill",
    "Mole tunnel: roof collapse buries two excavators",
    "Selby harbour opens a fish market",
    "Tram to Lake Orly postponed over unpaid fares",
    "Swans nest on the runway: Hexham airfield opens late",
    "Velodrome at Wick opens with a cycling race",
)
PLACES = ("Arden bridge", "Mole tunnel", "Selby harbour", "Lake Orly", "Hexham airfield", "Wick")
STORY = {
    "story": "works",
    "topics": [{"id": place.replace(" ", "-").lower(), "strong": [place]} for place in PLACES],
    "storylines": [
        {
            "id": "opening",
            "title": "When it opens",
            "topics": [place.replace(" ", "-").lower() for place in PLACES],
            "query": "open* OR delay* OR postpone* OR collapse*",
        }
    ],
}


class Life:
    """A house with one hourly digest under rules, and the clock in a test's hands."""

    def __init__(self, store: Store, parser: Parser, site: Site, desk: Desk, **rules: Any) -> None:
        self.site, self.desk, self.now = site, desk, NOON
        self.titles: list[str] = ["Cats"]
        self.config = Config.model_validate(
            {
                "network": {"allow": ["127.0.0.1/32"]},
                "feeds": [{"url": f"{site.base}/feed.xml", "title": "News"}],
                "channels": [{"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET}],
                "digests": [{"id": "hourly", "story": "works", "channels": ["desk"], "schedule": "0 * * * *"} | rules],
                "stories": [STORY],
            }
        )
        # Grouping by words alone: the sentence encoder takes a second to load, and nothing here is about meaning.
        self.tools: Tools = replace(wire(self.config, store, parser), beats={"works": Beat(lines=1)})
        register(self.tools, NOON)
        self.brings()

    def brings(self, *titles: str) -> None:
        """The feed brings these, and is polled."""
        self.titles += titles
        self.site.documents["/feed.xml"] = rss(*self.titles)
        with self.tools.store.read() as connection:
            (feed,) = feeds.listed(connection)
        poll_feed(feed, self.tools, self.now)

    def until(self, **time: float) -> None:
        """Live on to this time after noon, a tick every quarter of an hour."""
        end = NOON + timedelta(**time)
        while self.now < end:
            self.now = min(self.now + timedelta(minutes=15), end)
            self.tick()

    def tick(self) -> None:
        compose_due(self.tools, lambda: self.now)
        deliver_due(self.tools, lambda: self.now, threading.Event())


@pytest.fixture
def life(store: Store, parser: Parser, site: Site, desk: Desk) -> Callable[..., Life]:
    return lambda **rules: Life(store, parser, site, desk, **rules)


def test_quiet_hours_hold_and_their_end_flushes_in_one_digest_that_says_its_span(life: Callable[..., Life]):
    house = life(quiet_hours={"from": "12:30", "to": "17:30"}, empty="send")
    house.until(minutes=45)
    house.brings("Arden bridge delayed")
    house.until(hours=5, minutes=15)
    assert house.desk.digests == []
    house.until(hours=5, minutes=45)
    (digest,) = house.desk.digests
    assert digest["digest_id"] == "hourly-2026-03-12T17:00"
    assert "held by quiet hours until 17:30; stands for 5 slots" in digest["reason"]
    assert digest["window"] == {"from": "2026-03-12T12:00:00Z", "to": "2026-03-12T17:30:00Z"}
    assert house.desk.titles == ["Arden bridge delayed"]


def test_what_is_young_waits_for_the_next_slot_and_is_counted(life: Callable[..., Life]):
    house = life(settle="30m", empty="send")
    house.until(minutes=45)
    house.brings("Arden bridge delayed")
    house.until(hours=1)
    (first,) = house.desk.digests
    assert house.desk.titles == []
    (held,) = first["coverage"]["held"]
    assert (held["why"], held["entries"], held["until"]) == ("settling", 1, "2026-03-12T13:15:00Z")
    house.until(hours=2)
    assert house.desk.titles == ["Arden bridge delayed"]


def test_a_slot_within_the_gap_is_held_until_its_end(life: Callable[..., Life]):
    house = life(min_gap="90m")
    for hour in range(4):
        house.brings(HAPPENINGS[hour])
        house.until(hours=hour + 1)
    assert [digest["window"]["to"][11:16] for digest in house.desk.digests] == ["13:00", "14:30", "16:00"]
    assert len(house.desk.titles) == 4


def test_an_event_below_the_floor_is_told_to_nobody_and_counted_once(life: Callable[..., Life]):
    house = life(floor=1.0, empty="send")
    house.until(minutes=15)
    house.brings("Arden bridge delayed")
    house.until(hours=2)
    assert house.desk.titles == []
    held = [digest["coverage"]["held"] for digest in house.desk.digests]
    assert [[(one["why"], one["entries"]) for one in each] for each in held] == [[("below-floor", 1)], []]


def test_an_alert_comes_at_once_and_is_not_told_again(life: Callable[..., Life]):
    house = life(alert=[{"storylines": ["opening"], "score": 0.5}])
    house.until(minutes=15)
    house.brings("Arden bridge delayed")
    house.until(minutes=30)
    (alert,) = house.desk.digests
    assert alert["reason"].startswith("alert: first in opening")
    assert alert["digest_id"] == "hourly-alert-2026-03-12T12:30:00"
    house.until(hours=3)
    assert house.desk.titles == ["Arden bridge delayed"]
    with house.tools.store.read() as connection:
        assert [row.slot for row in digests.list_digests(connection, limit=9)] == [
            "2026-03-12T15:00",
            "2026-03-12T14:00",
            "2026-03-12T13:00",
            "alert-2026-03-12T12:30:00",
        ]


def test_a_flood_alerts_once_an_hour_and_loses_nothing(life: Callable[..., Life]):
    house = life(alert=[{"score": 0.5}], schedule="0 8 * * *")
    for place, title in enumerate(HAPPENINGS):
        house.brings(title)
        house.until(minutes=15 * (place + 1))
    house.until(hours=4)
    assert len(house.desk.digests) == 3  # the first at once, four together an hour later, one after another hour
    assert sorted(house.desk.titles) == sorted(house.titles[1:])


def test_an_alert_in_the_night_waits_for_the_morning_unless_it_is_urgent(life: Callable[..., Life]):
    night = {"from": "12:10", "to": "17:45"}
    house = life(quiet_hours=night, alert=[{"query": "collapse*", "urgent": True}, {"query": "delay*"}])
    house.until(minutes=15)
    house.brings(HAPPENINGS[0])
    house.until(hours=2)
    assert house.desk.digests == []
    house.brings(HAPPENINGS[1])
    house.until(hours=3)
    assert house.desk.titles == [HAPPENINGS[1]]
    house.until(hours=6)
    assert house.desk.titles[1:] == [HAPPENINGS[0]]


def test_an_alert_in_a_held_hour_does_not_swallow_the_slots_that_wait(life: Callable[..., Life]):
    house = life(min_gap="3h", alert=[{"query": "collapse*"}])
    house.brings(HAPPENINGS[0])
    house.until(hours=1)
    house.brings(HAPPENINGS[1])
    house.until(hours=1, minutes=15)
    house.brings(HAPPENINGS[3])
    house.until(hours=5)
    assert [digest["reason"].partition(":")[0] for digest in house.desk.digests][:2] == ["schedule", "alert"]
    assert sorted(house.desk.titles) == sorted(house.titles[1:])


def test_a_muted_storyline_is_told_afterwards_and_the_digest_says_what_is_muted(life: Callable[..., Life]):
    house = life(empty="send", alert=[{"score": 0.5}])
    with house.tools.store.write() as connection:
        mutes.mute(connection, "works", "opening", now=NOON, until=NOON + timedelta(minutes=90))
    house.brings(HAPPENINGS[0])
    house.until(hours=1)
    (first,) = house.desk.digests
    (held,) = first["coverage"]["held"]
    assert (held["why"], held["title"], held["entries"]) == ("muted", "When it opens", 1)
    house.until(hours=2)
    (event,) = house.desk.digests[1]["storylines"][0]["events"]
    assert event["muted"]
    assert house.desk.titles == [HAPPENINGS[0]]


def test_a_digest_that_is_asked_for_waits_for_nothing(life: Callable[..., Life]):
    house = life(quiet_hours={"from": "11:00", "to": "17:00"}, settle="1h", min_gap="9h")
    house.brings(HAPPENINGS[0])
    (delivery,) = request_digest(house.config.digests[0], house.tools, house.now)
    assert HAPPENINGS[0].encode() in delivery.body


def test_the_other_channels_are_told_of_one_that_is_closed(life: Callable[..., Life]):
    house = life(empty="send")
    with house.tools.store.write() as connection:
        channels.register(connection, ["wall"], NOON)
        channels.disable_channel(connection, "wall", NOON, "the receiver answered 410 Gone")
        channels.disable_channel(connection, "desk", NOON, "the receiver answered 410 Gone")
        channels.enable_channel(connection, "desk")
    house.tools.channels["wall"] = house.tools.channels["desk"]
    house.until(hours=1)
    (digest,) = house.desk.digests
    assert [closed["channel"] for closed in digest["coverage"]["closed"]] == ["wall"]
