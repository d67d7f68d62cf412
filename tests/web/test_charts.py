"""Numbers become shapes: what is new lies to the right, what is much is large, and nothing lies outside."""

from __future__ import annotations

from datetime import timedelta

from monitor.storage.overview import Outline
from monitor.storage.stories import ReportedDay
from monitor.web.charts import DOT, MOST_DOT, TOP, WEEKS, WIDTH, timeline, weeks
from tests.factories import NOON

WEEK = timedelta(weeks=1)


def an_outline(weeks_ago: float, reports: int = 1, storylines: tuple[str, ...] = ("a",)) -> Outline:
    at = NOON - weeks_ago * WEEK
    return Outline(
        id=f"e{weeks_ago}", story="s", first_seen=at, last_seen=at, title="t", url=None, lang=None, sources=("x",),
        reports=reports, grown=False, storylines=storylines,
    )  # fmt: skip


def test_reports_are_counted_by_week_the_latest_last():
    times = [NOON, NOON - WEEK / 2, NOON - WEEK, NOON - (WEEKS - 1) * WEEK, NOON - WEEKS * WEEK, NOON + WEEK]
    counted = weeks([ReportedDay(first=at, last=at, reports=2) for at in times], NOON)
    assert len(counted) == WEEKS
    assert (counted[0], counted[-2], counted[-1], sum(counted)) == (2, 2, 4, 8)


def test_events_are_dots_in_the_rows_of_their_storylines():
    drawn = timeline(
        [an_outline(0), an_outline(2, storylines=("a", "b", "gone"))], [("a", "A"), ("b", "B")], NOON - 4 * WEEK, NOON
    )
    assert [(dot.x, dot.y) for dot in drawn.dots] == [(WIDTH / 2, TOP + 17), (WIDTH / 2, TOP + 51), (WIDTH, TOP + 17)]
    assert [mark.name for mark in drawn.marks] == ["16 Feb", "23 Feb", "2 Mar", "9 Mar"]


def test_a_dot_s_area_tells_its_reports_and_an_old_event_stays_at_the_edge():
    drawn = timeline([an_outline(9, 4), an_outline(1, 1000)], [("a", "A")], NOON - 4 * WEEK, NOON)
    assert [dot.radius for dot in drawn.dots] == [MOST_DOT, 2 * DOT]
    assert drawn.dots[1].x == 0


def test_long_spans_are_marked_by_months():
    drawn = timeline([], [("a", "A")], NOON - 26 * WEEK, NOON)
    assert [mark.name for mark in drawn.marks] == ["Oct", "Nov", "Dec", "Jan 2026", "Feb", "Mar"]
