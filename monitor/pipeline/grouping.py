"""Group what was found: each entry joins its event on the board, which is kept up with the database.

Each report of a story has a number, given when it is stored or moved and growing without end. A memory knows the last
number that it has seen in the database; what came after is either what this process put on the board itself, or
another's. Where the two disagree, say after a transaction that was not kept, the board is drawn anew.

Two events that turn out to be one are merged while nobody has been told of the later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.domain import Match, Report
from monitor.pipeline.edits import unite
from monitor.storage import edits, stories
from monitor.storage.entries import StoredEntry
from monitor.stories.board import Board, Kept, Memory, keep
from monitor.stories.events import WINDOW, place
from monitor.stories.likeness import Beat
from monitor.stories.merging import twin_of

#: How far back a board reaches when it is drawn: a feed shows some weeks of entries when it is first polled.
REACH = timedelta(days=45)
#: A board is drawn anew after so long, lest it grow without end.
LIFE = timedelta(days=7)


def is_cold(beat: Beat, now: datetime) -> bool:
    """True if there is no board yet, or an old one."""
    memory = beat.recall.memory
    return memory is None or now - memory.drawn_at > LIFE


def warm(connection: Connection, story: str, beat: Beat, now: datetime) -> None:
    """Draw the board, so that no transaction that writes has to."""
    beat.recall.memory = _remember(connection, story, beat, now)


def group(connection: Connection, story: str, found: Sequence[tuple[StoredEntry, Match]], beat: Beat) -> list[Report]:
    """Let each entry that belongs to the story join its event, and store its report; in the order given.

    Other events may become one by it; the reports say where each entry is in the end.

    The caller holds the story (``stories.hold``) and has stored no report of it in this transaction.
    """
    if not found:
        return []
    memory = _remembered(connection, story, beat, max(stored.first_seen for stored, _ in found))
    times = [stored.entry.reported_at(stored.first_seen) for stored, _ in found]
    early = [at for at in times if at - WINDOW < memory.board.since]
    # What is older than the board is placed on one that is drawn for the occasion.
    past = draw(connection, story, beat, min(early) - WINDOW, max(early) + WINDOW) if early else memory.board
    made: dict[int, Report] = {}
    for (stored, match), at in zip(found, times, strict=True):
        board = past if at - WINDOW < memory.board.since else memory.board
        placed = place(
            stored.id,
            stored.entry,
            match,
            board,
            beat=beat,
            first_seen=stored.first_seen,
            primed=stored.primed,
        )
        report = placed.report
        vector = beat.meaning.vector(stored.entry) if beat.meaning else b""
        stories.save_report(connection, report, vector)
        kept = keep(report, vector)
        board.add(kept)
        memory.unseen.append((report.entry_id, report.event))
        made[report.entry_id] = report
        if board is memory.board:
            for moved in _merge(connection, kept, placed.akin, memory, beat, stored.first_seen):
                if moved.entry_id in made:
                    made[moved.entry_id] = moved
        elif report.event in memory.board.cards:
            memory.board.add(kept)
    return list(made.values())


def _merge(
    connection: Connection, kept: Kept, akin: Sequence[str], memory: Memory, beat: Beat, now: datetime
) -> list[Report]:
    """Make one of the events that this report shows to be one; the reports that are elsewhere now."""
    moved: list[Report] = []
    while twin := twin_of(kept, akin, memory.board, beat, now):
        earlier, later = twin
        if edits.is_told(connection, later):
            break
        numbered = unite(connection, earlier, later)
        memory.board.merge(later, earlier)
        gone = {report.entry_id for report in numbered}
        memory.unseen = [one for one in memory.unseen if one[0] not in gone]
        memory.unseen += [(report.entry_id, earlier) for report in numbered]
        kept = replace(kept, event=earlier) if kept.entry_id in gone else kept
        moved += numbered
    return moved


def draw(connection: Connection, story: str, beat: Beat, since: datetime, until: datetime | None = None) -> Board:
    """A board of the events with a report from ``since`` on, if given begun by ``until``, each with all its reports."""
    space = beat.meaning.space() if beat.meaning else None
    steered, apart = edits.steered(connection, story), edits.apart(connection, story)
    board = Board(space, steered, apart, since=since)
    for report, vector in stories.reports_since(connection, story, since, until):
        board.add(keep(report, _vector(report, vector, beat)))
    return board


def _remembered(connection: Connection, story: str, beat: Beat, now: datetime) -> Memory:
    """The memory, in agreement with the database."""
    memory = beat.recall.memory
    if memory is None or is_cold(beat, now) or not _caught_up(connection, story, beat, memory):
        memory = beat.recall.memory = _remember(connection, story, beat, now)
    return memory


def _remember(connection: Connection, story: str, beat: Beat, now: datetime) -> Memory:
    seen = stories.last_number(connection, story)
    return Memory(board=draw(connection, story, beat, now - REACH), drawn_at=now, seen=seen)


def _caught_up(connection: Connection, story: str, beat: Beat, memory: Memory) -> bool:
    """Bring the memory up to the database; False where it cannot be."""
    news = stories.numbers_after(connection, story, memory.seen)
    ours, others = news[: len(memory.unseen)], news[len(memory.unseen) :]
    if [(entry_id, event) for _, entry_id, event in ours] != memory.unseen:
        return False
    if any(entry_id in memory.board for _, entry_id, _ in others):
        return False
    memory.unseen.clear()
    memory.seen = ours[-1][0] if ours else memory.seen
    for report, vector in stories.reports_after(connection, story, memory.seen) if others else ():
        memory.board.add(keep(report, _vector(report, vector, beat)))
    memory.seen = others[-1][0] if others else memory.seen
    return True


def _vector(report: Report, stored: bytes, beat: Beat) -> bytes:
    """As stored; a report from a time without a sentence encoder is read now."""
    if beat.meaning is None:
        return b""
    return stored or beat.meaning.vector(report.entry)
