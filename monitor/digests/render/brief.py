"""The digest in a few plain lines an event: for the many services that Apprise reaches, phones among them.

The first line is the title of the notification. Apprise turns ``@name`` into a mention for some services, others read
Markdown or Slack's ``<...>``: in a stranger's words those marks are changed so that nothing takes them for its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from monitor.digests.render.words import (
    LONGEST_URL,
    STATES,
    asides,
    clean,
    count,
    due,
    entries_told,
    foot,
    in_full,
    label,
    numbered,
    page_of,
    span,
    tally,
    web_url,
)
from monitor.domain import Digest, DigestEvent, DigestExpectation

#: No message is longer, also where a service takes more: Telegram takes 4,096 characters.
MAX_CHARACTERS = 4_000
SHOWN_SOURCES = 5


def render(digest: Digest, zone: ZoneInfo) -> bytes:
    """Return title and text in lines, as UTF-8. Times are shown in ``zone``, which is named."""
    return "\n".join(_lines(digest, zone)).encode()


def fits(body: bytes, most: int | None) -> bool:
    """``most``: what the service takes, in characters; None: unknown."""
    return len(body.decode()) <= min(most or MAX_CHARACTERS, MAX_CHARACTERS)


def _lines(digest: Digest, zone: ZoneInfo) -> Iterator[str]:
    yield f"{_plain(digest.title, 100)}{numbered(digest)}"
    yield span(digest.window.start, digest.window.end, zone)
    yield tally(digest)
    for line in digest.storylines:
        yield from ("", _plain(line.title, 100).upper())
        for event in in_full(line.events):
            yield from _event(event)
        yield from (_plain(aside, 600) for aside in asides(line.events))
    if digest.expectations:
        yield from ("", "EXPECTED")
        yield from map(_expectation, digest.expectations)
    yield ""
    yield from (_plain(text, 300) for text in foot(digest, zone))
    if url := page_of(digest.links):
        yield url


def _event(event: DigestEvent) -> Iterator[str]:
    shown, repeats = entries_told(event)
    sources = list(dict.fromkeys(_plain(entry.source, 60) for entry in shown))
    more = len(shown) + len(repeats) - min(len(sources), SHOWN_SOURCES)
    yield f"- [{label(event)}] {_plain(event.title, 300)}"
    yield f"  {_plain(event.reason, 200)}; {', '.join(sources[:SHOWN_SOURCES])}" + (
        f" and {count(more, 'more entry', 'more entries')}" if more > 0 else ""
    )
    url = web_url(event.entries[0].url)
    if url and len(url) <= LONGEST_URL:
        yield f"  {url}"


def _expectation(expectation: DigestExpectation) -> str:
    return f"- {STATES[expectation.state]}: {_plain(expectation.claim, 200)} ({_plain(due(expectation), 100)})"


def _plain(text: str, most: int) -> str:
    return clean(text, most).translate(MARKS).replace("](", "] (")


#: A zero-width space keeps an @ from being the beginning of a name.
MARKS = str.maketrans({"@": "@\u200b", "<": "‹", ">": "›"})
