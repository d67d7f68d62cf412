from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from monitor.backtest import b_cubed, changes, near_misses, read_items, replay, scores
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
    assert (first.id, first.label, first.wanted) == (2, "release", True)
    assert first.missing == ("in its query: (launch* OR delay* OR 推迟)",)
    assert {(miss.id, miss.label, miss.wanted) for miss in rest} == {(3, "avocado", False), (5, "release", None)}


def test_no_more_near_misses_are_listed_than_were_asked_for():
    assert len(near_misses(ITEMS, STORY, 1)) == 1


def test_changes_are_what_another_version_of_the_story_sees_otherwise():
    other = replace(STORY, storylines=(replace(RELEASE, query="renam* OR pric*"),))
    found = [(change.id, change.label, change.gained, change.right) for change in changes(ITEMS, STORY, other)]
    assert found == [(1, "release", False, False), (2, "release", True, True), (5, "release", True, None)]


def test_the_same_story_changes_nothing():
    assert changes(ITEMS, STORY, STORY) == []


def test_items_are_told_apart_by_line_feeds_and_nothing_else(tmp_path: Path):
    """JSON allows the other ends of line that Unicode knows within a text."""
    items = [{"id": n, "title": f"one{end}two"} for n, end in enumerate("\u2028\u2029\x85")]
    lines = [json.dumps(item, ensure_ascii=False) for item in items]
    (tmp_path / "items.jsonl").write_bytes("\r\n".join([*lines, ""]).encode())
    assert read_items(tmp_path / "items.jsonl") == items


def test_ids_are_answered_as_they_were_given():
    items = [{"id": 7, "title": "Meta delays Avocado"}, {"id": "7", "title": "Rain in Rome"}]
    assert [answer.id for answer in replay(items, STORY)] == [7, "7"]


def test_two_items_with_one_source_and_id_are_two_entries():
    items = [
        {"id": 1, "source": "A", "title": "Meta delays Avocado", "storylines": ["release"], "event": "delay"},
        {"id": 1, "source": "A", "title": "Rain in Rome", "storylines": [], "event": "rain"},
        {"id": 1, "source": "A", "title": "Meta delays Avocado", "storylines": ["release"], "event": "delay"},
    ]
    answers = list(replay(items, STORY))
    assert [answer.storylines for answer in answers] == [("release",), (), ("release",)]
    assert answers[0].event == answers[2].event is not None
    assert b_cubed(items, answers) == (1.0, 1.0)
    assert [(score.hits, score.false_alarms, score.misses) for score in scores(items, answers, "storylines")] == [
        (2, 0, 0),
        (2, 0, 0),
    ]
