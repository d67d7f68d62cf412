from __future__ import annotations

from dataclasses import replace

from monitor.matching.text import read
from monitor.matching.unheard import Unheard, unheard
from tests.matching.samples import RELEASE, STORY

SAID = [
    read("Meta and Zuckerberg: Avocado will launch, 扎克伯格 says", "Muse Spark; Qwen; closed source; it launches"),
    read("メタ、アボカド", "千问 闭源 牛油果 推迟 아보카도 메타 delayed"),
]


def test_what_was_said_is_not_told():
    assert unheard(STORY, SAID) == ()


def test_every_term_is_told_where_nothing_was_said():
    told = {one.place: one for one in unheard(STORY, [])}
    assert told["words closed"] == Unheard(place="words closed", terms=("closed source", "闭源"), of=2)
    assert set(told) == {
        "words closed",
        "topic avocado, strong",
        "topic avocado, aliases",
        "topic avocado, anchors",
        "topic qwen, strong",
        "storyline release, query",
        "storyline release, ships",
    }


def test_what_speaks_against_or_is_asked_of_other_fields_is_left_out():
    line = replace(RELEASE, query="launch* -rumour domain:example.org title:delay*", expects=())
    told = {one.place: one for one in unheard(replace(STORY, storylines=(line,)), [])}
    assert told["storyline release, query"].terms == ("launch*", "delay*")


def test_a_name_with_a_case_is_heard_in_that_case_only():
    assert [one.terms for one in unheard(STORY, [*SAID[1:], read("meta is a goal")]) if "anchors" in one.place] == [
        ("=Meta", "Zuckerberg", "扎克伯格")
    ]
