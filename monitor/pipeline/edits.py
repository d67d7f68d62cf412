"""What events hold, changed afterwards. By hand: merge events, split one, move an entry; one edit, one transaction.

What was put somewhere is remembered as a tie, so that a copy of it that comes later follows it. The ledger goes along:
what a channel has been told stays told, under the event where the entry now is, and in no lower a revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.domain import Event, Report
from monitor.errors import StoryError
from monitor.storage import edits, stories
from monitor.storage.store import Store
from monitor.stories.board import keep
from monitor.stories.events import new_event_id
from monitor.stories.novelty import judge_novelty

#: Ends the reason of a report that somebody put where it is, and of one whose event was found to be another.
BY_HAND = "put here by hand"
UNITED = "its event was found to be this one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What an edit did."""

    #: The event that took the entries in.
    event: Event
    moved: tuple[Report, ...]
    #: Events that have no report left; their ids lead to ``event``.
    gone: tuple[str, ...] = ()


def merge(store: Store, keep_id: str, other_id: str, now: datetime) -> Edit:
    """Let the second event be part of the first. StoryError: one is unknown, or they are one, or of two stories."""
    with store.write() as connection:
        kept, other = _hold(connection, keep_id), _hold(connection, other_id)
        if kept.id == other.id:
            raise StoryError(f"{keep_id} and {other_id} are one event already")
        if kept.story != other.story:
            raise StoryError(f"{kept.id} is of the story {kept.story} and {other.id} of {other.story}")
        return _put(connection, other.reports, kept, now)


def split(store: Store, event_id: str, entry_ids: Sequence[int], now: datetime) -> Edit:
    """Let these entries of an event be one of their own. StoryError: an entry is not in it, or all are."""
    with store.write() as connection:
        event = _hold(connection, event_id)
        moved = tuple(report for report in event.reports if report.entry_id in entry_ids)
        strange = set(entry_ids) - {report.entry_id for report in moved}
        if strange:
            raise StoryError(
                f"{_numbers(strange)} not in {event.id}; `monitor events show {event.id}` lists its entries"
            )
        if len(moved) == len(event.reports):
            raise StoryError(f"{event.id} would be empty: name some of its entries, not all")
        own = new_event_id(event.story, moved[0].entry, apart_from=event.id)
        while stories.events(connection, {own}):  # split off before, and still there
            own = new_event_id(event.story, moved[0].entry, apart_from=own)
        return _put(connection, moved, Event(id=own, story=event.story, reports=()), now)


def move(store: Store, entry_id: int, event_id: str, now: datetime) -> Edit:
    """Let an entry report another event. StoryError: it reports none of that story, or that one already."""
    with store.write() as connection:
        target = _hold(connection, event_id)
        report = stories.report_of(connection, target.story, entry_id)
        if report is None:
            raise StoryError(f"entry {entry_id} is no report of an event of {target.story}")
        if report.event == target.id:
            raise StoryError(f"entry {entry_id} is in {target.id} already")
        return _put(connection, (report,), target, now)


def _hold(connection: Connection, event_id: str) -> Event:
    """The event that an id leads to; nobody else groups its story until the transaction ends."""
    found = stories.events(connection, {edits.resolve(connection, event_id)})
    if not found:
        raise StoryError(f"there is no event {event_id!r}; `monitor events list` shows them")
    stories.hold(connection, [found[0].story])
    # What another transaction did to it meanwhile counts.
    return stories.events(connection, {edits.resolve(connection, event_id)})[0]


def unite(connection: Connection, keep_id: str, other_id: str) -> tuple[Report, ...]:
    """Let the second event be part of the first, of one story, as grouping finds; the reports that moved, in order.

    The caller holds the story. Nothing is remembered as a word of somebody's.
    """
    found = {event.id: event for event in stories.events(connection, [keep_id, other_id])}
    moved = found[other_id].reports
    whole, _, _ = _shift(connection, moved, found[keep_id], UNITED)
    return _among(whole, moved)


def _put(connection: Connection, moved: Sequence[Report], target: Event, now: datetime) -> Edit:
    """Let reports be in the target, which may be new, and remember it."""
    whole, left, gone = _shift(connection, moved, target, BY_HAND)
    ties = [(report.entry_id, other.entry_id, True) for report in moved for other in target.reports[:1]]
    ties += [(report.entry_id, event.reports[0].entry_id, False) for report in moved for event in left]
    ties += [(report.entry_id, moved[0].entry_id, True) for report in moved[1:]]
    edits.tie(connection, target.story, ties, now)
    return Edit(event=whole, moved=_among(whole, moved), gone=tuple(sorted(gone)))


def _shift(
    connection: Connection, moved: Sequence[Report], target: Event, because: str
) -> tuple[Event, list[Event], set[str]]:
    """Move reports, and judge anew what each report of the events touched adds.

    The target with all its reports; the events they came from that have some left; the ids of those that have none.
    """
    sources = {report.event for report in moved}
    edits.begin(connection, target.id, target.story, moved[0])
    edits.move_reports(connection, target.story, [report.entry_id for report in moved], target.id)
    left = stories.events(connection, sources)
    gone = sources - {event.id for event in left}
    for event_id in gone:
        edits.merge_away(connection, event_id, target.id)
    (whole,) = stories.events(connection, {target.id})
    put = {report.entry_id for report in moved}
    for event in (whole, *left):
        edits.span(connection, event)
        for report in _judged(event, put, because):
            edits.rejudge(connection, report)
    (whole,) = stories.events(connection, {target.id})
    return whole, left, gone


def _among(event: Event, reports: Sequence[Report]) -> tuple[Report, ...]:
    """These reports as the event has them, in their order."""
    now = {report.entry_id: report for report in event.reports}
    return tuple(now[report.entry_id] for report in reports)


def _judged(event: Event, put: set[int], put_because: str) -> list[Report]:
    """The reports whose novelty or reason is another now."""
    changed = []
    known = [keep(report) for report in event.reports]
    for place, report in enumerate(event.reports):
        novelty, what = judge_novelty(report.entry, known[:place])
        because = put_because if report.entry_id in put else report.reason.partition("; ")[2]
        judged = replace(report, novelty=novelty, reason=f"{what}; {because}" if because else what)
        if judged != report:
            changed.append(judged)
    return changed


def _numbers(entry_ids: set[int]) -> str:
    named = ", ".join(map(str, sorted(entry_ids)))
    return f"entry {named} is" if len(entry_ids) == 1 else f"entries {named} are"
