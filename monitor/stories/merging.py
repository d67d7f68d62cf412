"""Which events turn out to be one: told in two languages, or from two sides, they begin apart and grow alike.

A single entry is thin ground for that, so nothing joins by it alone: an entry that is like two events only raises the
question, and all their reports answer it: those of either must be like the other, on the mean. The later event goes
into the earlier, while it is young; whoever has told it already keeps them apart, for an id stays where it was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.stories.board import Board, Card, Kept
from monitor.stories.likeness import Beat, mean_likeness, ready_again

#: An event that began longer ago is what it is. On labelled items of an AI beat, 24 to 72 hours made no difference.
YOUNG = timedelta(hours=48)
#: Reports of each event that are compared, the latest.
COMPARED = 24


def twin_of(kept: Kept, akin: Sequence[str], board: Board, beat: Beat, now: datetime) -> tuple[str, str] | None:
    """Of the event of this report and those that the report is like as well: two that are one, the earlier first.

    Where somebody has put a report by hand nothing is merged: who split an event does not find it as one again.
    """
    ours = board.cards[kept.event]
    others = [board.cards[event] for event in akin if event in board.cards and event != ours.id]
    best, highest = None, beat.weights.merge
    for card in others:
        earlier, later = sorted((ours, card), key=lambda card: card.reports[0].entry_id)
        if board.is_steered(earlier) or board.is_steered(later) or now - later.reports[0].at > YOUNG:
            continue
        mutual = min(_likeness(earlier, later, board, beat), _likeness(later, earlier, board, beat))
        if mutual >= highest:
            best, highest = (earlier.id, later.id), mutual
    return best


def _likeness(one: Card, other: Card, board: Board, beat: Beat) -> float:
    """Of the reports of an event to another event, on the mean."""
    return mean_likeness([ready_again(kept, board, beat) for kept in one.reports[-COMPARED:]], other, board, beat)
