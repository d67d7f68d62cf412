"""What one channel is told, in which order, and why."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digests.compose import SUMMARY_CHARACTERS, compose
from monitor.domain import (
    Coverage,
    Digest,
    Event,
    Hit,
    Match,
    Novelty,
    Report,
    Story,
    Storyline,
    StorylineMatch,
    TopicMatch,
)
from tests.factories import NOON, a_match, a_report, an_entry, an_event

STORY = Story(
    story="open-source-retreat",
    title="Meta's open-source retreat",
    storylines=(
        Storyline(id="avocado-release", title="Avocado ships, and closed"),
        Storyline(id="talent-wars", title="Who leaves next"),
        Storyline(id="qwen", title="Chinese open models"),
    ),
)


def composed(*events: Event, told: Iterable[int] = (), **changes: Any) -> Digest:
    """A digest to a channel that has been told of the entries in ``told``, and of no others."""
    known = set(told)
    arguments: dict[str, Any] = {
        "digest_id": "morning-7",
        "channel": "desk",
        "sequence": 7,
        "story": STORY,
        "window_start": NOON - timedelta(days=1),
        "window_end": NOON,
        "reason": "schedule",
        "events": events,
        "new": {report.entry_id for event in events for report in event.reports} - known,
        "revisions": {},
        "origins": {},
        "states": {},
        "activity": {},
        "expectations": (),
        "coverage": Coverage(feeds_ok=1, feeds_failing=0),
    }
    return compose(**(arguments | changes))


def report(number: int, novelty: Novelty = Novelty.FIRST, title: str = "", **changes: Any) -> Report:
    title = title or f"Title {number}"
    entry = an_entry(title, source=f"Outlet {number}", published=NOON + timedelta(minutes=number))
    return a_report(entry, **({"entry_id": number, "novelty": novelty} | changes))


def scores(**lines: float) -> Match:
    return Match(
        story=STORY.story,
        storylines=tuple(
            StorylineMatch(storyline=line.replace("_", "-"), held=score >= 0.5, score=score)
            for line, score in lines.items()
        ),
    )


def test_with_nothing_new_a_digest_is_empty():
    digest = composed(an_event(report(1)), told=[1])
    assert digest.storylines == ()
    assert (digest.schema_version, digest.sequence, digest.title) == (1, 7, "Meta's open-source retreat")


def test_a_first_event_has_revision_1_and_all_its_entries():
    digest = composed(an_event(report(1), report(2, Novelty.CORROBORATES)), origins={"e1": 2})
    (event,) = digest.events
    assert (event.id, event.revision, event.origins, event.first_seen) == ("e1", 1, 2, NOON + timedelta(minutes=1))
    assert [entry.title for entry in event.entries] == ["Title 1", "Title 2"]


def test_an_event_that_comes_back_has_the_next_revision_and_its_new_entries_only():
    event = an_event(report(1), report(2, Novelty.NEW_FACT, reason="new: June; joins “Title 1” (0.5: may)"))
    (told,) = composed(event, told=[1], revisions={"e1": 3}).events
    assert told.revision == 4
    assert [entry.title for entry in told.entries] == ["Title 2"]
    assert told.reason == "1 new report; new: June"


def test_the_lead_is_what_adds_most_and_then_what_was_first():
    event = an_event(
        report(5, Novelty.REHASH),
        report(4, Novelty.CORROBORATES),
        report(9, Novelty.NEW_FACT),
        report(3, Novelty.NEW_FACT),
    )
    (told,) = composed(event).events
    assert told.title == "Title 3"
    assert told.novelty is Novelty.NEW_FACT
    assert [entry.title for entry in told.entries] == ["Title 3", "Title 9", "Title 4", "Title 5"]


@pytest.mark.parametrize(
    ("reports", "reason"),
    [
        pytest.param([report(1)], "first report", id="a first report"),
        pytest.param([report(1), report(2, Novelty.REHASH)], "first report, and 1 more since", id="and more since"),
        pytest.param(
            [report(n, Novelty.NEW_FACT, reason="new: 12%, June") for n in (1, 2)],
            "2 new reports; new: 12%, June",
            id="facts",
        ),
        pytest.param([report(1, Novelty.CORROBORATES)], "1 more outlet has it", id="another outlet"),
        pytest.param([report(n, Novelty.CORROBORATES) for n in (1, 2)], "2 more outlets have it", id="other outlets"),
        pytest.param([report(n, Novelty.DUPLICATE) for n in (1, 2, 3)], "3 outlets repeat it", id="repeats"),
        pytest.param([report(1, Novelty.REHASH)], "1 outlet repeats it", id="one repeat"),
    ],
)
def test_each_event_says_in_words_why_it_is_there(reports: list[Report], reason: str):
    (event,) = composed(an_event(*reports)).events
    assert event.reason == reason


def test_an_event_stands_once_under_the_storyline_that_fits_best():
    event = an_event(
        report(1, match=scores(talent_wars=0.6, avocado_release=0.7)),
        report(2, match=scores(talent_wars=0.9, qwen=0.4)),
    )
    (line,) = composed(event).storylines
    assert (line.id, line.title) == ("talent-wars", "Who leaves next")
    (told,) = line.events
    assert (told.score, told.also) == (0.9, ("avocado-release",))


def test_news_comes_before_confirmation_and_confirmation_before_repeats():
    events = [
        an_event(report(1, Novelty.REHASH), id="e-rehash"),
        an_event(report(2, Novelty.CORROBORATES), id="e-corroborates"),
        an_event(report(3, Novelty.NEW_FACT), id="e-fact"),
        an_event(report(4), id="e-first"),
        an_event(report(5), id="e-big"),
        an_event(report(6, Novelty.DUPLICATE), id="e-copy"),
    ]
    (line,) = composed(*events, origins={"e-big": 5, "e-rehash": 9}).storylines
    assert [event.id for event in line.events] == ["e-big", "e-fact", "e-first", "e-corroborates", "e-rehash", "e-copy"]


def test_storylines_come_in_order_of_change_and_then_in_that_of_the_story():
    events = [
        an_event(report(1, Novelty.REHASH, match=scores(avocado_release=0.9)), id="a"),
        an_event(report(2, match=scores(qwen=0.9)), id="b"),
        an_event(report(3, match=scores(qwen=0.9)), id="c"),
        an_event(report(4, match=scores(talent_wars=0.9)), id="d"),
    ]
    assert [line.id for line in composed(*events).storylines] == ["qwen", "talent-wars", "avocado-release"]


def test_a_storyline_that_the_story_gave_up_keeps_its_events_under_its_id():
    (line,) = composed(an_event(report(1, match=scores(old_line=0.9)))).storylines
    assert (line.id, line.title, line.state) == ("old-line", "old-line", "active")


def test_states_are_handed_through():
    (line,) = composed(an_event(report(1)), states={"avocado-release": "emerging"}).storylines
    assert line.state == "emerging"


def test_what_matched_is_named_once_and_vetoes_are_not():
    hits = tuple(
        Hit(term=term, found=term, place="title", role=role)
        for term, role in (("Avocado", "alias"), ("TBD Lab", "anchor"), ("toast", "veto"), ("tbd lab", "anchor"))
    )
    match = Match(
        story=STORY.story,
        topics=(
            TopicMatch(topic="avocado", held=True, score=0.9, hits=hits),
            TopicMatch(topic="llama", held=False, score=0.2),
        ),
        storylines=a_match().storylines,
    )
    (event,) = composed(an_event(report(1, match=match))).events
    assert event.matched == ("avocado", "TBD Lab")


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        pytest.param("Short  and\nplain.", "Short and plain.", id="short"),
        pytest.param("word " * 200, ("word " * 79).strip() + "…", id="cut between words"),
        pytest.param("牛" * 900, "牛" * (SUMMARY_CHARACTERS - 1) + "…", id="cut where there are no words"),
    ],
)
def test_a_summary_is_one_line_of_bounded_length(summary: str, shown: str):
    entry = an_entry(summary=summary)
    (event,) = composed(an_event(a_report(entry))).events
    assert event.summary == shown
    assert len(event.summary) <= SUMMARY_CHARACTERS


@given(seed=st.integers(0, 10_000))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_every_new_entry_stands_in_exactly_one_event_whatever_the_order(seed: int):
    """Of any events, with any entries told before: each new entry once, no old one, and the same digest each time."""
    dice = random.Random(seed)
    numbers = iter(range(1, 1000))
    lines = ["avocado_release", "talent_wars", "qwen", "given_up"]
    events = []
    for name in range(dice.randint(0, 6)):
        reports = []
        for _ in range(dice.randint(1, 5)):
            held = {line: dice.uniform(0.5, 1) for line in dice.sample(lines, dice.randint(1, 3))}
            reports.append(report(next(numbers), dice.choice(list(Novelty)), match=scores(**held)))
        events.append(an_event(*reports, id=f"e{name}"))
    everything = [one.entry_id for event in events for one in event.reports]
    told = dice.sample(everything, len(everything) // 3)
    digest = composed(*events, told=told)
    listed = sorted(int(entry.title.split()[1]) for event in digest.events for entry in event.entries)
    assert listed == sorted(set(everything) - set(told))
    assert all(line.events for line in digest.storylines)
    assert composed(*dice.sample(events, len(events)), told=told) == digest
