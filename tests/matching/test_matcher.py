from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from monitor.domain import Entry, Expectation, Story, Topic
from monitor.errors import QueryError
from monitor.matching.matcher import Matcher, followed
from tests.matching.samples import AVOCADO, QWEN, RELEASE, STORY, entry


def test_topics_that_hold_come_before_near_misses():
    match = Matcher(STORY).match(entry("Avocado prices rise while Qwen launches"))
    assert [(topic.topic, topic.held) for topic in match.topics] == [("qwen", True), ("avocado", False)]


def test_storylines_that_hold_come_best_first():
    better = replace(RELEASE, id="better", examples=("Meta delays Avocado",))
    match = Matcher(replace(STORY, storylines=(RELEASE, better))).match(entry("Meta delays Avocado"))
    assert match.held_storylines[:2] == ("better", "release")


def test_a_topic_that_no_storyline_names_is_followed_by_itself():
    match = Matcher(STORY).match(entry("Qwen tops the charts"))
    assert match.held_storylines == ("qwen",)
    assert match.held


def test_a_story_of_topics_alone_works():
    match = Matcher(Story(story="s", topics=(AVOCADO,))).match(entry("Meta delays Avocado"))
    assert match.held_storylines == ("avocado",)


def test_a_topic_named_in_a_query_is_not_followed_by_itself():
    line = replace(RELEASE, topics=(), query="@qwen launch*")
    assert [each.id for each in followed(replace(STORY, topics=(QWEN,), storylines=(line,)))] == ["release"]


def test_a_list_of_words_is_used_in_queries_and_in_lists_of_names():
    topic = replace(AVOCADO, anchors=("@firm",))
    line = replace(RELEASE, query="@closed")
    story = Story(story="s", words={"firm": ("Meta",), "closed": ("闭源",)}, topics=(topic,), storylines=(line,))
    match = Matcher(story).match(entry("Meta的牛油果将閉源"))
    assert (match.held_topics, match.held_storylines) == (("avocado",), ("release",))


def test_a_query_that_cannot_be_read_is_told_at_once():
    with pytest.raises(QueryError):
        Matcher(replace(STORY, storylines=(replace(RELEASE, query="a OR"),)))


def test_a_query_sees_topics_lists_and_words_that_no_topic_uses():
    def held(query: str, title: str, *, feed_tags: tuple[str, ...] = ()) -> bool:
        line = replace(RELEASE, topics=(), about="", examples=(), expects=(), query=query)
        match = Matcher(replace(STORY, storylines=(line,))).match(entry(title), feed_tags=feed_tags)
        return RELEASE.id in match.held_storylines

    title = "Meta keeps Avocado closed-source, says banana"
    assert held("@avocado @closed banana", title)
    assert not held("@qwen", title)
    assert not held("@avocado", "Avocado slips")
    assert held("@avocado", "Avocado slips", feed_tags=("avocado",))


def met(matcher: Matcher, found: Entry, *, feed_tags: tuple[str, ...] = ()) -> list[str]:
    bearings = matcher.look(found, feed_tags=feed_tags).bearings
    return [one.expectation for one in bearings if "when" in one.answers]


def test_an_expectation_is_met_by_an_entry_of_its_storyline():
    matcher = Matcher(STORY)
    assert met(matcher, entry("Meta launches Avocado")) == ["ships"]
    assert met(matcher, entry("Meta delays Avocado")) == []
    assert met(matcher, entry("Avocado launched as a fruit box")) == []


def test_an_expectation_sees_the_topics_of_the_match_and_the_tags_of_the_feed():
    assert met(Matcher(STORY), entry("Avocado launches"), feed_tags=("avocado",)) == ["ships"]
    tagged = replace(RELEASE, expects=(Expectation(id="official", claim="Meta says so", when="launch* tag:official"),))
    matcher = Matcher(replace(STORY, storylines=(tagged,)))
    assert met(matcher, entry("Meta launches Avocado"), feed_tags=("official",)) == ["official"]
    assert met(matcher, entry("Meta launches Avocado")) == []


def test_an_entry_bears_on_what_its_topics_are_expected_to_do_by_the_names_that_stand_there():
    matcher, found = Matcher(STORY), entry("Meta delays Avocado; Qwen is out")
    (bearing,) = matcher.look(found).bearings
    assert (bearing.expectation, bearing.answers) == ("ships", frozenset())
    assert "Avocado" in bearing.names
    assert bearing.others == frozenset({"Qwen"})


def test_each_query_of_an_expectation_is_asked():
    ships = Expectation(
        id="ships", claim="x", when="@avocado launch*", denied="@avocado unfounded", cancelled="@avocado"
    )
    matcher = Matcher(replace(STORY, storylines=(replace(RELEASE, expects=(ships,)),)))
    found = entry("Reports that Meta delays Avocado are unfounded")
    (bearing,) = matcher.look(found).bearings
    assert bearing.answers == {"denied", "cancelled"}


def test_one_matcher_serves_many_threads():
    entries = [entry(f"Meta delays Avocado {n} 時間 모델") for n in range(200)]
    matcher = Matcher(STORY)
    expected = [matcher.match(each) for each in entries]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(matcher.match, entries)) == expected


def test_the_largest_entry_is_matched_in_reasonable_time():
    huge = entry("Meta Avocado", "Meta delays Avocado 牛油果 " * 2_000)
    assert Matcher(STORY).match(huge).held_topics == ("avocado",)


def test_many_topics_do_not_change_what_is_seen():
    crowd = tuple(Topic(id=f"t{n}", strong=(f"Subject{n} Xyz",)) for n in range(2_000))
    match = Matcher(replace(STORY, topics=(*STORY.topics, *crowd))).match(
        entry("Meta delays Avocado", "subject 77 xyz")
    )
    assert match.held_topics == ("avocado", "t77")


def test_a_word_inside_a_masked_phrase_of_its_list_does_not_count():
    topic = replace(AVOCADO, anchors=("@market",))
    line = replace(RELEASE, topics=(), query="@market")
    words = {"market": ("Wall Street", "-Wall Street Journal")}
    matcher = Matcher(Story(story="s", words=words, topics=(topic,), storylines=(line,)))
    seen = matcher.match(entry("Avocado worries Wall Street, says the Wall Street Journal"))
    assert seen.held_topics == ("avocado",)
    assert "release" in seen.held_storylines
    masked = matcher.match(entry("Avocado is late, says the Wall Street Journal"))
    assert (masked.held_topics, masked.held) == ((), False)


def test_what_is_told_early_is_what_would_be_told_late():
    """An entry in which nothing stands is put aside before the queries are asked: those answered by absence are not."""
    lines = (
        replace(RELEASE, id="absent", topics=(), query="-banana", examples=(), about=""),
        replace(RELEASE, id="field", topics=(), query="source:daily", examples=(), about=""),
        replace(RELEASE, id="alike", topics=(), query="banana", examples=("Gardeners plant early beans",), about=""),
        replace(RELEASE, id="shut", query="-banana", examples=(), about=""),
        replace(RELEASE, id="quiet", topics=(), query="banana", examples=(), about=""),
    )
    match = Matcher(replace(STORY, topics=(), storylines=lines)).match(entry("Gardeners plant early beans"))
    assert {line.storyline: line.held for line in match.storylines} == {
        "absent": True,
        "field": True,
        "alike": True,
        "shut": False,
    }
