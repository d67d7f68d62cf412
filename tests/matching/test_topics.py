from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain import TopicMatch
from monitor.matching.scan import Scanner
from monitor.matching.text import read
from monitor.matching.topics import TopicIndex
from tests.matching.samples import AVOCADO, QWEN


def judge(
    title: str, summary: str = "", *, feed_tags: tuple[str, ...] = (), **changes: tuple[str, ...]
) -> TopicMatch | None:
    index = TopicIndex([replace(AVOCADO, **changes), QWEN], {})
    text = read(title, summary)
    judged = index.judge(text, Scanner(index.terms()).scan(text), feed_tags)
    return judged["avocado"].match if "avocado" in judged else None


HELD = {
    "a strong name": ("Muse Spark is here", True),
    "a strong name with a veto": ("Muse Spark, toast of the valley, with guacamole", True),
    "an alias with an anchor": ("Meta delays Avocado", True),
    "an alias alone": ("Avocado prices rise", False),
    "an anchor alone": ("Meta raises prices", None),
    "an alias with an anchor and a veto": ("Meta canteen: Avocado toast", False),
    "several anchors against a veto": ("Meta, Zuckerberg and メタ: Avocado is no toast", True),
    "a veto around the alias": ("Meta invests in avocado oil", False),
    "a veto around one alias of two": ("Meta's Avocado is no avocado oil", True),
    "an anchor in another case": ("La meta es vender Avocado", False),
    "Chinese": ("扎克伯格推迟牛油果模型", True),
    "Japanese": ("メタ、アボカドを延期", True),
    "Korean with particles": ("메타가 아보카도를 공개했다", True),
    "nothing": ("Rain in Rome", None),
}


@pytest.mark.parametrize(("title", "held"), HELD.values(), ids=HELD.keys())
def test_a_topic_holds(title, held):
    match = judge(title)
    assert (match.held if match else None) == held


def test_an_anchor_must_be_near():
    far = "word " * 60
    assert judge("News", f"Meta {far} Avocado").held is False
    assert "too far" in judge("News", f"Meta {far} Avocado").missing[0]
    assert judge("News", f"{far} Meta word Avocado").held


def test_an_anchor_in_the_title_is_near_to_all():
    assert judge("Meta news", "word " * 60 + "Avocado").held


def test_a_feed_tagged_with_the_topic_is_an_anchor():
    match = judge("Avocado slips again", feed_tags=("avocado",))
    assert match.held
    assert [(hit.place, hit.role) for hit in match.hits] == [("title", "alias"), ("feed", "anchor")]


def test_every_hit_is_told_with_its_place():
    match = judge("Avocado slips", "Meta says guacamole")
    assert [(hit.term, hit.found, hit.place, hit.role) for hit in match.hits] == [
        ("Avocado", "Avocado", "title", "alias"),
        ("=Meta", "Meta", "summary", "anchor"),
        ("guacamole", "guacamole", "summary", "veto"),
    ]


def test_a_near_miss_says_what_was_missing():
    assert "an anchor near 'Avocado' (=Meta, Zuckerberg, 扎克伯格 …)" in judge("Avocado prices rise").missing[0]
    assert "toast" in judge("Avocado toast").missing[1]


def test_the_score_is_half_or_more_exactly_where_the_topic_holds():
    titles = [title for title, held in HELD.values() if held is not None]
    matches = [judge(title) for title in titles]
    assert [match.score >= 0.5 for match in matches] == [match.held for match in matches]


def test_an_anchor_inside_the_alias_does_not_count():
    assert judge("Avocado Meta fruit box", aliases=("Avocado Meta",)).held is False


def test_the_longer_of_two_names_at_one_place_is_told():
    match = judge("Meta shows Avocado Pro", strong=("Avocado Pro",))
    assert [hit.term for hit in match.hits if hit.role in ("strong", "alias")] == ["Avocado Pro"]


def test_a_passing_mention_counts_in_the_title_alone():
    passing = {"passing": ("after Avocado",)}
    assert judge("Meta starts again after Avocado", **passing).held
    match = judge("Meta starts again", "What comes after Avocado is open.", **passing)
    assert match.held is False
    assert [(hit.found, hit.role) for hit in match.hits if hit.role == "veto"] == [("after Avocado", "veto")]
    assert "after Avocado" in match.missing[0]


def test_of_two_names_at_one_place_always_the_same_is_told():
    judged = judge("Muse Spark is here", strong=("Muse Spark*", "Muse Spark", "=Muse Spark"))
    assert [hit.term for hit in judged.hits] == ["=Muse Spark"]
