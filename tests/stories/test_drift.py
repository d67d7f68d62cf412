"""What may be a new name in an entry."""

from __future__ import annotations

from monitor.domain import Match, Story
from monitor.stories.drift import hear, vocabulary
from tests.factories import an_entry


def test_a_day_of_the_week_and_a_month_are_no_names():
    told = an_entry("A launch, heard on Monday and seen in March by Zelvora")
    assert [heard.text for heard in hear(told, Match(story="s"), vocabulary(Story(story="s")))] == ["Zelvora"]
