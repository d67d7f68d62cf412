"""The stories that come with the program hold what their own tests say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from monitor.domain import Story, StoryTest
from monitor.matching.check import problems, warnings
from monitor.matching.matcher import Matcher
from tests.matching.samples import entry

FILE = Path(__file__).parents[2] / "config" / "stories" / "open-source-retreat.yaml"
STORY = TypeAdapter(Story).validate_python(yaml.safe_load(FILE.read_text("utf-8")))


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(STORY)


@pytest.mark.parametrize("test", STORY.tests, ids=lambda test: test.text)
def test_a_text_is_seen_as_the_story_says(matcher: Matcher, test: StoryTest):
    match = matcher.match(entry(test.text, lang=test.lang))
    assert test.topics is None or set(match.held_topics) == set(test.topics)
    assert test.storylines is None or set(match.held_storylines) == set(test.storylines)


def test_the_story_has_no_problems_and_no_warnings():
    assert problems(STORY) == []
    assert warnings(STORY) == []


def test_every_topic_and_storyline_is_tested_and_so_is_every_language():
    seen = {name for test in STORY.tests for name in (*(test.topics or ()), *(test.storylines or ()))}
    assert {topic.id for topic in STORY.topics} | {line.id for line in STORY.storylines} <= seen
    assert {test.lang or "en" for test in STORY.tests} == {"en", "zh", "ja", "ko", "es", "pt", "de", "fr"}


def test_an_expectation_of_the_story_is_met(matcher: Matcher):
    launch = entry("Meta launches Muse Spark, its first closed model")
    assert set(matcher.expectation_hits(launch, matcher.match(launch))) == {"avocado-ships", "avocado-closed"}
    delay = entry("Meta delays the launch of Avocado")
    assert matcher.expectation_hits(delay, matcher.match(delay)) == ()
