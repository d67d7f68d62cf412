"""What is news to a channel, and what only repeats what it was told.

An event is news to a channel that never heard of it, and whenever an entry adds a fact to it. Entries that add none
(corroborates, rehash, duplicate) are told too, each once, but they wait for company: they go with the next digest that
has news. A digest of nothing but repeats is not worth a reader's minute.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from monitor.digests.rules import Hold, Ruling
from monitor.domain import Event, Novelty, Why

#: Slots that repeats let pass while no digest goes; the next one tells them alone. Else the last report of a story that
#: falls silent would never be told.
PATIENCE = 2

_NEWS = frozenset({Novelty.FIRST, Novelty.NEW_FACT})


def is_news(event: Event, new: Collection[int], heard: Collection[str]) -> bool:
    """Whether the event tells a channel something.

    new     ids of the entries that the channel has not been told of
    heard   ids of the events that it was told of
    """
    return event.id not in heard or any(report.novelty in _NEWS for report in event.reports if report.entry_id in new)


def await_news(ruling: Ruling, events: Sequence[Event], heard: Mapping[str, int], *, slots: int) -> Ruling:
    """Hold back what would be told if none of it is news, unless it has waited long enough.

    events  those with something new, each with all its reports
    heard   event id -> last revision told to the channel
    slots   of the digest, that came since the oldest of the entries was seen
    """
    told = [event for event in events if any(report.entry_id in ruling.told for report in event.reports)]
    if slots >= PATIENCE or any(is_news(event, ruling.told, heard) for event in told):
        return ruling
    held = [
        Hold(
            event=event,
            entries=frozenset(report.entry_id for report in event.reports if report.entry_id in ruling.told),
            why=Why.NO_NEWS,
        )
        for event in told
    ]
    return replace(ruling, told=frozenset(), held=(*ruling.held, *held), muted=frozenset())
