"""From a document to entries: decode, parse, normalise. Pure, and in a hostile case slow: see ``isolation``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from monitor.domain import Document, ParsedFeed
from monitor.errors import ParseError
from monitor.feeds.encoding import decode
from monitor.feeds.jsonfeed import looks_like_json, parse_json
from monitor.feeds.known import marked, marks_of, outline, rest_of, unpacked, without
from monitor.feeds.normalise import normalise
from monitor.feeds.raw import RawFeed
from monitor.feeds.text import clean_text
from monitor.feeds.wishes import read_wishes
from monitor.feeds.xmlfeed import NotAFeedError, parse_xml
from monitor.feeds.xmltext import repair, root_name

#: Of a document that is no feed, shown to whoever has to find out why.
SHOWN_CHARS = 200
#: Roots that are certainly something else, so that the parser need not try.
OTHER_ROOTS = {
    "html": "an HTML page",
    "opml": "an OPML list of feeds",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
    "svg": "a picture",
    "error": "an error message in XML",
}
FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel", "entry"})
#: HTML may leave out its root; feeds have been seen with a DOCTYPE of HTML.
_HTML_DOCTYPE = re.compile(r"<!doctype\s+html", re.IGNORECASE)


def read(document: Document, feed_url: str, marks: bytes = b"") -> ParsedFeed:
    """Read a document's entries.

    document  with a body, its Content-Encoding undone
    feed_url  as configured
    marks     of the last document: entries that stood in it as they stand in this one are left out, see ``known``

    Raises ParseError, saying what it is instead and how it begins, if it is no feed. A feed without entries is fine.
    """
    text = decode(document.body or b"", document.headers.get("content-type", ""))
    try:
        parsed = _read(text, marks, document.url, lambda raw: normalise(raw, feed_url, document.url))
    except NotAFeedError as error:
        start = clean_text(text, SHOWN_CHARS)
        raise ParseError(feed_url, f"not a feed: {error}" + (f"; it begins: {start}" if start else "")) from error
    return replace(parsed, wishes=read_wishes(text, parsed.ttl_minutes))


def _read(text: str, marks: bytes, base: str, clean: Callable[[RawFeed], ParsedFeed]) -> ParsedFeed:
    if not text.strip("\ufeff\0 \t\r\n"):
        raise NotAFeedError("it is empty")
    if looks_like_json(text):
        return _read_json(parse_json(text), marks, base, clean)
    root = root_name(text)
    if not root:
        raise NotAFeedError("it is neither XML nor JSON")
    if root in OTHER_ROOTS:
        raise NotAFeedError(f"it is {OTHER_ROOTS[root]}")
    if root not in FEED_ROOTS and _HTML_DOCTYPE.search(text[:1_000]):
        raise NotAFeedError("it is an HTML page")
    return _read_xml(repair(text), marks, base, clean)


def _read_json(raw: RawFeed, marks: bytes, base: str, clean: Callable[[RawFeed], ParsedFeed]) -> ParsedFeed:
    own = marks_of(raw.entries, base)
    known = unpacked(marks)
    fresh = tuple(entry for entry, its in zip(raw.entries, own, strict=True) if its not in known)
    if len(fresh) < len(raw.entries):
        rest = rest_of(own, clean(replace(raw, entries=fresh)), marks)
        if rest:
            return rest
    return marked(own, clean(raw))


def _read_xml(xml: str, marks: bytes, base: str, clean: Callable[[RawFeed], ParsedFeed]) -> ParsedFeed:
    document = outline(xml, base)
    if document is None:
        return clean(parse_xml(xml))
    if shorter := without(document, marks):
        try:
            rest = rest_of(document.marks, clean(parse_xml(shorter)), marks)
        except NotAFeedError:  # without them it may look like something else
            rest = None
        if rest:
            return rest
    return marked(document.marks, clean(parse_xml(xml)))
