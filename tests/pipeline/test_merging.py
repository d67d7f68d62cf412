"""Events that turn out to be one are merged while nobody has been told, and never where somebody put things by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from monitor.domain import Novelty, Report
from monitor.pipeline import edits
from monitor.pipeline.grouping import REACH, draw
from monitor.storage import channels, stories
from monitor.storage.store import Store
from monitor.stories.likeness import Beat
from monitor.stories.merging import YOUNG
from tests.factories import NOON
from tests.pipeline.test_edits import entries_of, leads_to, tell
from tests.pipeline.test_grouping import STORY, another, contents, remembered, take
from tests.stories.encoder import a_meaning

#: What each means: a delay told from two sides, which have nothing in common, and one that tells it from both.
WEST, WESTERN = "Meta delays Avocado to May", "Avocado slips into spring at Meta"
EAST, EASTERN = "扎克伯格的新模型五月才来", "牛油果推迟"
BOTH = "Waiting for Zuckerberg: what is known so far"
OTHER = "LeCun raises $1 billion"
MEANINGS = {WEST: "bcd", WESTERN: "bcd", EAST: "efg", EASTERN: "efg", BOTH: "bcdefg", OTHER: "xyz"}


@pytest.fixture
def beat() -> Beat:
    return Beat(lines=1, meaning=a_meaning(MEANINGS))


def come(store: Store, beat: Beat, *titles: str, hours: float = 0) -> Sequence[Report]:
    """One entry after the other, each from a feed of its own."""
    return [
        take(store, beat, another(title, feed=f"https://{hours}-{n}.test/feed", days=(hours + n / 10) / 24))[0]
        for n, title in enumerate(titles)
    ]


def test_an_entry_that_is_like_two_events_makes_one_of_them_and_the_later_id_leads_to_the_earlier(
    store: Store, beat: Beat
):
    came = come(store, beat, WEST, EAST)
    west, east = came
    assert west.event != east.event
    (both,) = come(store, beat, BOTH, hours=5)
    assert both.event == west.event
    assert entries_of(store, west.event) == [report.entry_id for report in (*came, both)]
    assert leads_to(store, east.event) == west.event


def test_what_is_remembered_after_a_merge_is_what_the_database_has(store: Store, beat: Beat):
    come(store, beat, WEST, OTHER, EAST, BOTH)
    before = remembered(beat)
    come(store, beat, EASTERN, hours=6)
    assert remembered(beat) is before, "the board was not drawn anew"
    with store.read() as connection:
        fresh = draw(connection, STORY, beat, NOON - REACH)
    assert contents(before) == contents(fresh)
    assert sorted(map(len, contents(fresh).values())) == [1, 4]


def test_what_each_report_adds_is_judged_anew_and_says_that_its_event_was_found_to_be_this_one(
    store: Store, beat: Beat
):
    _, east, _ = come(store, beat, WEST, EAST, BOTH)
    with store.read() as connection:
        now = stories.report_of(connection, STORY, east.entry_id)
    assert now is not None
    assert (east.novelty, now.novelty) == (Novelty.FIRST, Novelty.CORROBORATES)
    assert (east.reason, now.reason) == (
        "first report",
        "also from https://0-1.test/feed; its event was found to be this one",
    )


def test_an_event_that_somebody_was_told_of_keeps_its_id(store: Store, beat: Beat):
    with store.write() as connection:
        channels.register(connection, ["desk"], NOON - timedelta(days=1))
    _, east = come(store, beat, WEST, EAST)
    tell(store, east)
    come(store, beat, BOTH, hours=5)
    assert east.entry_id in entries_of(store, east.event)


def test_an_event_that_is_not_young_stays_apart(store: Store, beat: Beat):
    _, east = come(store, beat, WEST, EAST)
    come(store, beat, WESTERN, EASTERN, BOTH, hours=YOUNG / timedelta(hours=1) + 1)
    assert leads_to(store, east.event) == east.event


def test_what_somebody_split_is_not_merged_by_reports_that_are_like_both(store: Store, beat: Beat):
    west, east, both = come(store, beat, WEST, EAST, BOTH)
    split = edits.split(store, both.event, [east.entry_id], NOON)
    come(store, beat, EASTERN, BOTH, WESTERN, hours=5)
    come(store, beat, f"{BOTH}?", EAST, hours=7)
    assert leads_to(store, split.event.id) == split.event.id != both.event
    assert west.entry_id in entries_of(store, both.event)
    assert set(entries_of(store, split.event.id)).isdisjoint(entries_of(store, both.event))


def test_a_report_like_what_somebody_put_there_joins_though_it_is_unlike_the_first(store: Store, beat: Beat):
    """By hand a sequel became part of an event: more of the sequel belongs there too."""
    west, other = come(store, beat, WEST, OTHER)
    edits.merge(store, west.event, other.event, NOON)
    (more,) = come(store, Beat(lines=1, meaning=a_meaning(MEANINGS | {"A seed round": "xyz"})), "A seed round", hours=3)
    assert more.event == west.event
