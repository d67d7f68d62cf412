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


EXPECTED = {
    "a launch": ("Meta launches Muse Spark", "", {"avocado-ships"}),
    "a closed launch": ("Meta launches Muse Spark, its first closed model", "", {"avocado-ships", "avocado-closed"}),
    "a launch in Chinese": ("Meta发布Muse Spark,首款闭源模型", "", {"avocado-ships", "avocado-closed"}),
    "a launch in Korean": ("메타, 뮤즈 스파크 공개", "", {"avocado-ships"}),
    "a launch in Japanese": ("メタ、ミューズ・スパークを公開", "", {"avocado-ships"}),
    "a launch in Portuguese": ("Meta lança Muse Spark", "", {"avocado-ships"}),
    "a launch in Italian": ("Meta lancia Muse Spark", "", {"avocado-ships"}),
    "a delay told with the word launch": ("Meta pushes Avocado launch back to May", "", set()),
    "a delay told as a date": ("Avocado launch slips: Meta now says May", "", set()),
    "a delay of a release": ("Meta delays the release of Avocado after weak tests", "", set()),
    "a delay in Chinese": ("Meta推迟发布牛油果模型", "", set()),
    "a delay in Korean": ("메타, 아보카도 공개 5월로 연기", "", set()),
    "a delay in Japanese": ("メタ、アボカドの公開を5月に延期", "", set()),
    "a delay in Spanish": ("Meta retrasa el lanzamiento de Avocado", "", set()),
    "a delay in German": ("Meta verschiebt Start von Avocado", "", set()),
    "a delay in French": ("Meta repousse la sortie de son modèle Avocado", "", set()),
    "a delay in Italian": ("Meta rinvia il lancio di Avocado", "", set()),
    "a plan": ("Meta to launch Avocado this spring", "", set()),
    "a plan with a modal": ("Meta will release Avocado in the first quarter", "", set()),
    "a hope": ("Meta hopes Avocado, unveiled to staff, wins back developers", "", set()),
    "a plan in Chinese": ("Meta计划明年春季发布牛油果", "", set()),
    "a plan in Japanese": ("メタ、アボカドを今春公開へ", "", set()),
    "a preparation": ("Meta prepares Avocado for launch", "", set()),
    "a launch of something else beside it": ("Google launches Gemini 3 while Meta's Avocado waits", "", set()),
    "an announcement of tests": ("Meta's Avocado beats rivals in internal tests", "", set()),
    "a confirmation": ("Meta confirms it used Alibaba's Qwen to train Avocado", "", {"qwen-confirmed"}),
    "a denial": ("Meta denies training Avocado on Alibaba's Qwen", "", {"qwen-confirmed"}),
    "silence": ("Meta declined to comment on whether Avocado was trained on Qwen", "", set()),
    "no confirmation": ("Meta has not confirmed that Avocado was trained with Qwen", "", set()),
    "an open version": ("Meta open-sources Muse Spark Mini", "", {"open-version", "avocado-ships"}),
    "a promise to open": ("Meta plans to open-source its next models", "", set()),
    "a wish to open": ("Meta hopes to release open versions of Muse Spark later", "", set()),
    "Wang leaves": ("Alexandr Wang leaves Meta after a year", "", {"wang-leaves"}),
    "Wang leaves, in Chinese": ("亚历山大·王离职,Meta换帅", "", {"wang-leaves"}),
    "Wang leaves his old firm": ("Alexandr Wang leaves Scale AI for Meta's new lab", "", set()),
    "Wang may leave": ("Alexandr Wang could leave Meta, rumours say", "", set()),
    "somebody leaves Wang": ("LeCun leaves Meta as Alexandr Wang takes over AI", "", set()),
    "a world model": ("LeCun's AMI Labs unveils its first world model", "", {"lecun-model"}),
    "a company for world models": ("LeCun launches start-up for world models", "", set()),
    "money for world models": ("AMI Labs raises a billion dollars for world models", "", set()),
    "a closed Qwen": ("Alibaba keeps Qwen3.7-Max proprietary", "", {"qwen-closed"}),
    "an open Qwen": ("Alibaba releases Qwen3.7 as an open-source model", "", set()),
    "a closed model trained with Qwen": ("Meta's closed Avocado was trained with Qwen", "", set()),
}


@pytest.mark.parametrize(("title", "summary", "met"), EXPECTED.values(), ids=EXPECTED.keys())
def test_an_expectation_is_met_by_what_happened_and_by_nothing_that_was_only_said(
    matcher: Matcher, title: str, summary: str, met: set[str]
):
    text = entry(title, summary)
    assert {one.expectation for one in matcher.look(text).bearings if "when" in one.answers} == met
