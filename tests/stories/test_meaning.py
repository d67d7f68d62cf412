"""How near texts are in meaning, by vectors that a test lays down."""

from __future__ import annotations

import pytest

from monitor.domain import Seed, Story, Storyline, Topic
from monitor.stories.meaning import READ_CHARACTERS, own_texts
from tests.factories import an_entry
from tests.stories.encoder import a_meaning

DELAY, LATE, HIRE = (an_entry(title) for title in ("delay", "late", "hire"))
MEANING = a_meaning({"delay": "ab", "late": "ab", "hire": "xy"})


def test_an_event_of_one_meaning_is_near_and_another_is_not():
    (near, _), (far, _) = MEANING.compare(LATE, [[DELAY], [HIRE]])
    assert near == pytest.approx(1.0, abs=1e-5)
    assert far < 0.1


def test_the_first_report_is_compared_by_itself():
    ((middle, first),) = MEANING.compare(LATE, [[HIRE, DELAY, DELAY]])
    assert first < 0.1
    assert middle > 0.7


def test_without_events_there_is_nothing_to_compare():
    assert MEANING.compare(LATE, []) == []


def test_a_text_like_the_story_s_own_is_near_nothing():
    """What all texts of the story have in common is taken off; this one has nothing else."""
    assert MEANING.compare(an_entry("what the story is about"), [[DELAY]])[0][0] < 0.1


def test_only_the_head_of_a_long_text_is_read():
    long = an_entry("delay", summary="x" * 10_000)
    known = a_meaning({long.text[:READ_CHARACTERS]: "ab", "late": "ab"})
    assert known.compare(LATE, [[long]])[0][0] == pytest.approx(1.0, abs=1e-5)


LINE = Storyline(id="ships", title="It ships", about="When it ships.", examples=("It ships today",))


@pytest.mark.parametrize(
    ("story", "texts"),
    [
        pytest.param(
            Story(story="s", seed=Seed(title="T", claims=("It will ship.",)), storylines=(LINE,)),
            ("It will ship.", "When it ships.", "It ships today"),
            id="claims and prose",
        ),
        pytest.param(
            Story(story="s", topics=(Topic(id="bridge", name="Arden bridge"),)), ("Arden bridge",), id="names"
        ),
        pytest.param(Story(story="s"), ("s",), id="nothing but its id"),
    ],
)
def test_a_story_speaks_by_its_sentences_and_else_by_its_names(story: Story, texts: tuple[str, ...]):
    assert own_texts(story) == texts
