"""RSS, RDF and Atom by feedparser, with its habits kept out: it is handed clean UTF-8 and asked for raw values only."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import feedparser
import feedparser.api

from monitor.domain import Enclosure
from monitor.feeds import sax
from monitor.feeds.raw import RawEntry, RawFeed, RawText

#: The charset we have just produced. Without this key feedparser assumes latin-1.
HEADERS = {"content-type": "application/xml; charset=utf-8"}
MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
#: For one entry's page: what people can read comes first.
TYPE_ORDER = {"text/html": 0, "application/xhtml+xml": 1, "": 1}
#: HTML that shows no word: a picture alone, or nothing.
_WORDLESS = re.compile(r"(?:\s|<[^<>]*>|&nbsp;|&#160;)*+")
#: feedparser takes a title for HTML by its closing tags, and these have none.
_UNCLOSED = re.compile(r"<(?:br\s*/?|img\s[^<>]*)>", re.IGNORECASE)
#: ``media:caption`` as feedparser names it, see ``xmltext``.
CAPTION = "media_caption"
#: Attributes of GML that feedparser turns into numbers, and crashes on.
_GML = re.compile(r"""\ssrs(?:Name|Dimension)\s*=\s*(?:"[^"]*"|'[^']*')""", re.IGNORECASE)

#: A plain copy of what feedparser gives: its own dictionaries are slow, and answer for ``updated`` with ``published``.
Fields = dict[str, Any]


class NotAFeedError(ValueError):
    """The document parses, more or less, but is no feed; the message is for people, without the document's text."""


def parse_xml(xml: str) -> RawFeed:
    """Read a document that claims to be a feed, as ``xmltext.repair`` leaves it. Raises NotAFeedError.

    Untidiness is no error; a document without a single entry is one if it is not well-formed either, for then it was
    probably cut off, and "no entries" would be a false statement about the feed.
    """
    try:
        parsed = _feedparser(xml)
    except Exception:  # noqa: BLE001 - feedparser leaks whatever its handlers raise; the second try has no such values
        try:
            parsed = _feedparser(_GML.sub("", xml))
        except Exception as error:
            raise NotAFeedError(f"the XML cannot be read ({type(error).__name__})") from error
    entries = tuple(_entry(dict(fields)) for fields in parsed.get("entries", ()))
    if not entries and not parsed.get("version"):
        raise NotAFeedError("no feed was found in it")
    if not entries and parsed.get("bozo"):
        raise NotAFeedError("the document is broken or cut off before its first entry")
    feed = dict(parsed.get("feed", {}))
    return RawFeed(
        title=_text(feed, "title"),
        links=_links(feed),
        lang=_str(feed, "language"),
        authors=tuple(_names(feed)) if str(parsed.get("version")).startswith("atom") else (),
        ttl=_str(feed, "ttl"),
        hubs=_hrefs(feed, "hub"),
        selves=_hrefs(feed, "self"),
        entries=entries,
    )


def _feedparser(xml: str) -> Mapping[str, Any]:
    """A stream, never bytes or str: those feedparser would take for the name of a file or a URL to open."""
    feedparser.api.PREFERRED_XML_PARSERS = [sax.__name__]  # by default one that nobody has, looked for each time
    result: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(xml.encode("utf-8", "replace")),
        response_headers=HEADERS,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return result


def _entry(fields: Fields) -> RawEntry:
    links = _links(fields)
    origin = _str(fields, "feedburner_origlink")
    source = dict(fields.get("source", {}))
    return RawEntry(
        guid=_str(fields, "id"),
        guid_is_link=bool(fields.get("guidislink")),
        links=(origin, *links) if origin else links,
        title=_text(fields, "title"),
        summary=_summary(fields),
        published=_str(fields, "published") or _str(fields, "created"),
        updated=_str(fields, "updated"),
        source=_str(source, "title"),
        lang=_lang(fields),
        authors=tuple(_names(fields)) or tuple(_names(source)),
        tags=tuple(_str(tag, "label") or _str(tag, "term") for tag in _dicts(fields, "tags")),
        enclosures=tuple(_enclosure(link) for link in _dicts(fields, "links") if link.get("rel") == "enclosure"),
    )


def _str(fields: Fields, key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _dicts(fields: Fields, key: str) -> Iterable[Fields]:
    return [dict(value) for value in fields.get(key) or () if isinstance(value, Mapping)]


def _text(fields: Fields, key: str) -> RawText:
    detail: Mapping[str, Any] = fields.get(f"{key}_detail") or {}
    value = _str(fields, key)
    markup = detail.get("type", "text/html") in MARKUP_TYPES or bool(_UNCLOSED.search(value))
    return RawText(value=value, markup=markup)


def _summary(fields: Fields) -> RawText:
    """The first that has words: the summary, a content that is text, what a video says of itself."""
    texts = [_text(fields, "summary")]
    for content in _dicts(fields, "content"):
        kind = content.get("type", "text/html")
        if kind in MARKUP_TYPES or kind.startswith("text/"):
            texts.append(RawText(value=_str(content, "value"), markup=kind in MARKUP_TYPES))
    texts.append(RawText(value=_str(fields, CAPTION), markup=True))
    return next((text for text in texts if not _WORDLESS.fullmatch(text.value)), RawText())


def _links(fields: Fields) -> tuple[str, ...]:
    """Pages that show it, HTML before other kinds; within a kind the order of the document counts."""
    found = [
        link for link in _dicts(fields, "links") if link.get("rel", "alternate") == "alternate" and link.get("href")
    ]
    found.sort(key=lambda link: TYPE_ORDER.get(_str(link, "type"), len(TYPE_ORDER)))
    return tuple(_str(link, "href") for link in found)


def _hrefs(fields: Fields, rel: str) -> tuple[str, ...]:
    return tuple(_str(link, "href") for link in _dicts(fields, "links") if link.get("rel") == rel)


def _lang(fields: Fields) -> str:
    for key in ("title_detail", "summary_detail"):
        detail = fields.get(key)
        if isinstance(detail, Mapping) and isinstance(detail.get("language"), str):
            return str(detail["language"])
    return _str(fields, "language")


def _names(fields: Fields) -> Iterable[str]:
    names = [_str(author, "name") or _str(author, "email") for author in _dicts(fields, "authors")]
    return [name for name in names if name] or [name for name in [_str(fields, "author")] if name]


def _enclosure(link: Fields) -> Enclosure:
    length = _str(link, "length").strip()
    return Enclosure(
        url=_str(link, "href"),
        type=_str(link, "type"),
        length=int(length) if length.isascii() and length.isdigit() and len(length) <= len("1234567890123") else None,
    )
