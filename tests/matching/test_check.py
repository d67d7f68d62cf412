from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from monitor.domain import Story, Topic
from monitor.matching.check import problems, warnings
from tests.matching.samples import AVOCADO, RELEASE, STORY


def with_topic(**changes: object) -> Story:
    return replace(STORY, topics=(replace(AVOCADO, **changes), *STORY.topics[1:]))


def with_line(**changes: object) -> Story:
    return replace(STORY, storylines=(replace(RELEASE, **changes),))


FOUND = {
    "a query that cannot be read": (with_line(query="a OR"), ("storylines", 0, "query"), "ends too early"),
    "an expectation that cannot be read": (
        with_line(expects=(replace(RELEASE.expects[0], when='"x'),)),
        ("storylines", 0, "expects", 0, "when"),
        "quote",
    ),
    "a name nobody knows": (with_line(query="@avocad launch*"), ("storylines", 0, "query"), "names no topic"),
    "a topic nobody knows": (with_line(topics=("qwenn",)), ("storylines", 0, "topics", 0), "there is no topic"),
    "a topic without a name": (
        replace(STORY, topics=(*STORY.topics, Topic(id="empty"))),
        ("topics", 2),
        "can never hold",
    ),
    "a name that is a veto too": (with_topic(vetoes=("muse-spark",)), ("topics", 0, "strong", 0), "is a veto"),
    "an anchor list nobody knows": (with_topic(anchors=("@closd",)), ("topics", 0, "anchors", 0), "no list of words"),
    "a name of dots": (with_topic(strong=("...",)), ("topics", 0, "strong", 0), "no letter or digit"),
    "a word with a star inside": (
        replace(STORY, words={"closed": ("la*ma",)}),
        ("words", "closed", 0),
        "not at its end",
    ),
    "a list of words that is a topic": (replace(STORY, words={"qwen": ("x",)}), ("words", "qwen"), "is a topic too"),
    "a mask outside a list of words": (with_topic(aliases=("-toast",)), ("topics", 0, "aliases", 0), "list of words"),
    "a list inside a list": (
        replace(STORY, words={"closed": ("@open",), "open": ("open",)}),
        ("words", "closed", 0),
        "cannot hold another",
    ),
}


@pytest.mark.parametrize(("story", "place", "message"), FOUND.values(), ids=FOUND.keys())
def test_a_mistake_is_found(story, place, message):
    found = [(where, what) for where, what, _ in problems(story)]
    assert [where for where, _ in found] == [place]
    assert message in found[0][1]


def test_a_mistyped_name_is_guessed():
    assert [hint for *_, hint in problems(with_line(query="@avocad launch*"))] == ["did you mean 'avocado'?"]


def test_a_sound_story_has_no_problems():
    assert problems(STORY) == []
    assert warnings(STORY) == []


def test_what_is_hardly_meant_is_a_warning():
    odd = replace(with_line(query="-toast"), topics=(replace(AVOCADO, anchors=()), *STORY.topics[1:]))
    assert problems(odd) == []
    assert [place for place, *_ in warnings(odd)] == [("topics", 0, "aliases"), ("storylines", 0, "query")]


def test_the_check_loads_neither_the_automaton_nor_re2():
    program = (
        "import sys; from monitor.matching.check import problems; from tests.matching.samples import STORY; "
        "problems(STORY); print({'ahocorasick_rs', 're2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
