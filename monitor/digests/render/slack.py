"""The digest as a message to a Slack incoming webhook, in Block Kit (https://docs.slack.dev/reference/block-kit/).

Every word of a stranger is escaped as Slack asks (``&``, ``<``, ``>``), so that it makes no mention and no link, and
texts are ``verbatim``, so that Slack looks for neither in what is plain.
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
    fitted,
    folded,
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

#: Slack takes 50 blocks, and 3,000 characters in the text of one.
MAX_BLOCKS = 50
MAX_TEXT = 3000
#: It refuses a message of some 13,000 characters in all (``msg_blocks_too_long``; nowhere documented): stay well below.
MAX_CHARACTERS = 10_000
MAX_HEADER = 150


def render(digest: Digest, zone: ZoneInfo) -> bytes:
    """Return the body of the POST. Times are shown in ``zone``, which is named."""
    title = f"{clean(digest.title, MAX_HEADER - 30)}{numbered(digest)}"
    message = {
        "text": f"{fitted(title, 300, _escape)}: {tally(digest)}",  # for notifications
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title[:MAX_HEADER] or "Digest", "emoji": False}},
            _context(f"{span(digest.window.start, digest.window.end, zone)}\n{tally(digest)}{_page(digest)}"),
            *_blocks(digest, zone),
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def fits(body: bytes) -> bool:
    blocks = json.loads(body)["blocks"]
    return len(blocks) <= MAX_BLOCKS and len(json.dumps(blocks, ensure_ascii=False)) <= MAX_CHARACTERS


def _blocks(digest: Digest, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    for line in digest.storylines:
        yield {"type": "divider"}
        yield _section(_heading(line))
        for event in in_full(line.events):
            yield _section(_event(event, zone))
        for aside in asides(line.events):
            yield _section(_text(aside, 600))
    if digest.expectations:
        yield {"type": "divider"}
        lines = [_expectation(expectation) for expectation in digest.expectations]
        yield _section("\n".join(["*Expected*", *folded(lines, MAX_TEXT - 20, one="more", many="more")]))
    lines = [_text(line, 300) for line in foot(digest, zone)]
    yield _context("\n".join(folded(lines, MAX_TEXT, one="more", many="more")))


def _heading(line: DigestStoryline) -> str:
    bars = chart(line.activity)
    return f"*{_link(line.title, page_of(line.links), 200)}* ({line.state}){f'  `{bars}`' if bars else ''}"


def _event(event: DigestEvent, zone: ZoneInfo) -> str:
    shown, repeats = entries_told(event)
    head = [
        f"*{_link(event.title, event.entries[0].url, 400)}*",
        f"{label(event)} · {_link(f'{sources(event)} so far', page_of(event.links), 100)}",
        *([_text(event.summary, 600)] if event.summary else []),
        f"_Why:_ {_text(event.reason, 300)}",
    ]
    lines = [_entry(entry, event, zone) for entry in shown]
    left = MAX_TEXT - len("\n".join(head)) - 40
    tail = [f"• and {count(len(repeats), 'repeat')}"] if repeats else []
    return "\n".join([*head, *folded(lines, left), *tail])


def _entry(entry: DigestEntry, event: DigestEvent, zone: ZoneInfo) -> str:
    when = moment(entry.published, zone) if entry.published else "no date"
    if entry.title == event.title:
        return f"• {when} · {_link(entry.source, entry.url, 80)}"
    return f"• {when} · {_text(entry.source, 80)}: {_link(entry.title, entry.url, 200)}"


def _expectation(expectation: DigestExpectation) -> str:
    told = f"• {STATES[expectation.state]}: {_text(expectation.claim, 300)} ({_text(due(expectation), 100)})"
    if not expectation.evidence:
        return told
    return f"{told}: {_link(expectation.evidence, expectation.url, 200)}"


def _page(digest: Digest) -> str:
    return f"  {_link('This digest on the page', url, 100)}" if (url := page_of(digest.links)) else ""


def _link(text: str, url: str | None, most: int) -> str:
    shown = _text(text, most) or "untitled"
    address = _escape(web_url(url) or "")
    return f"<{address}|{shown}>" if 0 < len(address) <= LONGEST_URL else shown


def _text(text: str, most: int) -> str:
    return fitted(text, most, _escape)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}
