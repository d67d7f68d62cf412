"""A storyline on one page: extracts, with their links."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from monitor.digests.brief import SHOWN_DEVELOPMENTS, SHOWN_EVENTS, compose_brief
from monitor.domain import (
    Brief,
    DigestExpectation,
    DigestStatement,
    Event,
    ExpectationState,
    Novelty,
    Report,
    Story,
    Storyline,
)
from monitor.stories.origins import origin
from tests.factories import NOON, a_report, an_entry, an_event

LINE = Storyline(id="release", title="Avocado ships", about="When it\n  comes.")
STORY = Story(story="s", title="The story", storylines=(LINE,))
DAY = timedelta(days=1)


def report(title: str, day: float = 0, **changes: object) -> Report:
    source = str(changes.pop("source", "News"))
    entry = an_entry(
        title, source=source, published=NOON + day * DAY, url=f"https://news.test/{title.split(maxsplit=1)[0]}"
    )
    return a_report(entry, **changes)


def brief(*events: Event, expectations: tuple[DigestExpectation, ...] = (), now: datetime = NOON + 99 * DAY) -> Brief:
    return compose_brief(
        story=STORY,
        line=LINE,
        events=events,
        expectations=expectations,
        state="active",
        since=NOON,
        reason="reported on",
        origin=origin,
        now=now,
    )


def test_events_stand_in_their_order_led_by_what_opened_them_with_outlets_and_origins():
    first = report("First", source="Harbour")
    copy = report("Copy", 0.1, source="Post", novelty=Novelty.DUPLICATE)
    quoting = report("Quoting, per Bloomberg", 0.2, source="Ledger", novelty=Novelty.CORROBORATES)
    later = report("Later", 3, event="e2")
    found = brief(an_event(later, id="e2"), an_event(quoting, copy, first))
    assert [event.lead.title for event in found.timeline] == ["First", "Later"]
    assert found.timeline[0].outlets == ("Harbour", "Post", "Ledger")
    assert found.timeline[0].origins == ("Harbour", "Bloomberg")
    assert (found.events, found.reports, found.outlets, found.about) == (2, 4, 4, "When it comes.")
    assert found.last
    assert found.last.lead.title == "Later"


def test_new_facts_are_quoted_under_their_event_with_what_is_new_and_repeats_are_no_change():
    fact = report("Fact", 2, novelty=Novelty.NEW_FACT, reason="new: June; joins “First” by its words")
    repeat = report("Again", 9, novelty=Novelty.REHASH)
    found = brief(an_event(report("First"), fact, repeat), an_event(report("Other", 5, event="e2"), id="e2"))
    (quoted,) = found.timeline[0].developments
    assert (quoted.title, quoted.url, quoted.note) == ("Fact", "https://news.test/Fact", "new: June")
    assert found.last
    assert found.last.lead.title == "Other"


def test_of_many_facts_the_first_ones_and_the_last_are_quoted_and_of_many_events_the_latest():
    facts = [report(f"Fact{n}", n, novelty=Novelty.NEW_FACT) for n in range(1, 9)]
    (event,) = brief(an_event(report("First"), *facts)).timeline
    assert [one.title for one in event.developments] == ["Fact1", "Fact2", "Fact3", "Fact8"][:SHOWN_DEVELOPMENTS]
    many = [an_event(report(f"E{n}", n, event=f"e{n}"), id=f"e{n}") for n in range(SHOWN_EVENTS + 5)]
    found = brief(*many)
    assert (len(found.timeline), found.omitted, found.events) == (SHOWN_EVENTS, 5, SHOWN_EVENTS + 5)
    assert found.timeline[-1].lead.title == f"E{SHOWN_EVENTS + 4}"


def test_what_was_not_known_at_that_time_is_left_out():
    early, late = report("First"), report("Late", 5, novelty=Novelty.NEW_FACT)
    (event,) = brief(an_event(early, late), an_event(report("Other", 6)), now=NOON + DAY).timeline
    assert (event.reports, event.developments) == (1, ())
    assert brief(now=NOON).last is None


def test_what_is_not_settled_is_an_open_question_with_the_report_that_raises_it():
    promise = DigestStatement(state=ExpectationState.OPEN, said="May 2026", latest=date(2026, 5, 31))
    doubt = DigestStatement(
        state=ExpectationState.CANCELLED, source="Post", title="It is off", url="https://post.test/"
    )

    def expectation(state: ExpectationState, **fields: object) -> DigestExpectation:
        told = {"id": "e", "storyline": "release", "claim": "It ships.", "by": "May 2026", "history": (promise,)}
        return DigestExpectation(**(told | {"state": state} | fields))

    asked = brief(
        expectations=(
            expectation(ExpectationState.OPEN, possible=(doubt,)),
            expectation(ExpectationState.OVERDUE),
            expectation(ExpectationState.MET, confirmed=False),
            expectation(ExpectationState.MET),
            expectation(ExpectationState.DENIED),
        )
    ).questions
    assert [question.text for question in asked] == [
        "It ships (open by 2026-05-31)",
        "Somebody says it is given up: It ships.",
        "It ships (overdue since 2026-05-31)",
        "Met according to one source alone: It ships.",
    ]
    assert (asked[1].source, asked[1].title, asked[1].url) == ("Post", "It is off", "https://post.test/")
