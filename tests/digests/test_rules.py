"""What the rules of a digest hold back and tell, and when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digests.rules import (
    Alert,
    Known,
    QuietHours,
    Rules,
    alarms,
    alert_reason,
    alert_waits,
    counted,
    quiet_until,
    ready,
    slot_reason,
    waits,
    weigh,
)
from monitor.domain import DigestExpectation, Event, ExpectationState, Mute, Novelty, Why
from tests.factories import NOON, a_match, a_report, an_event

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(start=time(22), end=time(7))
HOUR = timedelta(hours=1)


def rules(**changes: Any) -> Rules:
    return Rules(**({"zone": BERLIN} | changes))


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def event(number: int = 1, *, age: timedelta = HOUR, lines: tuple[str, ...] = ("avocado-release",), **changes: Any):
    """An event with one report, which came ``age`` before noon."""
    score = changes.pop("score", 0.9)
    fields = {
        "entry_id": number,
        "event": f"e{number}",
        "first_seen": NOON - age,
        "match": a_match(*lines, score=score),
    }
    return an_event(a_report(**(fields | changes)), id=f"e{number}")


def weighed(*events: Event, mutes: tuple[Mute, ...] = (), settled: bool = False, now: datetime = NOON, **changes: Any):
    new = {report.entry_id for event in events for report in event.reports}
    return weigh(events, new, rules(**changes), mutes, now, settled=settled)


def mute(storyline: str = "avocado-release", *, until: datetime = NOON + HOUR, since: datetime = NOON - 9 * HOUR):
    return Mute(storyline=storyline, since=since, until=until)


# --- Whether its time has come ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (berlin(12, 21, 59), None),
        (berlin(12, 22), berlin(13, 7)),
        (berlin(13, 3), berlin(13, 7)),
        (berlin(13, 7), None),
        (berlin(28, 23), berlin(29, 7)),  # the night in which the clocks go forward
    ],
    ids=["before", "at their start", "after midnight", "at their end", "in the night of the change"],
)
def test_quiet_hours_are_wall_time_and_may_span_midnight(at: datetime, until: datetime | None):
    assert quiet_until(rules(quiet_hours=NIGHT), at) == until


def test_quiet_hours_within_a_day():
    noon_nap = rules(quiet_hours=QuietHours(start=time(12), end=time(14)))
    assert quiet_until(noon_nap, berlin(12, 13)) == berlin(12, 14)
    assert quiet_until(noon_nap, berlin(12, 15)) is None


@given(
    at=st.integers(1704067200, 1924905600).map(lambda second: datetime.fromtimestamp(second, UTC)),  # 2024 to 2030
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
)
def test_quiet_hours_end_within_a_day_and_are_over_then(at: datetime, start: time, end: time, zone: str):
    if start.replace(second=0, microsecond=0) == end.replace(second=0, microsecond=0):
        return
    hours = QuietHours(start=start.replace(second=0, microsecond=0), end=end.replace(second=0, microsecond=0))
    night = Rules(zone=ZoneInfo(zone), quiet_hours=hours)
    until = quiet_until(night, at)
    if until is not None:
        assert timedelta(0) <= until - at <= timedelta(hours=26)


def test_a_slot_in_quiet_hours_waits_for_their_end_and_says_so():
    night = rules(quiet_hours=NIGHT)
    held = waits(night, berlin(12, 23), None)
    assert held is not None
    assert held.until == berlin(13, 7)
    assert "quiet hours until 07:00" in held.why
    assert waits(night, berlin(13, 7), None) is None
    reason = slot_reason(night, "schedule", berlin(13, 6), 7, berlin(13, 7))
    assert reason == "schedule; held by quiet hours until 07:00; stands for 8 slots, 7 of them held or missed"


def test_a_slot_that_was_not_held_says_nothing_of_quiet_hours():
    assert slot_reason(rules(quiet_hours=NIGHT), "schedule", berlin(13, 8), 0, berlin(13, 8)) == "schedule"
    assert "2 slots, 1 of them missed" in slot_reason(rules(), "schedule", berlin(13, 8), 1, berlin(13, 8))


def test_two_editions_keep_the_gap():
    spaced = rules(min_gap=4 * HOUR)
    held = waits(spaced, NOON, NOON - HOUR)
    assert held is not None
    assert held.until == NOON + 3 * HOUR
    assert waits(spaced, NOON + 3 * HOUR, NOON - HOUR) is None
    assert waits(spaced, NOON, None) is None


def test_a_clock_that_was_set_back_does_not_hold_a_digest_for_ever():
    assert waits(rules(min_gap=4 * HOUR), NOON, NOON + timedelta(days=300)) is None
    assert not alert_waits(rules(), NOON, NOON + timedelta(days=300))


# --- What is told, and what is held back ------------------------------------------------------------------------------


def test_without_rules_everything_is_told():
    ruling = weighed(event(1), event(2, age=timedelta(0), score=0.51))
    assert ruling.told == {1, 2}
    assert ruling.held == ()


def test_an_event_waits_to_gather_its_reports_but_never_for_ever():
    young, old = a_report(entry_id=2, first_seen=NOON - timedelta(minutes=1)), a_report(first_seen=NOON - HOUR)
    (held,) = weighed(an_event(young), settle=timedelta(minutes=30)).held
    assert held.why is Why.SETTLING
    assert held.until == NOON + timedelta(minutes=29)
    assert weighed(an_event(old, young), settle=timedelta(minutes=30)).told == {1, 2}


def test_who_asks_for_a_digest_now_waits_for_nothing_to_settle():
    assert weighed(event(age=timedelta(0)), settle=HOUR, settled=True).told == {1}


def test_an_event_below_the_floor_is_told_whole_once_a_report_lifts_it():
    low, high = a_report(match=a_match(score=0.55)), a_report(entry_id=2, match=a_match(score=0.8))
    (held,) = weighed(an_event(low), floor=0.6).held
    assert (held.why, held.entries) == (Why.BELOW_FLOOR, {1})
    assert weighed(an_event(low, high), floor=0.6).told == {1, 2}


def test_a_muted_storyline_is_held_but_not_where_another_thread_is_followed():
    alone, shared = event(1), event(2, lines=("avocado-release", "talent-wars"))
    ruling = weighed(alone, shared, mutes=(mute(),))
    assert ruling.told == {2}
    assert [(hold.why, hold.until) for hold in ruling.held] == [(Why.MUTED, NOON + HOUR)]
    assert ruling.muted == frozenset()


def test_what_came_during_a_mute_is_told_after_it_and_marked():
    during, since = event(1), event(2, first_seen=NOON + HOUR)
    ruling = weighed(during, since, mutes=(mute(until=NOON),), now=NOON + 2 * HOUR)
    assert ruling.told == {1, 2}
    assert ruling.muted == {"e1"}


def test_the_digest_counts_what_it_holds_back_each_entry_once():
    ruling = weighed(
        event(1, age=timedelta(0)),
        event(2, score=0.55),
        event(3, score=0.55, age=timedelta(days=3)),  # counted in the digest of its own day
        event(4, lines=("talent-wars", "qwen")),
        floor=0.6,
        settle=HOUR,
        mutes=(mute("qwen"), mute("talent-wars")),
    )
    mutes = (mute("qwen"), mute("talent-wars"), mute("over", until=NOON))
    found = counted(ruling, mutes, {"qwen": "Qwen"}, NOON, NOON - timedelta(days=1))
    assert [(one.why, one.entries, one.title) for one in found] == [
        (Why.SETTLING, 1, None),
        (Why.BELOW_FLOOR, 1, None),
        (Why.MUTED, 1, "Qwen"),
        (Why.MUTED, 0, "talent-wars"),
    ]


@given(
    ages=st.lists(st.integers(0, 90), min_size=1, max_size=8),
    scores=st.lists(st.floats(0.5, 1), min_size=8, max_size=8),
    silent=st.booleans(),
)
def test_every_new_entry_is_either_told_or_held(ages: list[int], scores: list[float], silent: bool):
    events = [
        event(n, age=timedelta(minutes=age), score=scores[n], lines=("a",) if n % 2 else ("b",))
        for n, age in enumerate(ages)
    ]
    ruling = weighed(*events, settle=timedelta(minutes=30), floor=0.7, mutes=(mute("a"),) if silent else ())
    held = [entry for hold in ruling.held for entry in hold.entries]
    assert sorted([*ruling.told, *held]) == list(range(len(ages)))


# --- What cannot wait -------------------------------------------------------------------------------------------------


def alarmed(*events: Event, told: dict[str, int] | None = None, **rule: Any) -> dict[str, tuple[str, ...]]:
    new = {report.entry_id for event in events for report in event.reports}
    return alarms(events, new, [Alert(**rule)], Known(revisions=told or {}))


def test_an_entry_that_meets_everything_a_rule_names_is_an_alert_and_says_why():
    rule = {"storylines": frozenset({"avocado-release"}), "score": 0.85}
    reasons = alarmed(event(1), event(2, score=0.8), event(3, lines=("qwen",)), **rule)
    assert reasons == {"e1": ("first in avocado-release, score 0.90",)}
    assert alert_reason(reasons) == "alert: first in avocado-release, score 0.90"


def test_an_event_that_was_told_alerts_again_only_by_a_new_fact():
    first, more, fact = (
        event(1),
        event(1, novelty=Novelty.CORROBORATES),
        event(1, novelty=Novelty.NEW_FACT),
    )
    anything = frozenset(Novelty)
    assert list(alarmed(first)) == ["e1"]
    assert alarmed(first, told={"e1": 1}, novelty=anything) == {}
    assert alarmed(more, told={"e1": 1}, novelty=anything) == {}
    assert list(alarmed(fact, told={"e1": 1})) == ["e1"]


@pytest.mark.parametrize(("novelty", "alerts"), [(Novelty.FIRST, True), (Novelty.REHASH, False)])
def test_what_adds_nothing_is_no_alert_unless_the_rule_says_so(novelty: Novelty, alerts: bool):
    assert bool(alarmed(event(1, novelty=novelty))) is alerts
    assert alarmed(event(1, novelty=novelty), novelty=frozenset(Novelty))


def test_a_query_must_be_answered():
    assert alarmed(event(1), query="may", answers=lambda report: "May" in report.entry.title)
    assert not alarmed(event(1), query="june", answers=lambda report: "June" in report.entry.title)


def test_an_expectation_alerts_by_the_entry_that_decides_it_first():
    met = DigestExpectation(id="ships", storyline="l", claim="It ships", state=ExpectationState.MET, by="")
    wanted = Alert(expectations=frozenset({ExpectationState.MET}))

    def asked(*answered_by: int) -> dict[str, tuple[str, ...]]:
        known = Known(revisions={}, expectations=[(met, frozenset(answered_by))])
        return alarms([event(1)], {1}, [wanted], known)

    assert asked(1) == {"e1": ("first in avocado-release, ships met",)}
    assert asked(2) == {}, "another entry decided it"
    assert asked(1, 2) == {}, "it was decided before, by an entry that is not new"


def test_within_quiet_hours_only_what_is_urgent_alerts():
    urgent, calm = Alert(urgent=True), Alert()
    night = rules(quiet_hours=NIGHT, alerts=(urgent, calm))
    assert ready(night, berlin(12, 23)) == (urgent,)
    assert ready(night, berlin(13, 7)) == (urgent, calm)


def test_alerts_keep_a_gap_of_their_own():
    assert alert_waits(rules(), NOON, NOON - timedelta(minutes=59))
    assert not alert_waits(rules(), NOON, NOON - HOUR)
    assert not alert_waits(rules(), NOON, None)
