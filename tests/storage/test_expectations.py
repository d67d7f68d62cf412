"""What reports say of expectations, kept as facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.domain import FeedState, Statement, StatementKind
from monitor.storage import expectations, feeds
from monitor.storage.store import Store
from tests.factories import NOON, a_feed
from tests.storage.test_stories import STORY, reported

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SLIP = Statement(
    expectation="ships",
    kind=StatementKind.SLIPPED,
    said="“May”",
    earliest=date(2026, 5, 1),
    latest=date(2026, 5, 31),
    hedged=True,
    trusted=True,
)
MET = Statement(expectation="closed", kind=StatementKind.MET)


def test_statements_come_back_as_they_were_with_their_reports_oldest_first(store: Store):
    late, early = reported(store, "Late", first_seen=NOON + HOUR), reported(store, "Early")
    with store.write() as c:
        expectations.save_statements(c, STORY, late.entry_id, [SLIP, MET], late.at)
        expectations.save_statements(c, STORY, early.entry_id, [SLIP], early.at)
        assert expectations.statements_of(c, STORY, NOON + DAY) == {
            "closed": [(MET, late)],
            "ships": [(SLIP, early), (SLIP, late)],
        }
        assert expectations.statements_of(c, STORY, NOON) == {"ships": [(SLIP, early)]}  # as it was known then
        assert expectations.statements_of(c, "another story", NOON + DAY) == {}


def test_what_an_edited_entry_says_takes_the_place_of_what_it_said(store: Store):
    report = reported(store, "Avocado slips")
    with store.write() as c:
        for said in ([SLIP, MET], [SLIP, MET], [replace(SLIP, said="June")], [replace(SLIP, said="June")]):
            expectations.retract_statements(c, STORY, [report.entry_id])
            expectations.save_statements(c, STORY, report.entry_id, said, report.at)
        ((statement, _),) = expectations.statements_of(c, STORY, NOON)["ships"]
        assert statement.said == "June"
        assert set(expectations.statements_of(c, STORY, NOON)) == {"ships"}
        expectations.retract_statements(c, STORY, [report.entry_id])
        assert expectations.statements_of(c, STORY, NOON) == {}


@pytest.mark.parametrize(
    ("state", "well"),
    [
        (FeedState(last_success_at=NOON - HOUR), True),
        (FeedState(last_success_at=NOON - 3 * DAY), False),
        (FeedState(last_success_at=NOON - HOUR, failures=1), False),
        (FeedState(last_success_at=NOON - HOUR, gone=True), False),
        (FeedState(), False),
    ],
    ids=["read an hour ago", "not read for days", "failing", "gone", "never read"],
)
def test_a_feed_is_heard_while_it_is_read_without_trouble(store: Store, state: FeedState, well: bool):
    reported(store, "One")
    reported(store, "Two")
    with store.write() as c:
        feeds.sync(c, [a_feed(), a_feed(url="https://other.test/")], NOON)
        feeds.save_state(c, a_feed().url, state)
        assert expectations.heard_by(c, STORY, "avocado-release", NOON) == [(2, well)]
        feeds.sync(c, [], NOON)
        assert expectations.heard_by(c, STORY, "avocado-release", NOON) == []
