"""The digest as a message to a Discord webhook: one embed an event (https://docs.discord.com/developers).

Nobody is ever mentioned: ``allowed_mentions`` allows none, and each mark of Discord's Markdown in a stranger's words is
escaped.
"""

from __future__ import annotations

import json
import re
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
from monitor.domain import Digest, DigestEntry, DigestEvent, DigestExpectation, DigestStoryline, Novelty

#: What Discord takes: so many embeds in a message, so many characters in all their texts, and in each of them.
MAX_EMBEDS = 10
MAX_CHARACTERS = 6000
MAX_CONTENT = 2000
MAX_TITLE = 256
#: Discord takes 4,096, but then two events would fill a message.
MAX_DESCRIPTION = 1500
#: Of the line at the left of an embed.
COLOURS = {Novelty.FIRST: 0x15803D, Novelty.NEW_FACT: 0x1D4ED8}
CALM = 0x78716C

_MARKS = re.compile(r"([\\*_~`|>#\-\[\]()<:@+.])")


def render(digest: Digest, zone: ZoneInfo) -> bytes:
    """Return the body of the POST. Times are shown in ``zone``, which is named."""
    message = {
        "content": _content(digest, zone),
        "embeds": list(_embeds(digest, zone)),
        "allowed_mentions": {"parse": []},
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def fits(body: bytes) -> bool:
    embeds = json.loads(body)["embeds"]
    return len(embeds) <= MAX_EMBEDS and sum(map(_size, embeds)) <= MAX_CHARACTERS


def _size(embed: dict[str, Any]) -> int:
    """Characters of an embed as Discord counts them: those of all its texts."""
    texts = (embed.get("title"), embed.get("description"), embed["author"]["name"], embed["footer"]["text"])
    return sum(len(text) for text in texts if text)


def _content(digest: Digest, zone: ZoneInfo) -> str:
    lines = [
        f"**{_link(digest.title, page_of(digest.links), 300)}**{numbered(digest)}",
        f"{span(digest.window.start, digest.window.end, zone)}",
        tally(digest),
        *(_text(line, 300) for line in foot(digest, zone)),
    ]
    return "\n".join(folded(lines, MAX_CONTENT, one="more", many="more"))


def _embeds(digest: Digest, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    for line in digest.storylines:
        for event in in_full(line.events):
            yield _event(event, line, zone)
        for aside in asides(line.events):
            yield {
                "author": _author(line),
                "description": _text(aside, 700),
                "color": CALM,
                "footer": {"text": "no news"},
            }
    if digest.expectations:
        lines = [_expectation(expectation) for expectation in digest.expectations]
        yield {
            "author": {"name": "Expected"},
            "description": "\n".join(folded(lines, MAX_DESCRIPTION, one="more", many="more")),
            "color": CALM,
            "footer": {"text": "what the story promised"},
        }


def _event(event: DigestEvent, line: DigestStoryline, zone: ZoneInfo) -> dict[str, Any]:
    shown, repeats = entries_told(event)
    head = [
        *([_text(event.summary, 700)] if event.summary else []),
        f"**Why:** {_text(event.reason, 200)}{_all_of(event)}",
    ]
    tail = [f"- and {count(len(repeats), 'repeat')}"] if repeats else []
    left = MAX_DESCRIPTION - len("\n".join([*head, *tail])) - 2
    lines = folded([_entry(entry, event, zone) for entry in shown], left)
    embed: dict[str, Any] = {
        "author": _author(line),
        "title": _text(event.title, MAX_TITLE) or "untitled",
        "description": "\n".join([*head, *lines, *tail]),
        "color": COLOURS.get(event.novelty, CALM),
        "footer": {"text": f"{label(event)} · {sources(event)} so far  {chart(line.activity)}".strip()},
    }
    url = web_url(event.entries[0].url)
    return embed | {"url": url} if url and len(url) <= LONGEST_URL else embed


def _author(line: DigestStoryline) -> dict[str, str]:
    author = {"name": f"{clean(line.title, 200)} ({line.state})"}
    return author | {"url": url} if (url := page_of(line.links)) else author


def _all_of(event: DigestEvent) -> str:
    return f" · {_link('All that is known', url, 100)}" if (url := page_of(event.links)) else ""


def _entry(entry: DigestEntry, event: DigestEvent, zone: ZoneInfo) -> str:
    when = moment(entry.published, zone) if entry.published else "no date"
    if entry.title == event.title:
        return f"- {when} · {_link(entry.source, entry.url, 80)}"
    return f"- {when} · {_text(entry.source, 80)}: {_link(entry.title, entry.url, 200)}"


def _expectation(expectation: DigestExpectation) -> str:
    told = f"- {STATES[expectation.state]}: {_text(expectation.claim, 300)} ({_text(due(expectation), 100)})"
    if not expectation.evidence:
        return told
    return f"{told}: {_link(expectation.evidence, expectation.url, 200)}"


def _link(text: str, url: str | None, most: int) -> str:
    shown = _text(text, most) or "untitled"
    address = (web_url(url) or "").replace("(", "%28").replace(")", "%29")
    return f"[{shown}](<{address}>)" if 0 < len(address) <= LONGEST_URL else shown


def _text(text: str, most: int) -> str:
    return fitted(text, most, _escape)


def _escape(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)
