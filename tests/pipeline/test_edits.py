"""Events put right by hand: what moves, what is remembered, and what the ledger makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain import Novelty, Report
from monitor.errors import StoryError
from monitor.pipeline import edits
from monitor.storage import channels, ledger, stories
from monitor.storage import edits as rows
from monitor.storage.store import Store
from monitor.stories.likeness import Beat
from tests.factories import NOON
from tests.pipeline.test_grouping import STORY, another, take
from tests.storage.owing import a_digest, composed

DELAY, LATE = "Meta delays Avocado to May", "Avocado: Meta delays it to May"
FUNDS, BRIDGE = "LeCun raises $1 billion", "Alibaba opens a campus in Hangzhou"


@pytest.fixture
def beat() -> Beat:
    return Beat(lines=1)


def four(store: Store, beat: Beat) -> tuple[Report, Report, Report, Report]:
    """Two reports of one event, and one each of two others."""
    titles = (DELAY, LATE, FUNDS, BRIDGE)
    found = [another(title, feed=f"https://{n}.test/feed", days=n / 10) for n, title in enumerate(titles)]
    one, two, three, four = take(store, beat, *found)
    assert one.event == two.event
    assert len({one.event, three.event, four.event}) == 3
    return one, two, three, four


def entries_of(store: Store, event_id: str) -> list[int]:
    with store.read() as connection:
        return [r.entry_id for e in stories.events(connection, {event_id}) for r in e.reports]


def leads_to(store: Store, event_id: str) -> str:
    with store.read() as connection:
        return rows.resolve(connection, event_id)


def tell(store: Store, *told: Report, sequence: int = 1, revision: int = 1) -> None:
    """Enter into the ledger that the channel ``desk`` was told of these reports of one event."""
    digest = a_digest(sequence=sequence, reports=told, **{told[0].event: revision})
    composed(store, digest, slot=f"s{sequence}")


def untold(store: Store) -> dict[int, str]:
    with store.read() as connection:
        return {report.entry_id: report.event for report in ledger.untold(connection, channel="desk", story=STORY)}


def last_revision(store: Store, event_id: str) -> int | None:
    with store.read() as connection:
        return ledger.last_revisions(connection, "desk", [event_id]).get(event_id)


def test_a_merged_event_holds_the_reports_of_both_and_the_other_id_leads_to_it(store: Store, beat: Beat):
    one, two, three, other = four(store, beat)
    edit = edits.merge(store, one.event, three.event, NOON)
    assert edit.gone == (three.event,)
    assert entries_of(store, one.event) == [one.entry_id, two.entry_id, three.entry_id]
    assert leads_to(store, three.event) == one.event
    edits.merge(store, other.event, three.event, NOON)
    assert [leads_to(store, event) for event in (one.event, three.event)] == [other.event] * 2
    with store.read() as connection:
        assert [event.id for event in stories.list_events(connection, STORY, limit=9)] == [other.event]


def test_what_each_report_adds_is_judged_anew(store: Store, beat: Beat):
    one, two, three, _ = four(store, beat)
    merged = edits.merge(store, one.event, three.event, NOON)
    assert merged.moved[0].reason == "new: $1 billion, funding; put here by hand"
    split = edits.split(store, one.event, [three.entry_id], NOON)
    assert (split.moved[0].novelty, split.moved[0].reason) == (Novelty.FIRST, "first report; put here by hand")
    alone = edits.split(store, one.event, [one.entry_id], NOON)
    assert alone.event.id != one.event
    with store.read() as connection:
        (left,) = stories.events(connection, {one.event})
    assert [(report.entry_id, report.novelty) for report in left.reports] == [(two.entry_id, Novelty.FIRST)]


def test_an_entry_that_was_split_off_twice_makes_two_events(store: Store, beat: Beat):
    one, two, three, _ = four(store, beat)
    edits.move(store, three.entry_id, one.event, NOON)
    first = edits.split(store, one.event, [two.entry_id, three.entry_id], NOON).event.id
    edits.move(store, two.entry_id, one.event, NOON)
    second = edits.split(store, one.event, [two.entry_id], NOON).event.id
    assert len({one.event, first, second}) == 3
    assert entries_of(store, first) == [three.entry_id]


def test_an_event_whose_last_entry_was_moved_leads_to_where_it_went(store: Store, beat: Beat):
    one, _, three, _ = four(store, beat)
    assert edits.move(store, three.entry_id, one.event, NOON).gone == (three.event,)
    assert leads_to(store, three.event) == one.event


def test_a_copy_that_comes_later_follows_what_was_moved(store: Store, beat: Beat):
    one, two, three, _ = four(store, beat)
    edits.move(store, two.entry_id, three.event, NOON)
    found = another(f"{LATE}, sources say", feed="https://late.test/feed", days=0.6)
    for grouping in (beat, Beat(lines=1)):
        (report,) = take(store, grouping, found)
        assert report.event == three.event
        assert report.reason.endswith(f"follows “{LATE}”, which was put here by hand")
        found = another(f"{LATE}, a source says", feed="https://later.test/feed", days=0.7)
    assert entries_of(store, one.event) == [one.entry_id]


def test_what_follows_one_of_two_that_were_told_apart_does_not_join_the_other(store: Store, beat: Beat):
    """The rival is nearer in time and has more of its words: without a word of somebody's it would join there."""
    said = "Avocado slips, people at the company say: tests of coding and reasoning fell short of Gemini"
    old = another(DELAY, feed="https://old.test/feed")
    rival = replace(another("Coding tests trouble Avocado", feed="https://rival.test/feed", days=6), summary=said)
    late = replace(another(f"{DELAY} again", feed="https://late.test/feed", days=6.1), summary=f"{said} again")
    (first,), (second,) = take(store, beat, old), take(store, beat, rival)
    edits.merge(store, first.event, second.event, NOON)
    own = edits.split(store, first.event, [second.entry_id], NOON).event.id
    (third,) = take(store, beat, late)
    assert own not in {first.event, third.event}
    assert third.entry_id not in entries_of(store, own)


def test_nothing_that_was_told_is_told_again_after_a_merge(store: Store, beat: Beat):
    with store.write() as connection:
        channels.register(connection, ["desk"], NOON - timedelta(days=1))
    one, two, three, other = four(store, beat)
    tell(store, one)
    tell(store, three, sequence=2, revision=3)
    edits.merge(store, one.event, three.event, NOON)
    assert untold(store) == {two.entry_id: one.event, other.entry_id: other.event}
    assert last_revision(store, one.event) == 3


def test_an_event_split_off_with_told_entries_alone_is_no_news_and_later_an_update(store: Store, beat: Beat):
    with store.write() as connection:
        channels.register(connection, ["desk"], NOON - timedelta(days=1))
    one, two, three, other = four(store, beat)
    tell(store, one, two)
    own = edits.split(store, one.event, [two.entry_id], NOON).event.id
    assert untold(store) == {report.entry_id: report.event for report in (three, other)}
    assert last_revision(store, own) == 1


def test_an_edit_that_cannot_be_done_says_why_and_does_nothing(store: Store, beat: Beat):
    one, two, three, _ = four(store, beat)
    for edit, message in (
        (lambda: edits.merge(store, one.event, "e0", NOON), "there is no event 'e0'; `monitor events list` shows them"),
        (lambda: edits.merge(store, one.event, one.event, NOON), "are one event already"),
        (
            lambda: edits.split(store, one.event, [three.entry_id], NOON),
            f"entry {three.entry_id} is not in {one.event}",
        ),
        (lambda: edits.split(store, one.event, [one.entry_id, two.entry_id], NOON), "would be empty"),
        (lambda: edits.move(store, 999, one.event, NOON), "entry 999 is no report"),
        (lambda: edits.move(store, one.entry_id, one.event, NOON), "already"),
    ):
        with pytest.raises(StoryError, match=message):
            edit()
    assert entries_of(store, one.event) == [one.entry_id, two.entry_id]
