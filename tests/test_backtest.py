from __future__ import annotations

from dataclasses import replace

from monitor.backtest import changes, near_misses
from tests.matching.samples import RELEASE, STORY

ITEMS = [
    {"id": 1, "title": "Meta delays Avocado", "topics": ["avocado"], "storylines": ["release"]},
    {"id": 2, "title": "Meta renames Avocado", "topics": ["avocado"], "storylines": ["release"]},
    {"id": 3, "title": "Avocado prices rise", "topics": [], "storylines": []},
    {"id": 4, "title": "Rain in Rome", "topics": [], "storylines": []},
    {"id": 5, "title": "Meta prices Avocado"},
]


def test_near_misses_begin_with_what_was_wanted_and_say_what_it_lacked():
    first, *rest = near_misses(ITEMS, STORY, 10)
    assert (first.id, first.label, first.wanted) == ("2", "release", True)
    assert first.missing == ("in its query: (launch* OR delay* OR 推迟)",)
    assert {(miss.id, miss.label, miss.wanted) for miss in rest} == {("3", "avocado", False), ("5", "release", None)}


def test_no_more_near_misses_are_listed_than_were_asked_for():
    assert len(near_misses(ITEMS, STORY, 1)) == 1


def test_changes_are_what_another_version_of_the_story_sees_otherwise():
    other = replace(STORY, storylines=(replace(RELEASE, query="renam* OR pric*"),))
    found = [(change.id, change.label, change.gained, change.right) for change in changes(ITEMS, STORY, other)]
    assert found == [("1", "release", False, False), ("2", "release", True, True), ("5", "release", True, None)]


def test_the_same_story_changes_nothing():
    assert changes(ITEMS, STORY, STORY) == []
