"""Whether what was promised came, slipped, or is no longer to come: judged from what reports state."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.domain import Expectation, ExpectationState, Report, Seed, Statement, StatementKind
from monitor.stories.expectations import ONE_TELLING, STALE, Stated, judge
from tests.factories import NOON, a_report, an_entry

SHIPS = Expectation(id="ships", claim="Avocado is released", when="avocado AND launch*", by="spring 2026")
SEED = Seed(title="What Meta plans", published=date(2025, 12, 12), url="https://seed.test/1")
DAY = timedelta(days=1)


def said(kind: StatementKind, time: str = "", *, source: str = "News", day: int = 0, **fields: Any) -> Stated:
    """A statement reported so many days after noon of 12 March; ``time`` is a month of 2026 as in "05"."""
    earliest = date(2026, int(time), 1) if time else None
    latest = date(2026, int(time) + 1, 1) - DAY if time else None
    statement = Statement(expectation="ships", kind=kind, said=time, earliest=earliest, latest=latest, **fields)
    entry = an_entry(
        f"{source} {kind} {time}".strip(), source=source, published=NOON + day * DAY, url=f"https://{source}.test/"
    )
    return statement, a_report(entry)


def slip(time: str = "", **fields: Any) -> Stated:
    return said(StatementKind.SLIPPED, time, **fields)


def steps(*stated: Stated, now: datetime = NOON + 30 * DAY) -> list[str]:
    """Each state of the history with its time, in a row."""
    return [f"{step.state} {step.said}".strip() for step in judge(SHIPS, "line", stated, now, SEED).history]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        pytest.param(datetime(2025, 12, 12, tzinfo=UTC), ExpectationState.OPEN, id="before the range"),
        pytest.param(datetime(2026, 5, 31, 23, 59, tzinfo=UTC), ExpectationState.OPEN, id="on its last day"),
        pytest.param(datetime(2026, 6, 1, tzinfo=UTC), ExpectationState.OVERDUE, id="the day after"),
    ],
)
def test_an_unanswered_expectation_is_overdue_when_its_range_has_ended(now: datetime, state: ExpectationState):
    judged = judge(SHIPS, "avocado-release", (), now)
    assert (judged.state, judged.earliest, judged.latest) == (state, date(2026, 3, 1), date(2026, 5, 31))
    assert (judged.id, judged.storyline, judged.claim) == ("ships", "avocado-release", "Avocado is released")
    assert judged.since == (datetime(2026, 6, 1, tzinfo=UTC) if state is ExpectationState.OVERDUE else None)


def test_the_promise_opens_the_history_with_its_source():
    (opening,) = judge(SHIPS, "line", (), NOON, SEED).history
    assert (opening.state, opening.said, opening.title, opening.url) == ("open", "spring 2026", SEED.title, SEED.url)
    assert opening.reported == datetime(2025, 12, 12, tzinfo=UTC)


def test_the_earliest_answer_is_the_evidence_and_one_source_is_said_to_be_one():
    late = said(StatementKind.MET, source="Late", day=2)
    judged = judge(SHIPS, "line", [said(StatementKind.MET, source="Early"), late], NOON + 400 * DAY)
    assert (judged.state, judged.evidence, judged.url) == ("met", "Early met", "https://Early.test/")
    assert (judged.since, judged.confirmed, judged.history[-1].origins) == (NOON, True, 2)
    assert not judge(SHIPS, "line", [late], NOON + 400 * DAY).confirmed
    assert judge(SHIPS, "line", [said(StatementKind.MET, trusted=True)], NOON).confirmed


def test_what_was_reported_before_the_promise_is_no_answer_to_it():
    early = said(StatementKind.MET, day=-200)
    assert judge(SHIPS, "line", [early], NOON, SEED).state is ExpectationState.OPEN
    assert judge(SHIPS, "line", [early], NOON).state is ExpectationState.MET


def test_without_a_date_that_can_be_read_nothing_is_overdue():
    soon = Expectation(id="x", claim="It comes", when="it", by="soon")
    judged = judge(soon, "line", (), NOON + timedelta(days=4000))
    assert (judged.state, judged.earliest, judged.latest, judged.remind) == (ExpectationState.OPEN, None, None, None)


def test_a_time_without_a_year_is_counted_from_the_day_of_the_seed():
    summer = Expectation(id="x", claim="It comes", when="it", by="by summer")
    assert judge(summer, "line", (), NOON, SEED).latest == date(2026, 8, 31)
    assert judge(summer, "line", (), NOON).latest is None


def test_one_source_makes_a_slip_possible_and_a_second_one_makes_it_sure():
    first = slip("05", source="Harbour")
    alone = judge(SHIPS, "line", [first], NOON, SEED)
    assert (alone.state, alone.evidence) == (ExpectationState.OPEN, "")
    (doubt,) = alone.possible
    assert (doubt.state, doubt.said, doubt.source, doubt.origins) == ("slipped", "05", "Harbour", 1)
    both = judge(SHIPS, "line", [first, slip("05", source="Ledger", day=1)], NOON + DAY, SEED)
    assert (both.state, both.since, both.possible) == (ExpectationState.SLIPPED, NOON + DAY, ())
    assert (both.history[-1].source, both.history[-1].origins) == ("Harbour", 2)
    assert (both.by, both.latest) == ("spring 2026", date(2026, 5, 31))  # as it was promised at first


def test_a_trusted_feed_needs_no_second_source():
    assert judge(SHIPS, "line", [slip("05", trusted=True)], NOON, SEED).state is ExpectationState.SLIPPED


def test_two_outlets_that_quote_one_agency_are_one_source():
    def quoting(source: str) -> Stated:
        statement, _ = slip("05")
        return statement, a_report(an_entry("Avocado slips to May, per Bloomberg", source=source))

    assert judge(SHIPS, "line", [quoting("Harbour"), quoting("Ledger")], NOON, SEED).state is ExpectationState.OPEN


def test_two_sources_that_are_far_apart_do_not_confirm_each_other():
    far = slip("05", source="Ledger", day=ONE_TELLING.days + 1)
    assert steps(slip("05", source="Harbour"), far) == ["open spring 2026"]


def test_could_is_never_sure_however_many_say_it():
    doubts = [slip("06", source=source, hedged=True, trusted=True) for source in ("Harbour", "Ledger", "Post")]
    judged = judge(SHIPS, "line", doubts, NOON, SEED)
    assert (judged.state, [doubt.origins for doubt in judged.possible]) == (ExpectationState.OPEN, [3])


def test_it_slips_again_and_again_and_is_overdue_by_the_last_promise():
    stated = [slip("05", trusted=True), slip("07", trusted=True, day=40), slip("09", trusted=True, day=80)]
    assert steps(*stated) == ["open spring 2026", "slipped 05", "slipped 07", "slipped 09"]
    at = datetime(2026, 9, 30, tzinfo=UTC)
    assert judge(SHIPS, "line", stated, at, SEED).state is ExpectationState.SLIPPED
    overdue = judge(SHIPS, "line", stated, at + DAY, SEED)
    assert (overdue.state, overdue.since) == (ExpectationState.OVERDUE, at + DAY)
    assert overdue.current
    assert overdue.current.latest == date(2026, 9, 30)


def test_one_delay_told_in_several_ways_is_one_slip():
    or_june, report = slip("06", trusted=True, day=1)
    or_june = Statement(
        expectation="ships",
        kind=StatementKind.SLIPPED,
        said="May or June",
        earliest=date(2026, 5, 1),
        latest=date(2026, 6, 30),
        trusted=True,
    )
    told = [slip("05", trusted=True), (or_june, report), slip(trusted=True, day=2), slip("03", trusted=True, day=3)]
    assert steps(*told) == ["open spring 2026", "slipped 05"]


def test_a_delay_without_a_new_time_is_a_slip_that_is_never_overdue():
    stated = [slip(source="Harbour"), slip(source="Ledger")]
    judged = judge(SHIPS, "line", stated, NOON + 400 * DAY, SEED)
    assert (judged.state, judged.remind) == (ExpectationState.SLIPPED, None)
    dated = slip("07", source="Ledger")
    assert judge(SHIPS, "line", [slip(source="Harbour"), dated], NOON, SEED).history[-1].said == "07"


@pytest.mark.parametrize("kind", [StatementKind.DENIED, StatementKind.CANCELLED])
def test_a_denial_and_a_cancellation_end_it_once_they_are_sure(kind: StatementKind):
    assert judge(SHIPS, "line", [said(kind)], NOON, SEED).state is ExpectationState.OPEN
    ended = judge(SHIPS, "line", [said(kind, trusted=True)], NOON + 400 * DAY, SEED)
    assert (ended.state.value, ended.since) == (kind.value, NOON)
    assert steps(said(kind, trusted=True), slip("07", trusted=True, day=9)) == [
        "open spring 2026",
        kind.value,
        "slipped 07",
    ]


def test_what_comes_in_the_end_is_met_whatever_was_said_and_later_words_change_nothing():
    stated = [
        said(StatementKind.CANCELLED, trusted=True),
        said(StatementKind.MET, day=5),
        slip("07", trusted=True, day=6),
    ]
    judged = judge(SHIPS, "line", stated, NOON + 400 * DAY, SEED)
    assert [step.state for step in judged.history] == ["open", "cancelled", "met"]
    assert judged.possible == ()


def test_a_denied_delay_contradicts_and_the_word_of_a_trusted_feed_withdraws_it():
    delay, stands = slip("05", source="Harbour"), said(StatementKind.STANDS, source="Ledger", day=1)
    assert {doubt.state for doubt in judge(SHIPS, "line", [delay, stands], NOON, SEED).possible} == {"slipped", "open"}
    official = said(StatementKind.STANDS, source="Meta", day=1, trusted=True)
    judged = judge(SHIPS, "line", [delay, official], NOON, SEED)
    assert [doubt.state for doubt in judged.possible] == ["open"]


def test_a_doubt_is_dropped_when_nobody_took_it_up():
    alone = slip("04", source="Harbour")
    doubt = slip("05", source="Harbour", day=-90)
    assert judge(SHIPS, "line", [doubt], NOON + 2 * STALE, SEED).possible == ()
    assert judge(SHIPS, "line", [alone], NOON + STALE, SEED).possible == ()  # April begins later, and ends sooner


@pytest.mark.parametrize(("days_before", "left"), [(8, None), (7, 7), (0, 0), (-1, None)])
def test_it_reminds_in_the_days_before_the_last_one(days_before: int, left: int | None):
    now = datetime(2026, 5, 31, 12, tzinfo=UTC) - days_before * DAY
    assert judge(SHIPS, "line", (), now, SEED).remind == left


def test_it_reminds_by_the_promise_as_it_stands_and_never_where_that_is_asked_for():
    now = datetime(2026, 7, 30, tzinfo=UTC)
    assert judge(SHIPS, "line", [slip("07", trusted=True)], now, SEED).remind == 1
    never = Expectation(id="x", claim="c", when="w", by="2026-07", remind=timedelta(0))
    assert judge(never, "line", (), now + DAY, SEED).remind is None
    met: Report = said(StatementKind.MET)[1]
    assert judge(SHIPS, "line", [(said(StatementKind.MET)[0], met)], now, SEED).remind is None


def test_three_thousand_reports_of_one_source_are_judged_in_a_moment_and_a_second_source_is_heard():
    alone = [slip(source="Paper", day=n // 100) for n in range(3_000)]
    began = time.process_time()
    assert judge(SHIPS, "line", alone, NOON + 30 * DAY, SEED).state is ExpectationState.OPEN
    judged = judge(SHIPS, "line", [*alone, slip(source="Radio", day=30)], NOON + 30 * DAY, SEED)
    assert (judged.state, judged.history[-1].origins) == (ExpectationState.SLIPPED, 2)
    assert time.process_time() - began < 2
