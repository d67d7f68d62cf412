"""When digests are due: cron in the reader's wall clock, through every daylight saving, and plain intervals."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digests.schedule import MOST_MISSED, Slot, due_slot, instant, next_slot, parse_schedule

BERLIN = ZoneInfo("Europe/Berlin")
#: A zone for every habit there is: none, an hour, half an hour, two hours, at midnight, south, odd offsets, Ramadan.
ZONES = [
    "UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
    "Africa/Casablanca", "Asia/Beirut", "America/Nuuk", "Antarctica/Troll", "Pacific/Chatham", "America/Havana",
]  # fmt: skip
START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A wall time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def every_slot(schedule: str, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    moments, parsed = [], parse_schedule(schedule)
    moment = next_slot(parsed, zone, start)
    while moment <= end:
        moments.append(moment)
        moment = next_slot(parsed, zone, moment)
    return moments


def test_a_slot_is_due_from_its_minute_on():
    schedule = parse_schedule("0 8 * * *")
    due = due_slot(schedule, BERLIN, after=at("2026-03-12T08:00"), now=at("2026-03-13T08:00"))
    assert due == Slot(key="2026-03-13T08:00", at=at("2026-03-13T08:00"))
    assert due_slot(schedule, BERLIN, after=at("2026-03-12T08:00"), now=at("2026-03-13T07:59:59")) is None


def test_after_three_days_asleep_one_slot_stands_for_all():
    due = due_slot(parse_schedule("0 * * * *"), BERLIN, after=at("2026-03-10T09:00"), now=at("2026-03-13T09:10"))
    assert due == Slot(key="2026-03-13T09:00", at=at("2026-03-13T09:00"), missed=71)


def test_a_clock_set_back_makes_nothing_due():
    for text in ("0 8 * * *", "every 5s"):
        assert due_slot(parse_schedule(text), BERLIN, after=END, now=START) is None


def test_the_hour_that_spring_skips_comes_right_after_the_gap_and_once():
    schedule = parse_schedule("30 2 * * *")
    due = due_slot(schedule, BERLIN, after=at("2026-03-28T12:00"), now=at("2026-03-29T03:00"))
    assert due == Slot(key="2026-03-29T02:30", at=datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    assert due_slot(schedule, BERLIN, after=due.at, now=at("2026-03-30T02:29")) is None
    assert due_slot(schedule, BERLIN, after=at("2026-03-28T12:00"), now=at("2026-03-29T01:59:59")) is None


def test_the_hour_that_autumn_repeats_comes_the_first_time_and_once():
    schedule = parse_schedule("30 2 * * *")
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first.astimezone(BERLIN).hour == second.astimezone(BERLIN).hour == 2
    due = due_slot(schedule, BERLIN, after=at("2026-10-24T12:00"), now=first)
    assert due == Slot(key="2026-10-25T02:30", at=first)
    assert due_slot(schedule, BERLIN, after=first, now=second + timedelta(hours=3)) is None


def test_a_monitor_down_during_the_first_of_two_hours_serves_the_slot_in_the_second():
    """At 02:10 for the second time, 02:30 has been already, although the clock on the wall has yet to show it again."""
    now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    due = due_slot(parse_schedule("30 2 * * *"), BERLIN, after=at("2026-10-24T12:00"), now=now)
    assert due == Slot(key="2026-10-25T02:30", at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))


def test_wall_times_that_one_gap_swallows_are_one_slot():
    schedule = parse_schedule("*/15 2,3 * * *")
    due = due_slot(schedule, BERLIN, after=at("2026-03-29T01:00"), now=at("2026-03-29T03:05"))
    assert due == Slot(key="2026-03-29T03:00", at=at("2026-03-29T03:00"), missed=0)


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        pytest.param("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30", id="half an hour skipped"),
        pytest.param("America/Santiago", "2026-09-06T00:10", "2026-09-06T04:00", id="midnight skipped"),
        pytest.param("Pacific/Apia", "2011-12-30T08:00", "2011-12-30T10:00", id="a whole day skipped"),
        pytest.param("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", id="half an hour repeated"),
    ],
)
def test_odd_zones_have_their_instant(zone: str, wall: str, expected: str):
    assert instant(datetime.fromisoformat(wall), ZoneInfo(zone)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_slot_comes_once_on_each_local_day_of_seven_years(zone: str):
    for text in ("0 0 * * *", "30 2 * * *"):
        moments = every_slot(text, ZoneInfo(zone), START, END)
        days = [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]
        assert len(set(days)) == len(days)
        assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=1)}


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    minute=st.integers(0, 59),
    hour=st.one_of(st.just("*"), st.just("*/6"), st.integers(0, 4).map(str)),
    start=st.integers(0, 7 * 365 * 86400).map(lambda seconds: START + timedelta(seconds=seconds)),
    steps=st.lists(st.integers(1, 40 * 3600), min_size=1, max_size=25),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_however_often_one_asks_no_slot_is_missed_or_doubled(
    zone: ZoneInfo, minute: int, hour: str, start: datetime, steps: list[int]
):
    """Asking at any moments serves each slot once: told, or counted as missed by the one that stands for it."""
    text = f"{minute} {hour} * * *"
    schedule, after, now, served = parse_schedule(text), start, start, []
    for seconds in steps:
        now += timedelta(seconds=seconds)
        due = due_slot(schedule, zone, after=after, now=now)
        if due:
            served.append(due)
            after = due.at
    expected = every_slot(text, zone, start, now)
    assert sum(1 + slot.missed for slot in served) == len(expected)
    assert {slot.at for slot in served} <= set(expected)
    assert len({slot.key for slot in served}) == len(served)
    if expected:
        assert served[-1].at == expected[-1]


@pytest.mark.parametrize("zone", ZONES)
def test_around_each_change_of_the_clocks_every_wall_time_is_a_slot_of_its_own(zone: str):
    """On the day of a change, and on either side, a slot for each half hour that the wall clock names."""
    place = ZoneInfo(zone)
    moment, changes = START, []
    while moment < END:
        if moment.astimezone(place).utcoffset() != (moment + timedelta(days=1)).astimezone(place).utcoffset():
            changes.append(moment)
        moment += timedelta(days=1)
    for change in changes:
        start, end = change - timedelta(hours=12), change + timedelta(hours=36)
        wall = start.astimezone(place).replace(tzinfo=None, minute=0, second=0)
        named = {instant(wall + timedelta(minutes=30 * i), place) for i in range(130)}
        assert every_slot("*/30 * * * *", place, start, end) == sorted(m for m in named if start < m <= end)


@pytest.mark.parametrize(
    ("weekday", "day"),
    [("0", 15), ("1", 9), ("2", 10), ("3", 11), ("4", 12), ("5", 13), ("6", 14), ("7", 15), ("SUN", 15), ("mon", 9)],
)
def test_weekdays_are_numbered_from_sunday(weekday: str, day: int):
    """8 March 2026 was a Sunday."""
    moment = next_slot(parse_schedule(f"0 9 * * {weekday}"), BERLIN, at("2026-03-08T10:00"))
    assert moment == at(f"2026-03-{day:02}T09:00")


def test_an_interval_is_counted_from_the_epoch_whatever_the_zone():
    schedule = parse_schedule("every 15m")
    due = due_slot(schedule, BERLIN, after=at("2026-03-29T01:50"), now=at("2026-03-29T03:20"))
    assert due == Slot(key="2026-03-29T01:15:00Z", at=datetime(2026, 3, 29, 1, 15, tzinfo=UTC), missed=1)
    assert next_slot(schedule, BERLIN, due.at) == due.at + timedelta(minutes=15)


@pytest.mark.parametrize("text", ["every 5s", "* * * * *"])
def test_a_year_asleep_is_counted_at_once_and_up_to_a_bound(text: str):
    began = time.process_time()
    due = due_slot(parse_schedule(text), BERLIN, after=START, now=START + timedelta(days=365))
    assert due is not None
    assert due.missed == MOST_MISSED
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "it has 0 fields.*0 8 \\* \\* 1-5", id="empty"),
        pytest.param("8", "it has 1 fields", id="one field"),
        pytest.param("0 0 8 * * *", "it has 6 fields", id="six fields"),
        pytest.param("0 25 * * *", "the hour of the schedule.*0-23", id="no such hour"),
        pytest.param("0 8 * * 8", "the day-of-week.*Sunday", id="no such weekday"),
        pytest.param("x 8 * * *", "the minute of", id="a letter"),
        pytest.param("0 8 30 2 *", "the day-of-month of", id="30 February"),
        pytest.param("0 0 */31 2 1#5", "never comes true", id="a fifth Monday on the first"),
        pytest.param("every", "is no interval.*every 15m", id="every without a time"),
        pytest.param("every 0s", "is no interval", id="every nothing"),
        pytest.param("every 1.5h", "is no interval", id="every half"),
        pytest.param("every 5 fortnights", "is no interval", id="an unknown unit"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_what_to_write(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        parse_schedule(text)
