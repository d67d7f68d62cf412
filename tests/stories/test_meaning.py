"""How near texts are in meaning, by vectors that a test lays down."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from monitor.domain import Entry, Seed, Story, Storyline, Topic
from monitor.stories.meaning import READ_CHARACTERS, Meaning, own_texts
from monitor.stories.space import FIRST_ROWS, Space
from tests.factories import an_entry
from tests.stories.encoder import a_meaning

DELAY, LATE, HIRE = (an_entry(title) for title in ("delay", "late", "hire"))
MEANING = a_meaning({"delay": "ab", "late": "ab", "hire": "xy"})


def space_of(meaning: Meaning, **events: Sequence[Entry]) -> Space:
    space = meaning.space()
    for event, entries in events.items():
        for entry in entries:
            space.add(event, meaning.vector(entry))
    return space


def test_an_event_of_one_meaning_is_near_and_another_is_not():
    near, far = space_of(MEANING, delay=[DELAY], hire=[HIRE]).compare(MEANING.vector(LATE), ["delay", "hire"])
    assert near == pytest.approx(1.0, abs=1e-3)
    assert far < 0.1


def test_one_report_is_compared_by_itself():
    space, late = space_of(MEANING, e=[HIRE, DELAY, DELAY]), MEANING.vector(LATE)
    assert space.compare_texts(late, MEANING.vector(HIRE)) < 0.1
    assert space.compare(late, ["e"])[0] > 0.7


def test_a_merged_event_lies_where_its_reports_would_have_put_it():
    apart, late = space_of(MEANING, one=[HIRE], two=[DELAY, DELAY]), MEANING.vector(LATE)
    apart.merge("two", "one")
    apart.add("three", late)
    whole = space_of(MEANING, one=[HIRE, DELAY, DELAY], three=[LATE])
    assert apart.compare(late, ["one", "three"]) == pytest.approx(whole.compare(late, ["one", "three"]), abs=1e-3)


def test_a_merged_event_takes_no_place_among_the_nearest():
    space = space_of(MEANING, one=[DELAY], two=[DELAY], three=[HIRE], four=[HIRE])
    space.merge("one", "two")
    assert {event for event, _ in space.nearest(MEANING.vector(LATE), 1)} == {"two"}


def test_without_events_there_is_nothing_to_compare():
    assert MEANING.space().compare(MEANING.vector(LATE), []) == []


def test_a_text_like_the_story_s_own_is_near_nothing():
    """What all texts of the story have in common is taken off; this one has nothing else."""
    own = MEANING.vector(an_entry("what the story is about"))
    assert space_of(MEANING, e=[DELAY]).compare(own, ["e"])[0] < 0.1


def test_only_the_head_of_a_long_text_is_read():
    long = an_entry("delay", summary="x" * 10_000)
    known = a_meaning({long.text[:READ_CHARACTERS]: "ab", "late": "ab"})
    assert space_of(known, e=[long]).compare(known.vector(LATE), ["e"])[0] == pytest.approx(1.0, abs=1e-3)


def test_a_space_of_more_events_than_it_began_with_keeps_the_first():
    space = space_of(MEANING, delay=[DELAY], **{f"e{n}": [HIRE] for n in range(2 * FIRST_ROWS)})
    assert space.compare(MEANING.vector(LATE), ["delay", "e0"])[0] > 0.9


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
