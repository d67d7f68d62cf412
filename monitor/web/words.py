"""What pages say alike: times, numbers, the names of states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.digests.render.words import LABELS, STATES, day, due
from monitor.domain import DeliveryState, Novelty, Outcome, Story

__all__ = [
    "DELIVERIES",
    "LABELS",
    "NOVELTIES",
    "OUTCOMES",
    "STATES",
    "ago",
    "day",
    "due",
    "exact",
    "iso",
    "places",
    "stands_at",
]

#: What a delivery's state means to whoever looks.
DELIVERIES = {
    DeliveryState.PENDING: "Owed",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.FAILED: "Given up",
}
OUTCOMES = {
    Outcome.DELIVERED: "Delivered",
    Outcome.RETRY: "Failed, to be tried again",
    Outcome.THROTTLED: "Asked to wait",
    Outcome.REJECTED: "Rejected",
    Outcome.GONE: "Gone for good",
}
#: What a report adds, in a sentence.
NOVELTIES = {
    Novelty.FIRST: "opens an event",
    Novelty.NEW_FACT: "adds something new",
    Novelty.CORROBORATES: "another origin for what was known",
    Novelty.REHASH: "nothing new, from an origin already heard",
    Novelty.DUPLICATE: "the same text again",
}
_STEPS = (
    (86400 * 365, "year"),
    (86400 * 30, "month"),
    (86400 * 7, "week"),
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
)


def ago(value: datetime, now: datetime) -> str:
    """``3 minutes ago``, ``in 2 hours``, ``just now``; the script on the page says it alike."""
    seconds = (now - value).total_seconds()
    for size, unit in _STEPS:
        number = int(abs(seconds) / size)
        if number:
            said = f"{number} {unit}{'' if number == 1 else 's'}"
            return f"{said} ago" if seconds > 0 else f"in {said}"
    return "just now" if seconds >= 0 else "in a moment"


def exact(value: datetime) -> str:
    """``Thursday 12 March 2026, 09:30 UTC``"""
    return f"{value.astimezone(UTC):%A} {value.day} {value.astimezone(UTC):%B %Y, %H:%M} UTC"


def iso(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def places(stories: Sequence[Story]) -> list[tuple[str, str]]:
    """The pages that every page links to: address and name. One story has its own name there, several a list."""
    first = f"/stories/{stories[0].story}" if len(stories) == 1 else "/"
    return [
        (first, "Story" if len(stories) == 1 else "Stories"),
        *((f"/{name.lower()}", name) for name in ("Digests", "Deliveries", "Feeds", "Topics")),
    ]


def stands_at(place: str, path: str) -> bool:
    """Whether a page lies at or below that place."""
    return path == place or (place != "/" and path.startswith(f"{place}/"))
