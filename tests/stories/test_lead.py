"""Which report speaks for its event, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.domain import Novelty, Report
from monitor.stories.lead import choose_lead
from tests.factories import NOON, a_report, an_entry

LONG = "Meta moved its model from March to May after it fell behind its rivals in internal tests, people say."


def told(
    number: int, title: str, summary: str = LONG, *, novelty: Novelty = Novelty.FIRST, **changes: object
) -> Report:
    published = NOON + timedelta(hours=number)
    fields = {"source": f"Outlet {number}", "published": published} | changes
    return a_report(an_entry(title, summary=summary, **fields), entry_id=number, first_seen=published, novelty=novelty)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        pytest.param(told(1, "a", novelty=Novelty.REHASH), told(2, "b"), "news", id="news"),
        pytest.param(
            told(1, "a", lang="de"), told(2, "b", lang="en"), "in the language asked for (en)", id="the language"
        ),
        pytest.param(
            told(1, "Meta delays it, per Bloomberg"), told(2, "b", source="Bloomberg"), "the source that others quote",
            id="the source",
        ),
        pytest.param(
            told(1, "Meta delays it, per Bloomberg"), told(2, "b"), "quotes no other outlet", id="its own reporting"
        ),
        pytest.param(told(1, "a", "Short."), told(2, "b"), "more than a headline", id="a whole text"),
        pytest.param(told(2, "a"), told(1, "b"), "the earliest", id="the earliest"),
    ],
)  # fmt: skip
def test_what_speaks_for_a_report_is_said(one: Report, other: Report, reason: str):
    lead = choose_lead([one, other], [one, other], "en")
    assert (lead.entry_id, lead.reason) == (other.entry_id, reason)


def test_what_was_told_before_still_says_whom_it_quotes():
    old, one, source = told(1, "It slips, per Axios"), told(2, "a"), told(3, "b", source="Axios")
    assert choose_lead([one, source], [old, one, source]).entry_id == source.entry_id


def test_a_report_by_itself_leads():
    assert choose_lead([told(1, "a")], [told(1, "a")]).reason == "the only one"
