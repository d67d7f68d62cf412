"""The small tables: one form for what reads the same."""

from __future__ import annotations

import pytest

from monitor.stories.vocabulary import KINDS, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("阿里巴巴發佈新模型", "阿里巴巴发佈新模型", id="Chinese scripts"),
        pytest.param("ＱＷＥＮ３", "qwen3", id="full width"),
        pytest.param("GRÖSSE", "größe", id="capitals"),
        pytest.param("cafe\u0301", "café", id="accents put together"),
    ],
)
def test_what_reads_the_same_has_one_form(one: str, other: str):
    assert fold(one) == fold(other)


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_happening_is_found_in_nothing_or_in_plain_words(kind: str):
    assert not KINDS[kind].search("")
    assert not KINDS[kind].search(fold("A quiet day at the lake with friends 今天天气很好"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("meta delays its model", {"delay"}, id="a word that begins with a cue"),
        pytest.param("the relaunched site", set(), id="in the midst of a word"),
        pytest.param("gpt5launch", {"release"}, id="after a digit"),
        pytest.param("a model is slipped again; shares jump", {"delay", "shares"}, id="two kinds"),
    ],
)
def test_plain_text_says_the_same_alone_and_beside_another_script(text: str, found: set[str]):
    for told in (text, f"{text} 今天"):
        assert {kind for kind, cues in KINDS.items() if cues.search(told)} == found
