"""What pages say alike: times, numbers, the names of states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from monitor.digests.render.words import LABELS, STATES, course, day, doubt, due, promised, standing, step_said
from monitor.domain import DeliveryState, Feed, Novelty, Outcome, Story
from monitor.feeds.discovery import Source

__all__ = ["LABELS", "STATES", "course", "day", "doubt", "due", "promised", "standing", "step_said"]

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
FOUND = {
    Source.ITSELF: "the address itself",
    Source.DECLARED: "the page says so",
    Source.LINKED: "the page links to it",
    Source.KNOWN_SITE: "known of this site",
    Source.GUESSED: "at a usual place",
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
    """Whether a page lies at or below that place. Topics have a place of their own, and their address below a story."""
    if path.split("/")[3:4] == ["topics"]:
        return place == "/topics"
    return path == place or (place != "/" and path.startswith(f"{place}/"))


def slot(key: str) -> str:
    """What a digest was composed for: ``12 Mar 2026, 08:00`` by its schedule, ``asked for``, ``alert``."""
    if key.startswith("requested-"):
        return "asked for"
    if key.startswith("alert-"):
        return "alert"
    try:
        at = datetime.fromisoformat(key)
    except ValueError:
        return key
    return f"{day(at.date())}, {at:%H:%M}"


def weekday(value: date) -> str:
    """``Thursday 12 March 2026``"""
    return f"{value:%A} {value.day} {value:%B %Y}"


def span(value: timedelta) -> str:
    """``15 minutes``, ``2 hours``: the largest unit that it fills."""
    seconds = value.total_seconds()
    for size, unit in (*_STEPS[2:], (1, "second")):
        if seconds >= size:
            number = round(seconds / size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "less than a second"


def short(text: str, most: int = 600) -> str:
    """The beginning of a long text, cut between two words where there are some."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0] + " …"


def hidden(url: str) -> str:
    """What may be shown of an address that may hold a password."""
    return Feed(url=url).label


def asked(query: Mapping[str, str], name: str) -> str:
    """A word of the address's query; empty where it has none of that name."""
    return query.get(name, "")
