"""Grouping remembers the events of a story, and its memory never says other than the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from monitor.domain import Entry, Report
from monitor.pipeline.grouping import LIFE, REACH, draw, group, is_cold, warm
from monitor.storage import entries, stories
from monitor.storage.schema import reports
from monitor.storage.store import Store
from monitor.stories.board import Board
from monitor.stories.likeness import Beat
from tests.factories import NOON, a_match, an_entry
from tests.stories.encoder import a_meaning

STORY = "open-source-retreat"
#: Three headlines on one delay, in as many words.
DELAYS = ("Meta delays Avocado to May", "Avocado: Meta delays it to May", "Avocado delayed to May")


class UndoneError(Exception):
    """Raised to have a transaction not kept."""


@pytest.fixture(params=["words alone", "an encoder"])
def beat(request: pytest.FixtureRequest) -> Beat:
    return Beat(lines=1, meaning=a_meaning(dict.fromkeys(DELAYS, "slip")) if request.param == "an encoder" else None)


def another(title: str, *, days: float = 0, feed: str = "https://other.test/feed") -> Entry:
    return an_entry(title, feed_url=feed, source=feed, url=None, published=NOON + timedelta(days=days))


def take(
    store: Store, beat: Beat, *found: Entry, now: datetime | None = None, then: type[Exception] | None = None
) -> Sequence[Report]:
    """One poll's worth: store the entries and group them, in one transaction that ``then`` may undo."""
    now = now or max(entry.published or NOON for entry in found)
    with store.write() as connection:
        stories.hold(connection, [STORY])
        stored = entries.add(connection, found, now=now, primed=False)
        for one in stored:
            stories.save_matches(connection, [(one.id, a_match())])
        made = group(connection, STORY, [(one, a_match()) for one in stored], beat)
        if then:
            raise then
    return made


def remembered(beat: Beat) -> Board:
    assert beat.recall.memory is not None
    return beat.recall.memory.board


def contents(board: Board) -> dict[str, list[int]]:
    return {card.id: [kept.entry_id for kept in card.reports] for card in board.cards.values()}


def test_what_is_remembered_is_what_a_fresh_look_at_the_database_finds(store: Store, beat: Beat):
    for number, title in enumerate(("Meta delays Avocado to May", "LeCun raises $1 billion", "Avocado delayed to May")):
        take(store, beat, another(title, feed=f"https://{number}.test/feed", days=number / 10))
    with store.read() as connection:
        fresh = draw(connection, STORY, beat, NOON - REACH)
    assert contents(remembered(beat)) == contents(fresh)
    assert len(contents(fresh)) == 2


def test_entries_of_one_poll_see_each_other(store: Store, beat: Beat):
    first, second = take(store, beat, another("Meta delays Avocado to May"), another("Avocado: Meta delays it to May"))
    assert first.event == second.event


def test_what_was_not_kept_is_not_remembered(store: Store, beat: Beat):
    take(store, beat, another("LeCun raises $1 billion"))
    with pytest.raises(UndoneError):
        take(store, beat, another("Meta delays Avocado to May"), then=UndoneError)
    (report,) = take(store, beat, another("Avocado: Meta delays it to May", days=0.1))
    assert [len(reports) for reports in contents(remembered(beat)).values()] == [1, 1]
    with store.read() as connection:
        assert stories.events(connection, {report.event})


def test_what_another_process_stored_is_seen_at_the_next_poll(store: Store, beat: Beat):
    take(store, beat, another("LeCun raises $1 billion"))
    elsewhere = Beat(lines=1, meaning=beat.meaning)
    (told,) = take(store, elsewhere, another("Meta delays Avocado to May"))
    board = remembered(beat)
    (report,) = take(store, beat, another("Avocado: Meta delays it to May", feed="https://third.test/feed", days=0.1))
    assert report.event == told.event
    assert remembered(beat) is board, "a few new reports are no reason to draw it anew"


def test_what_was_moved_by_another_process_is_seen_at_the_next_poll(store: Store, beat: Beat):
    first, other = take(store, beat, another("Meta delays Avocado to May"), another("LeCun raises $1 billion"))
    with store.write() as connection:
        moved = {"event_id": other.event, "number": stories.last_number(connection, STORY) + 1}
        connection.execute(update(reports).where(reports.c.entry_id == first.entry_id).values(moved))
    take(store, beat, another("A third thing", days=0.1))
    assert sorted(contents(remembered(beat))[other.event]) == [first.entry_id, other.entry_id]


def test_an_entry_from_before_the_board_finds_its_event_all_the_same(store: Store, beat: Beat):
    old = -REACH.days - 30
    (first,) = take(store, beat, another("Meta delays Avocado to May", days=old))
    later = Beat(lines=1, meaning=beat.meaning)
    found = another("Avocado: Meta delays it to May", feed="https://third.test/feed", days=old + 0.1)
    (second,) = take(store, later, found, now=NOON)
    assert second.event == first.event
    assert contents(remembered(later)) == {}
    (third,) = take(store, later, another("LeCun raises $1 billion"), now=NOON)
    assert contents(remembered(later)) == {third.event: [third.entry_id]}


def test_an_old_board_is_drawn_anew_without_what_is_over(store: Store, beat: Beat):
    take(store, beat, another("Meta delays Avocado to May"))
    late = NOON + REACH + LIFE
    assert is_cold(beat, late)
    with store.read() as connection:
        warm(connection, STORY, beat, late)
    assert contents(remembered(beat)) == {}
    assert not is_cold(beat, late + LIFE)


def test_reports_from_before_there_was_an_encoder_are_read_when_there_is_one(store: Store):
    take(store, Beat(lines=1), another("Meta delays Avocado"))
    meanings = {"Meta delays Avocado": "slip", "Der Zeitplan rutscht": "slip"}
    beat = Beat(lines=1, meaning=a_meaning(meanings))
    (report,) = take(store, beat, another("Der Zeitplan rutscht", feed="https://third.test/feed", days=0.1))
    assert "meaning 1.00" in report.reason
