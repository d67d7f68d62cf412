"""The digest as an Adaptive Card for a Teams workflow ("When a webhook request is received, post to a channel").

All texts are ``TextRun``s, which know no Markdown (https://adaptivecards.io/explorer/TextRun.html), and no ``msteams``
entities are sent: so nothing that a stranger wrote can mention anybody or become a link.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from monitor.digests.render.words import (
    LONGEST_URL,
    STATES,
    asides,
    chart,
    clean,
    count,
    due,
    entries_told,
    foot,
    in_full,
    label,
    moment,
    numbered,
    page_of,
    sources,
    span,
    tally,
    web_url,
)
from monitor.domain import Digest, DigestEntry, DigestEvent, DigestExpectation, DigestStoryline

#: Teams takes 28 kB, and has been seen to refuse 21 kB.
MAX_BYTES = 20_000
#: Entries told of an event; the others are counted.
SHOWN_ENTRIES = 8
SHOWN_EXPECTATIONS = 12

Element = dict[str, Any]


def render(digest: Digest, zone: ZoneInfo) -> bytes:
    """Return the body of the POST. Times are shown in ``zone``, which is named."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(_body(digest, zone)),
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    message = {"type": "message", "attachments": [attachment]}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def fits(body: bytes) -> bool:
    return len(body) <= MAX_BYTES


def _body(digest: Digest, zone: ZoneInfo) -> Iterator[Element]:
    title = f"{clean(digest.title, 200)}{numbered(digest)}"
    yield _line(_link(title, page_of(digest.links), size="Large", weight="Bolder"))
    yield _line(_run(span(digest.window.start, digest.window.end, zone), isSubtle=True, size="Small"), near=True)
    yield _line(_run(tally(digest)), near=True)
    for line in digest.storylines:
        yield _heading(line)
        for event in in_full(line.events):
            yield _event(event, zone)
        for aside in asides(line.events):
            yield _line(_run(clean(aside, 600), isSubtle=True))
    if digest.expectations:
        shown = digest.expectations[:SHOWN_EXPECTATIONS]
        left = len(digest.expectations) - len(shown)
        yield _line(_run("Expected", size="Medium", weight="Bolder"), separator=True)
        for expectation in shown:
            yield _expectation(expectation)
        if left:
            yield _line(_run(f"… and {left} more", isSubtle=True), near=True)
    for place, text in enumerate(foot(digest, zone)):
        yield _line(_run(clean(text, 300), isSubtle=True, size="Small"), near=place > 0, separator=place == 0)


def _heading(line: DigestStoryline) -> Element:
    state = _run(f"  {line.state}  {chart(line.activity)}".rstrip(), isSubtle=True, size="Small")
    title = _link(clean(line.title, 200), page_of(line.links), size="Medium", weight="Bolder")
    return _line(title, state, separator=True)


def _event(event: DigestEvent, zone: ZoneInfo) -> Element:
    shown, repeats = entries_told(event)
    lead = event.entries[0]
    items = [
        _line(
            _run(f"{label(event)} · ", isSubtle=True, size="Small"),
            _link(f"{sources(event)} so far", page_of(event.links), isSubtle=True, size="Small"),
        ),
        _line(_link(clean(event.title, 300), lead.url, weight="Bolder"), near=True),
        *([_line(_run(clean(event.summary, 500)), near=True)] if event.summary else []),
        _line(_run("Why: ", weight="Bolder", size="Small"), _run(clean(event.reason, 300), size="Small"), near=True),
        *(_line(*_entry(entry, event, zone), near=True) for entry in shown[:SHOWN_ENTRIES]),
    ]
    more = [
        *([f"… and {count(len(shown) - SHOWN_ENTRIES, 'more entry', 'more entries')}"] * (len(shown) > SHOWN_ENTRIES)),
        *([f"and {count(len(repeats), 'repeat')}"] if repeats else []),
    ]
    items += [_line(_run(text, isSubtle=True, size="Small"), near=True) for text in more]
    return {"type": "Container", "spacing": "Medium", "items": items}


def _entry(entry: DigestEntry, event: DigestEvent, zone: ZoneInfo) -> list[Element]:
    when = moment(entry.published, zone) if entry.published else "no date"
    source = clean(entry.source, 80)
    if entry.title == event.title:
        return [_run(f"{when} · ", isSubtle=True, size="Small"), _link(source, entry.url, size="Small")]
    said = _link(clean(entry.title, 200), entry.url, size="Small")
    return [_run(f"{when} · {source}: ", isSubtle=True, size="Small"), said]


def _expectation(expectation: DigestExpectation) -> Element:
    runs = [
        _run(f"{STATES[expectation.state]}: ", weight="Bolder"),
        _run(f"{clean(expectation.claim, 300)} ({clean(due(expectation), 100)})"),
    ]
    if expectation.evidence:
        runs += [_run(": "), _link(clean(expectation.evidence, 200), expectation.url)]
    return _line(*runs, near=True)


def _line(*runs: Element, near: bool = False, separator: bool = False) -> Element:
    line: Element = {"type": "RichTextBlock", "inlines": list(runs)}
    return line | ({"spacing": "Small"} if near else {}) | ({"separator": True} if separator else {})


def _run(text: str, **style: object) -> Element:
    return {"type": "TextRun", "text": text or " ", **style}


def _link(text: str, url: str | None, **style: object) -> Element:
    address = web_url(url)
    run = _run(text or "untitled", **style)
    if not address or len(address) > LONGEST_URL:
        return run
    return run | {"color": "Accent", "selectAction": {"type": "Action.OpenUrl", "url": address}}
