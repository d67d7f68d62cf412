"""What a document says, before anything is believed: the common form of XML feeds and JSON Feed."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain import Enclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class RawText:
    value: str = ""
    #: HTML, to be reduced; else plain.
    markup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry in the feed's own words: nothing resolved, cleaned or capped."""

    guid: str = ""
    #: Where it is an address, it is the entry's: an id of Atom or JSON Feed, or a guid that does not say it is none.
    guid_is_link: bool = False
    #: Candidates for the entry's page, best first.
    links: tuple[str, ...] = ()
    title: RawText = RawText()
    summary: RawText = RawText()
    published: str = ""
    updated: str = ""
    source: str = ""
    lang: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    title: RawText = RawText()
    links: tuple[str, ...] = ()
    lang: str = ""
    #: Of Atom and JSON Feed: they wrote the entries that name nobody (RFC 4287 §4.2.1).
    authors: tuple[str, ...] = ()
    ttl: str = ""
    #: WebSub: rel=hub and rel=self, as written.
    hubs: tuple[str, ...] = ()
    selves: tuple[str, ...] = ()
    entries: tuple[RawEntry, ...] = ()
