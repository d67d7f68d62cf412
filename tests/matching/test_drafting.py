from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from monitor.domain import Story
from monitor.matching.article import names, sections
from monitor.matching.check import problems, warnings
from monitor.matching.drafting import draft
from monitor.matching.matcher import Matcher
from tests.matching.samples import entry

DATA = Path(__file__).parent / "data"
ARTICLES = ("bridge", "takeover", "announcement")


def article(name: str) -> str:
    return (DATA / f"{name}.txt").read_text("utf-8")


def drafted(name: str) -> Story:
    return TypeAdapter(Story).validate_python(yaml.safe_load(draft(article(name), "drafted")))


@pytest.mark.parametrize("name", ARTICLES)
def test_a_draft_can_be_used_as_it_is_and_says_where_to_edit(name: str):
    text = draft(article(name), "drafted")
    story = TypeAdapter(Story).validate_python(yaml.safe_load(text))
    assert problems(story) == []
    assert warnings(story) == []
    assert text.count("# EDIT") >= 5


TOPICS = {
    "bridge": {"Port Authority", "Korda Group", "Lund Havelock", "Ines Havelock", "Gannet"},
    "takeover": {"FC Nordhafen", "Calder Sports", "Hafenherz"},
    "announcement": {"青鸟", "海川科技", "远山半导体"},
}


@pytest.mark.parametrize("name", ARTICLES)
def test_what_the_article_is_about_becomes_topics(name: str):
    assert {topic.name for topic in drafted(name).topics} >= TOPICS[name]


THREADS = {
    "bridge": ["Steel that did not fit", "A bill that grows", "The ferry that must sail on"],
    "takeover": ["Das Angebot aus Übersee", "Der Plan der Mitglieder", "Was die Liga sagt"],
    "announcement": ["良率问题", "客户反应"],
}


@pytest.mark.parametrize("name", ARTICLES)
def test_its_sections_become_storylines(name: str):
    titles = [line.title for line in drafted(name).storylines]
    assert [title for title in titles if title in THREADS[name]] == THREADS[name]


PROMISED = {
    "bridge": {"autumn 2027", "May 2026", "December 2026", "March 2027"},
    "takeover": {"Juni 2026", "Herbst 2026", "Ende 2026"},
    "announcement": {"2027年春", "2026年下半年"},
}


@pytest.mark.parametrize("name", ARTICLES)
def test_dated_promises_become_expectations(name: str):
    expectations = [each for line in drafted(name).storylines for each in line.expects]
    assert {each.by for each in expectations} >= PROMISED[name]
    assert len({each.id for each in expectations}) == len(expectations)


FOLLOW_UPS = {
    "bridge": ("Korda Group sues engineers over drawings of bridge deck segments", "steel-that-did-not-fit"),
    "takeover": ("Calder Sports erhöht Angebot für die Anteile am FC Nordhafen", "das-angebot-aus-ubersee"),
    "announcement": ("远山半导体:青鸟良率已升到六成", "thread-2"),
}


@pytest.mark.parametrize("name", ARTICLES)
def test_a_draft_already_finds_a_follow_up(name: str):
    title, line = FOLLOW_UPS[name]
    assert line in Matcher(drafted(name)).match(entry(title)).held_storylines


def test_a_draft_is_silent_about_other_news():
    for name in ARTICLES:
        assert not Matcher(drafted(name)).match(entry("Rain in Rome", "The Tiber rises again.")).held


def test_the_first_word_of_a_sentence_is_a_name_only_if_it_is_never_written_small():
    found = names(sections("News\nSteel is short. Korda waits. The steel came late."))
    assert "Korda" in found
    assert "Steel" not in found


def test_a_text_without_names_is_refused_in_words():
    with pytest.raises(ValueError, match="no name stands in the article"):
        draft("nothing here\nonly small words, and none of them a name.", "empty")
