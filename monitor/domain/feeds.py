"""Feeds and their entries: what is asked for, what came, and what is known of it afterwards."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave us to ask "anything new since?" with, kept byte for byte (RFC 9110 §8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a feed says of how it wants to be asked. Hints: they lengthen a wait and never shorten it."""

    #: From RSS <ttl> and sy:updatePeriod, the longer one; None when it does not say.
    interval: timedelta | None = None
    #: RSS <skipHours>: hours of the day in UTC, 0 to 23.
    skip_hours: tuple[int, ...] = ()
    #: RSS <skipDays>: 0 is Monday.
    skip_days: tuple[int, ...] = ()
    #: Where it says that it lives now (itunes:new-feed-url, RSS newLocation). Shown to people, never followed.
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the polls so far have left behind. A feed never polled has the defaults."""

    validators: Validators = Validators()
    #: SHA-256 of the last body that was read in full, in hex.
    body_hash: str | None = None
    #: Of the entries of that body, to tell them when they come again: see ``feeds.known``.
    marks: bytes = b""
    #: What the feed calls itself.
    title: str = ""
    site_url: str | None = None
    #: True once a first poll has succeeded: from then on a new entry is news.
    primed: bool = False
    #: None: due at once.
    next_poll_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    #: Failed polls in a row.
    failures: int = 0
    #: Why the last poll failed, in words; None when it did not.
    error: str | None = None
    #: The feed is polled no more: the server said 410 Gone, or it failed for weeks; ``error`` says which.
    gone: bool = False
    #: When its server last answered, well or badly.
    answered_at: datetime | None = None
    #: Since when it has said nothing but "no such page"; None when it says something else.
    missing_since: datetime | None = None
    #: When it last sent a whole document, whatever was in it.
    body_at: datetime | None = None
    wishes: Wishes = Wishes()
    #: When a poll last brought something new; of the first poll, its time.
    last_new_at: datetime | None = None
    #: Usual time between two polls that bring something new, as seen so far.
    rhythm: timedelta | None = None
    #: Redirects before the page that gave the validators: only that page is sent them.
    hops: int = 0
    #: Where it is asked since it moved for good; None: at its own address.
    address: str | None = None
    #: Where permanent redirects lead, and since when without a break.
    moving_to: str | None = None
    moving_since: datetime | None = None
    #: Polls in a row whose entries had new identities and known faces; from FLOODS on it is believed no more.
    floods: int = 0


def without_login(url: str) -> str:
    """What may be shown of an address, and can still be asked: its user and password are left out."""
    return re.sub(r"(?<=://)[^/?#]*@", "", url, count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed that is polled: what people configured, and what polling has found out."""

    url: str
    #: As configured; ``state.title`` is what the feed says.
    title: str = ""
    tags: tuple[str, ...] = ()
    #: Least time between two polls, > 0.
    interval: timedelta = timedelta(hours=1)
    #: People do not want it polled for the time being.
    paused: bool = False
    state: FeedState = FeedState()
    #: Of several workers, the one that took it to poll has it until then; None: there is but one.
    claimed_until: datetime | None = None

    @property
    def name(self) -> str:
        """The shortest thing people recognise it by."""
        return self.title or self.state.title or self.label

    @property
    def handle(self) -> str:
        """Stands for its URL in addresses of our page: a URL can hold a password, and browsers keep addresses."""
        return hashlib.sha256(self.url.encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def label(self) -> str:
        """What may be shown of its URL: no user and password, and of the query the names alone (``?token=...``)."""
        page, _, query = self.url.partition("#")[0].partition("?")
        place = without_login(page)
        shown = (f"{name}=..." if equals else "..." for name, equals, _ in (p.partition("=") for p in query.split("&")))
        return f"{place}?{'&'.join(shown)}" if query else place

    @property
    def address(self) -> str:
        """Where it is asked."""
        return self.state.address or self.url

    @property
    def host(self) -> str:
        """Name and port of the server that is asked, as a request says them: no password or usual port, in ASCII."""
        scheme, _, rest = self.address.partition("://")
        host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].lower()
        host = host.removesuffix({"http": ":80", "https": ":443"}.get(scheme.lower(), ":"))
        try:
            return host if host.isascii() else host.encode("idna").decode()
        except UnicodeError:  # no name at all: nothing will answer to it
            return host


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a server answered to one poll: a body, or word that nothing changed."""

    #: Where it came from in the end, after redirects.
    url: str
    #: 200, 226 or 304.
    status: int
    #: Names in lower case.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Content-Encoding undone. None: 304 Not Modified.
    body: bytes | None = None
    #: Redirects on the way.
    hops: int = 0
    #: There were some, and each of them was permanent (301, 308).
    moved: bool = False

    @property
    def validators(self) -> Validators:
        return Validators(etag=self.headers.get("etag"), last_modified=self.headers.get("last-modified"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes with an entry."""

    url: str
    type: str = ""
    #: Bytes, where the feed says so.
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One Atom entry, RSS item or JSON Feed item, after normalising. All text is plain, cleaned and capped."""

    feed_url: str
    #: What tells it from the feed's other entries: its id, else its canonical link, else a hash of title and date.
    identity: str
    #: atom:id, RSS guid or JSON Feed id as the feed gives it; None when it gives none.
    guid: str | None = None
    #: Absolute http or https, tracking parameters removed; None when the feed gives none that can be read.
    url: str | None = None
    #: One line; falls back to the start of the summary, then to the URL. At most 1 kB.
    title: str = ""
    #: At most 64 kB.
    summary: str = ""
    #: The outlet: the entry's own <source>, else the feed's title.
    source: str = ""
    authors: tuple[str, ...] = ()
    #: Categories, as the feed has them.
    tags: tuple[str, ...] = ()
    #: Primary language subtag in lower case ("en", "zh"), as stated; None when nothing states it.
    lang: str | None = None
    #: None when the feed states no date we can read, or one that cannot be true; never a guess.
    published: datetime | None = None
    updated: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def text(self) -> str:
        """Title and summary, as matching reads them."""
        return f"{self.title}\n{self.summary}" if self.summary else self.title

    def reported_at(self, first_seen: datetime) -> datetime:
        """When it was reported: the stated date, never later than our first sight of it."""
        return min(self.published, first_seen) if self.published else first_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A document as read: the feed's own words about itself, and its entries, newest-first or as listed."""

    title: str = ""
    site_url: str | None = None
    lang: str | None = None
    #: Of the entries that name no author of their own.
    authors: tuple[str, ...] = ()
    #: Those left out that stood in the feed's last document as they stand in this one, where its marks were given.
    entries: tuple[Entry, ...] = ()
    #: Of all its entries, for the next document.
    marks: bytes = b""
    #: Minutes the feed asks not to be polled within (RSS <ttl>); None when it does not say.
    ttl_minutes: int | None = None
    wishes: Wishes = Wishes()
    #: Where its WebSub hub is (rel=hub), absolute; None when it names none.
    hub: str | None = None
    #: What the feed calls its own address (rel=self), absolute: the topic to ask a hub for.
    self_url: str | None = None


class SubscriptionState(StrEnum):
    ASKED = "asked"  # wanted of the hub, which has not confirmed it yet
    ACTIVE = "active"  # confirmed: pushes are expected until the lease ends
    REFUSED = "refused"  # by the hub or by us: polled as ever, and asked for again later
    ENDING = "ending"  # no longer wanted: the hub is told, then it is forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed's WebSub subscription (W3C Recommendation of 2018-01-23): its hub tells us when the feed changes."""

    feed_url: str
    hub: str
    #: What the hub knows the feed by: its rel=self.
    topic: str
    #: Last part of the callback's address; nobody can guess it.
    token: str
    #: Signs what the hub pushes.
    secret: str
    state: SubscriptionState = SubscriptionState.ASKED
    #: What we asked the hub for last and still want; it may confirm nothing else.
    asking: Literal["subscribe", "unsubscribe"] | None = None
    #: When the hub is to be asked next: for the first time, again, or to renew. None: never.
    next_request_at: datetime | None = None
    #: Requests in a row that came to nothing.
    failures: int = 0
    #: Since when pushes are expected without a break.
    active_since: datetime | None = None
    lease_ends_at: datetime | None = None
    last_push_at: datetime | None = None
    #: Why it is refused or ending, in words.
    reason: str | None = None

    def is_active(self, now: datetime) -> bool:
        """True while the hub owes us every change of the feed."""
        return self.state is SubscriptionState.ACTIVE and self.lease_ends_at is not None and now < self.lease_ends_at
