from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.domain import Feedback
from monitor.storage import entries, feedback
from monitor.storage.store import Store
from tests.factories import NOON, an_entry

STORY = "open-source-retreat"


def test_answers_come_back_oldest_first_and_a_later_one_replaces_an_earlier_one(store: Store):
    first, second = an_entry("Avocado robot"), an_entry("Avocado slips")
    with store.write() as c:
        stored = entries.add(c, [first, second], now=NOON, primed=False)
        ids = {each.entry.title: each.id for each in stored}
        robot = Feedback(entry=first, kind="storyline", target="avocado-release", belongs=True)
        slips = Feedback(entry=second, kind="topic", target="avocado", belongs=True)
        feedback.save(c, STORY, ids[first.title], robot, now=NOON)
        feedback.save(c, STORY, ids[second.title], slips, now=NOON + timedelta(hours=1))
        feedback.save(c, STORY, ids[first.title], replace(robot, belongs=False), now=NOON + timedelta(hours=2))
    with store.read() as c:
        assert feedback.of_story(c, STORY) == [slips, replace(robot, belongs=False)]
        assert feedback.of_story(c, "another") == []
