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
    #: An RSS guid that does not say it is no permalink.
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
    ttl: str = ""
    #: WebSub: rel=hub and rel=self, as written.
    hubs: tuple[str, ...] = ()
    selves: tuple[str, ...] = ()
    entries: tuple[RawEntry, ...] = ()
