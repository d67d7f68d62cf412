"""From what a document says to what we keep: clean, capped text, absolute links, aware dates, entries told apart."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.domain import Enclosure, Entry, ParsedFeed, without_login
from monitor.feeds.dates import read_date
from monitor.feeds.identity import identified
from monitor.feeds.links import absolute_url, clean_url
from monitor.feeds.raw import RawEntry, RawFeed, RawText
from monitor.feeds.text import NAME_CHARS, clean_summary, clean_text, clean_title

#: Honest documents with 8,000 have been seen; 10 MB hold 220,000 of the shortest.
MAX_ENTRIES = 10_000
MAX_NAMES = 20
MAX_ENCLOSURES = 20
GUID_CHARS = 2_048
#: Of a title made from the summary: a headline's length.
LEAD_CHARS = 120
#: Beyond, a feed means something else than minutes.
MAX_TTL_MINUTES = 7 * 24 * 60

_LANG = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
_UNDATED = datetime.min.replace(tzinfo=UTC)


def normalise(raw: RawFeed, feed_url: str, base: str) -> ParsedFeed:
    """Clean a whole feed.

    feed_url  as configured; the entries carry it
    base      where the document came from in the end; relative links are relative to it, and get no login of it
    """
    base = without_login(base)
    title = clean_title(raw.title.value, markup=raw.title.markup)
    lang, authors = _lang(raw.lang), _names(raw.authors)
    full = [entry for entry in raw.entries if not _is_shell(entry)] or raw.entries
    entries = [_entry(entry, feed_url=feed_url, base=base, source=title, lang=lang, authors=authors) for entry in full]
    return ParsedFeed(
        title=title,
        site_url=_first_url(raw.links, base),
        lang=lang,
        authors=authors,
        entries=identified(_newest(entries)),
        ttl_minutes=_ttl(raw.ttl),
        hub=_web_url(raw.hubs, base),
        self_url=_web_url(raw.selves, base),
    )


def _is_shell(entry: RawEntry) -> bool:
    """An item that only wraps other items, as some programs write them: beside full ones it is none."""
    said = (entry.guid, entry.links, entry.title.value, entry.summary.value, entry.published, entry.updated)
    return not any(said) and not entry.enclosures


def _newest(entries: list[Entry]) -> list[Entry]:
    """At most MAX_ENTRIES, the newest; those without a date count as oldest. The order stays."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    ranked = heapq.nlargest(MAX_ENTRIES, range(len(entries)), key=lambda at: (entries[at].published or _UNDATED, -at))
    return [entries[at] for at in sorted(ranked)]


def _entry(
    raw: RawEntry, *, feed_url: str, base: str, source: str, lang: str | None, authors: tuple[str, ...]
) -> Entry:
    guid = clean_text(raw.guid, GUID_CHARS) or None
    enclosures = tuple(_enclosures(raw.enclosures, base))
    url = _first_url(raw.links, base)
    if url is None and guid and raw.guid_is_link and guid.startswith(("http://", "https://")):
        url = _first_url((guid,), base)
    if url is None and enclosures:
        url = enclosures[0].url
    summary = clean_summary(raw.summary.value, markup=raw.summary.markup)
    updated = read_date(raw.updated)
    return Entry(
        feed_url=feed_url,
        identity="",
        guid=guid,
        url=url,
        title=_title(raw.title) or _lead(summary) or url or "",
        summary=summary,
        source=clean_text(raw.source, NAME_CHARS, markup=True) or source[:NAME_CHARS],
        authors=_names(raw.authors) or authors,
        tags=_names(raw.tags),
        lang=_lang(raw.lang) or lang,
        published=read_date(raw.published) or updated,
        updated=updated,
        enclosures=enclosures,
    )


def _title(title: RawText) -> str:
    return clean_title(title.value, markup=title.markup)


def _lead(summary: str) -> str:
    """The start of a text, cut between words."""
    if len(summary) <= LEAD_CHARS:
        return summary
    head = summary[:LEAD_CHARS]
    return f"{head.rpartition(' ')[0] or head}…"


def _first_url(links: Iterable[str], base: str) -> str | None:
    """The first link that leads to a web address."""
    url = _web_url(links, base)
    return clean_url(url) if url else None


def _web_url(links: Iterable[str], base: str) -> str | None:
    """The same, every parameter kept: for addresses that programs are asked by."""
    return next((url for link in links if (url := absolute_url(link, base))), None)


def _enclosures(enclosures: Iterable[Enclosure], base: str) -> Iterable[Enclosure]:
    found = [(absolute_url(enclosure.url, base), enclosure) for enclosure in enclosures]
    return [
        Enclosure(url=url, type=clean_text(enclosure.type, NAME_CHARS), length=enclosure.length)
        for url, enclosure in found
        if url
    ][:MAX_ENCLOSURES]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """As HTML: publishers escape names twice, or make links of them."""
    cleaned = (clean_text(name, NAME_CHARS, markup=True) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:MAX_NAMES]


def _lang(lang: str) -> str | None:
    found = _LANG.fullmatch(lang.strip())
    return found[1].lower() if found else None


def _ttl(ttl: str) -> int | None:
    ttl = ttl.strip()
    if not ttl.isascii() or not ttl.isdigit() or len(ttl) > len(str(MAX_TTL_MINUTES)):
        return None
    return min(int(ttl), MAX_TTL_MINUTES) or None
