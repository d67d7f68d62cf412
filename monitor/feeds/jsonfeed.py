"""JSON Feed 1.0 and 1.1 (jsonfeed.org), which feedparser does not read. Pure.

A value of the wrong type is taken as absent, a wrong item is left out, and neither costs the feed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from monitor.domain import Enclosure
from monitor.feeds.raw import RawEntry, RawFeed, RawText
from monitor.feeds.xmlfeed import NotAFeedError

VERSION = "https://jsonfeed.org/version/"


def looks_like_json(text: str) -> bool:
    """By its first character, whatever the Content-Type: feeds are served as text/html and text/plain too."""
    return text.lstrip("\ufeff \t\r\n").startswith(("{", "["))


def parse_json(text: str) -> RawFeed:
    """Read a JSON Feed; raises NotAFeedError for other or broken JSON. A bare line end in a string breaks nothing."""
    try:
        data = json.loads(text.lstrip("\ufeff \t\r\n"), strict=False)
    except (ValueError, RecursionError) as error:
        raise NotAFeedError("the JSON is broken or cut off") from error
    if not isinstance(data, dict) or not _is_version(data.get("version")):
        raise NotAFeedError("it is JSON, but no JSON Feed")
    items = data.get("items")
    return RawFeed(
        title=RawText(value=_str(data, "title")),
        links=tuple(filter(None, [_str(data, "home_page_url")])),
        lang=_str(data, "language"),
        authors=tuple(_names(data)),
        hubs=tuple(_str(hub, "url") for hub in _list(data, "hubs") if isinstance(hub, dict) and _is_websub(hub)),
        selves=tuple(filter(None, [_str(data, "feed_url")])),
        entries=tuple(_entry(item) for item in items if isinstance(item, dict)) if isinstance(items, list) else (),
    )


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and value.strip().replace("http://", "https://").startswith(VERSION)


def _is_websub(hub: dict[str, Any]) -> bool:
    """By its type; the specification of JSON Feed names rssCloud too, which is another protocol."""
    return _str(hub, "type").lower() in {"websub", "pubsubhubbub"}


def _entry(item: dict[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_id(item.get("id")),
        guid_is_link=True,
        links=tuple(filter(None, [_str(item, "url"), _str(item, "external_url")])),
        title=RawText(value=_str(item, "title")),
        summary=_summary(item),
        published=_str(item, "date_published"),
        updated=_str(item, "date_modified"),
        lang=_str(item, "language"),
        authors=tuple(_names(item)),
        tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        enclosures=tuple(_enclosure(file) for file in _list(item, "attachments") if isinstance(file, dict)),
    )


def _id(value: Any) -> str:
    """A string by the specification; numbers are common and stay what they look like."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)


def _str(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _summary(item: dict[str, Any]) -> RawText:
    if plain := _str(item, "summary") or _str(item, "content_text"):
        return RawText(value=plain)
    return RawText(value=_str(item, "content_html"), markup=True)


def _names(item: dict[str, Any]) -> Iterable[str]:
    """``authors`` of 1.1, else ``author`` of 1.0."""
    authors = _list(item, "authors") or [item.get("author")]
    return [_str(author, "name") for author in authors if isinstance(author, dict)]


def _enclosure(file: dict[str, Any]) -> Enclosure:
    size = file.get("size_in_bytes")
    return Enclosure(
        url=_str(file, "url"),
        type=_str(file, "mime_type"),
        length=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
    )
