"""Feeds that people take up: found from a page, brought along in a list, given to another reader in one.

Nothing is written here: whoever asked puts the result into ``config.editing``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from monitor.config.models import Config, FeedSettings
from monitor.config.reading import VARIABLE
from monitor.domain import Document, Feed, ParsedFeed, without_login
from monitor.feeds.asking import get
from monitor.feeds.discovery import Candidate, discover
from monitor.feeds.isolation import Parser
from monitor.feeds.links import canonical_url
from monitor.feeds.opml import Subscribed, read_opml, write_opml


@dataclass(frozen=True, slots=True)
class Prober:
    """Asks addresses that are not followed yet; FeedError where they answer badly."""

    config: Config
    client: httpx.Client
    parser: Parser

    def get(self, url: str, same_host: bool = False) -> Document:
        limits = self.config.polling
        return get(self.client, url, timeout=limits.timeout, max_bytes=limits.max_body_bytes, same_host=same_host)

    def read(self, document: Document, url: str) -> ParsedFeed:
        return self.parser.read(document, url)

    def discover(self, url: str) -> Sequence[Candidate]:
        return discover(url, get=self.get, read=self.read, read_page=self.parser.links)


def web_address(text: str) -> str:
    """What people type: ``example.org`` means https."""
    return text if "://" in text else f"https://{text}"


def followed_as(config: Config, url: str) -> str | None:
    """The address under which this feed is followed already; None: it is not."""
    return next((feed.url for feed in config.feeds if canonical_url(feed.url) == canonical_url(url)), None)


def known_as(urls: Collection[str], word: str) -> str | None:
    """Of these addresses of feeds the one that somebody means: by itself, without its login, or by its handle.

    None: there is none, or there are several that differ in their logins alone.
    """
    found = [url for url in urls if word in {url, Feed(url=url).handle}] or [
        url for url in urls if without_login(url) == word
    ]
    return found[0] if len(found) == 1 else None


def writable(url: str, title: str, tags: Sequence[str]) -> FeedSettings:
    """A stranger's feed as the configuration would have it; ValueError when it cannot stand there."""
    if any(VARIABLE.search(text) for text in (url, title, *tags)):
        raise ValueError("names a variable of the environment, which would be filled in")
    return FeedSettings(url=url, title=title, tags=tuple(tags))


def brought_along(data: bytes, config: Config) -> tuple[list[FeedSettings], list[str]]:
    """What an OPML list adds, and a sentence for each thing of it that is left out. NotOpmlError."""
    listing = read_opml(data)
    known = {canonical_url(feed.url) for feed in config.feeds}
    new, left_out = [], list(listing.left_out)
    for feed in listing.feeds:
        if canonical_url(feed.url) in known:
            left_out.append(f"{feed.title or without_login(feed.url)}: is followed already")
            continue
        known.add(canonical_url(feed.url))
        try:
            new.append(writable(feed.url, feed.title, feed.tags))
        except ValueError as error:
            left_out.append(f"{feed.title or without_login(feed.url)}: {error}")
    return new, left_out


def given_on(written: Sequence[dict[str, Any]], now: datetime) -> tuple[bytes, list[str]]:
    """The feeds as OPML, and remarks on what it lacks.

    written   as ``MainFile.feeds`` has them: a variable stays its name, so that no secret is given on
    """
    listed, remarks = [], []
    for feed in written:
        if "url" not in feed:
            remarks.append("left out: a feed whose address stands in a file of its own")
            continue
        url = without_login(str(feed["url"]))  # the query stays, unlike in a label: it can still be asked
        if url != feed["url"]:
            remarks.append(f"without its password: {Feed(url=url).label}")
        tags = tuple(str(tag) for tag in feed.get("tags") or ())
        listed.append(Subscribed(url=url, title=str(feed.get("title") or ""), tags=tags))
    return write_opml(listed, "Feeds of the monitor", now), remarks
