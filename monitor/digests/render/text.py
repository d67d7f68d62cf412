"""The digest as plain text: for a terminal and for the plain part of a mail. 80 columns, no colours, no markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitor.digests.render.words import (
    LABELS,
    asides,
    chart,
    clean,
    count,
    doubt,
    due,
    entries_told,
    health,
    in_full,
    link_name,
    moment,
    numbered,
    page_of,
    question,
    remarks,
    silence,
    sources,
    span,
    standing,
    tally,
    web_url,
)
from monitor.domain import Digest, DigestEvent, DigestExpectation

COLUMNS = 80
_WIDE = r"\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60"
#: What stays on one line: a wide character with the marks after it, or a word; with the spaces that follow.
_PIECE = re.compile(rf"(?:[{_WIDE}][、。，．：；！？」』）》”’]*|[^\s{_WIDE}]+)\s*")


def render(digest: Digest, zone: ZoneInfo) -> str:
    """Return the digest as text that ends with a line feed. Times are shown in ``zone``, which is named."""
    return "\n".join(line.rstrip() for line in _lines(digest, zone)) + "\n"


def _lines(digest: Digest, zone: ZoneInfo) -> Iterator[str]:
    yield from wrap(clean(digest.title))
    yield from wrap(span(digest.window.start, digest.window.end, zone))
    yield ""
    yield from wrap(tally(digest))
    for line in digest.storylines:
        heading = list(wrap(f"{clean(line.title)} ({line.state}) {chart(line.activity)}".rstrip()))
        yield from ("", "", *heading, "=" * max(map(width, heading)))
        for event in in_full(line.events):
            yield from _event(event, zone)
        for aside in asides(line.events):
            yield from ("", *wrap(aside))
    if digest.proposals:
        yield from ("", "", "New names?", "==========")
        for proposal in digest.proposals:
            yield from ("", *wrap(question(proposal)), *wrap(clean(proposal.reason), "  ", "  "))
    for quiet in digest.quiet:
        yield from ("", *wrap(f"{clean(quiet.title)}: {silence(quiet)}."))
    if digest.expectations:
        yield from ("", "", "Expected", "========")
        for expectation in digest.expectations:
            yield from expected_lines(expectation)
    yield from _footer(digest, zone)


def _footer(digest: Digest, zone: ZoneInfo) -> Iterator[str]:
    yield from ("", "", "-" * COLUMNS)
    edition = f"Digest {digest.sequence} for {clean(digest.channel)}{numbered(digest)}"
    yield from wrap(f"{edition}, sent because of: {clean(digest.reason)}.")
    yield from wrap(health(digest.coverage))
    for gap in digest.coverage.gaps:
        yield from wrap(f"- {clean(gap.feed)}: {clean(gap.reason)}", "  ", "    ")
    for remark in remarks(digest.coverage, zone):
        yield from wrap(remark)
    if digest.truncated:
        yield from wrap("Some of it was cut to fit.")
    for name, url in digest.links.items():
        if address := web_url(url):
            yield from (f"{link_name(name)}:", f"    {address}")


def _event(event: DigestEvent, zone: ZoneInfo) -> Iterator[str]:
    label = LABELS[event.novelty] + (f", update {event.revision}" if event.revision > 1 else "")
    shown, folded = entries_told(event)
    yield ""
    yield from wrap(f"[{label}] {clean(event.title)}")
    if event.summary:
        yield from wrap(clean(event.summary), "  ", "  ")
    why = f"Why: {clean(event.reason)}; matched {', '.join(map(clean, event.matched)) or 'the storyline'}"
    yield from wrap(f"{why}. {sources(event)} so far.", "  ", "       ")
    for entry in shown:
        when = moment(entry.published, zone) if entry.published else "no date"
        title = "" if entry.title == event.title else f": {clean(entry.title)}"
        yield from wrap(f"- {when}  {clean(entry.source)}{title}", "  ", "    ")
        if url := web_url(entry.url):
            yield f"    {url}"
    if folded:
        names = ", ".join(dict.fromkeys(clean(entry.source) for entry in folded))
        yield from wrap(f"- and {count(len(folded), 'repeat')}: {names}", "  ", "    ")
    if url := page_of(event.links):
        yield from ("  All that is known:", f"    {url}")


def expected_lines(expectation: DigestExpectation) -> Iterator[str]:
    yield ""
    yield from wrap(f"[{standing(expectation)}] {clean(expectation.claim)}")
    yield from wrap(f"Expected: {due(expectation)}", "  ", "  ")
    if expectation.evidence:
        yield from wrap(clean(expectation.evidence), "  ", "  ")
    if url := web_url(expectation.url):
        yield f"    {url}"
    for step in expectation.possible:
        yield from wrap(f"{doubt(step)}: {clean(step.source)}, {clean(step.title)}", "  ", "    ")
        if url := web_url(step.url):
            yield f"    {url}"


def width(text: str) -> int:
    """Columns that a terminal gives the text: two for a wide character (Unicode TR 11), none for a combining one."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    return 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, first: str = "", rest: str = "") -> Iterator[str]:
    """Break one line into lines of at most ``COLUMNS``. ``first`` and ``rest`` stand before the first and later lines.

    Words stay whole unless one is longer than a line; Chinese and Japanese text breaks between any two characters.
    """
    line, start, used = first, first, width(first)
    for word in _PIECE.findall(text):
        size = width(word.rstrip())
        if used + size > COLUMNS and line != start:
            yield line
            line, start, used = rest, rest, width(rest)
        for piece in (word,) if width(start) + size <= COLUMNS else word:
            if used + width(piece.rstrip()) > COLUMNS:
                yield line
                line, start, used = rest, rest, width(rest)
            line += piece
            used += width(piece)
    yield line
