"""What only repeats what was told waits for company, and not for ever."""

from __future__ import annotations

import pytest

from monitor.digests.news import PATIENCE, await_news, is_news
from monitor.digests.rules import Ruling
from monitor.domain import Event, Novelty, Why
from tests.factories import a_report, an_event


def an_event_of(name: str, entry_id: int, novelty: Novelty) -> Event:
    first = a_report(entry_id=1000 + entry_id, event=name)
    return an_event(first, a_report(entry_id=entry_id, event=name, novelty=novelty), id=name)


AGAIN = an_event_of("told", 1, Novelty.REHASH)
FACT = an_event_of("other", 2, Novelty.NEW_FACT)
HEARD = {"told": 1, "other": 3}


@pytest.mark.parametrize("novelty", Novelty)
def test_of_an_event_that_was_told_only_a_new_fact_is_news(novelty: Novelty):
    news = novelty in {Novelty.FIRST, Novelty.NEW_FACT}
    assert is_news(an_event_of("told", 1, novelty), {1}, {"told"}) is news
    assert is_news(an_event_of("told", 1, novelty), {1}, set()), "to a channel that never heard of it all of it is news"


def test_repeats_alone_are_held_back():
    ruled = await_news(Ruling(told=frozenset({1})), [AGAIN], HEARD, slots=PATIENCE - 1)
    assert ruled.told == frozenset()
    (hold,) = ruled.held
    assert (hold.why, hold.event, hold.entries) == (Why.NO_NEWS, AGAIN, {1})


def test_repeats_go_with_what_is_news():
    ruling = Ruling(told=frozenset({1, 2}))
    assert await_news(ruling, [AGAIN, FACT], HEARD, slots=0) == ruling


def test_news_that_is_held_back_takes_no_repeats_along():
    assert await_news(Ruling(told=frozenset({1})), [AGAIN, FACT], HEARD, slots=0).told == frozenset()


def test_repeats_that_waited_long_enough_go_alone():
    ruling = Ruling(told=frozenset({1}))
    assert await_news(ruling, [AGAIN], HEARD, slots=PATIENCE) == ruling
