"""Digests as an Atom feed (RFC 4287), for any feed reader: one entry a digest, as HTML that needs no style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from monitor.digests.render.mail import fragment, subject
from monitor.digests.render.words import tally
from monitor.domain import Digest

_NAMESPACE = "http://www.w3.org/2005/Atom"
#: In ids; names nothing that could be looked up.
_IDS = "https://storyline-monitor.example/digests"


def render(digests: Sequence[Digest], zone: ZoneInfo, *, channel: str) -> bytes:
    """Return the feed of a channel with these digests, latest first. Times are shown in ``zone``, which is named.

    Ids are made from names: a digest keeps its id however often the feed is written.
    """
    ordered = sorted(digests, key=lambda digest: (digest.window.end, digest.sequence, digest.part), reverse=True)
    feed = ET.Element("feed", {"xmlns": _NAMESPACE, "xml:lang": "en"})
    _add(feed, "id", _urn(channel))
    _add(feed, "title", f"Digests for {channel}")
    _add(feed, "updated", _stamp(ordered[0].window.end if ordered else datetime(1970, 1, 1, tzinfo=UTC)))
    _add(ET.SubElement(feed, "author"), "name", "Storyline monitor")
    for digest in ordered:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", _urn(channel, digest.digest_id, str(digest.part)))
        _add(entry, "title", subject(digest))
        _add(entry, "updated", _stamp(digest.window.end))
        _add(entry, "published", _stamp(digest.window.end))
        _add(entry, "summary", tally(digest))
        _add(entry, "content", fragment(digest, zone), type="html")
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = text


def _urn(*names: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, '/'.join((_IDS, *names)))}"


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
