from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain import Story, Storyline, StorylineMatch
from monitor.matching.matcher import Matcher
from tests.matching.samples import RELEASE, STORY, entry


def judge(line: Storyline, title: str, summary: str = "") -> StorylineMatch | None:
    match = Matcher(replace(STORY, storylines=(line,))).match(entry(title, summary))
    return next((found for found in match.storylines if found.storyline == line.id), None)


def test_topic_and_query_make_it_hold():
    match = judge(RELEASE, "Meta delays Avocado")
    assert match.held
    assert {part.name: part.because for part in match.parts}["query"] == "delays (in the title)"


def test_the_score_is_the_sum_of_its_parts():
    match = judge(RELEASE, "Meta delays Avocado", "The price of the model is open.")
    odds = match.score / (1 - match.score)
    assert odds == pytest.approx(2.718281828 ** sum(part.weight for part in match.parts))
    assert [part.name for part in match.parts] == ["prior", "query", "examples", "about"]


def test_without_its_topic_it_never_holds():
    match = judge(RELEASE, "Meta puts its big model on ice until the autumn launch")
    assert not match.held
    assert match.missing == ("one of its topics: avocado",)


def test_without_an_answer_it_is_a_near_miss():
    match = judge(RELEASE, "Meta renames Avocado")
    assert not match.held
    assert match.missing == ("in its query: (launch* OR delay* OR 推迟)",)


def test_what_repeats_an_example_holds_without_an_answer():
    assert judge(RELEASE, "Meta puts Avocado model on ice until autumn").held


def test_prose_alone_does_not_make_it_hold():
    assert not judge(
        RELEASE,
        "Meta on Avocado",
        "The model's price, its launches: the delays and its price.".replace("launches", "x").replace("delays", "y"),
    ).held


def test_a_storyline_without_a_query_holds_with_its_topics():
    assert judge(replace(RELEASE, query="", examples=()), "Meta renames Avocado").held


def test_a_storyline_without_topics_is_judged_by_its_query():
    line = replace(RELEASE, topics=(), query="pumpkin soup")
    assert judge(line, "Pumpkin soup for researchers").held
    assert judge(line, "Rain in Rome") is None


def test_what_nothing_speaks_for_is_not_listed():
    assert Matcher(STORY).match(entry("Rain in Rome")).storylines == ()


def test_an_example_in_the_title_counts_more_than_the_same_words_far_down():
    line = replace(RELEASE, query="nothing")
    told = judge(line, "Meta puts Avocado model on ice until autumn")
    buried = judge(line, "Meta, Avocado", "word " * 40 + "model on ice until autumn")
    assert told.score > buried.score


def test_a_story_of_prose_only_is_usable():
    lonely = Story(
        story="s", storylines=(Storyline(id="soup", title="Soup", examples=("Pumpkin soup wins the prize",)),)
    )
    assert Matcher(lonely).match(entry("Pumpkin soup wins prize")).held
    assert not Matcher(lonely).match(entry("Rain wins in Rome")).held
