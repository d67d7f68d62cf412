"""The values that flow through the house. No behaviour beyond reading themselves, no I/O, no third-party imports.

feeds:    Feed -> Document -> ParsedFeed -> Entry
stories:  Entry + Story -> Match -> Report -> Event
digests:  Event -> Digest -> Delivery -> Attempt

Every datetime is aware UTC. A tuple is in the order a reader would expect. None always means "not known" or "not set",
never zero. ``Story`` and what it is made of are written by people in ``config/stories/``; the rest is made by the flow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

# --- The story: what people write -------------------------------------------------------------------------------------


def said(description: str, default: Any = ..., *, factory: Any = None) -> Any:
    """A field that people write in a file, with the sentence that ``monitor schema`` and the docs show for it."""
    metadata = {"description": description}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata)
    return field(metadata=metadata) if default is ... else field(default=default, metadata=metadata)


#: Read by pydantic when ``config`` validates these classes: a key we do not know is a mistake, not a remark.
STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A named thing that is watched."""

    __pydantic_config__ = STRICT

    id: str = said("Short name; `@id` in a query.")
    name: str = said("What it is called, for people.", "")
    strong: tuple[str, ...] = said("Names that are certain by themselves.", ())
    aliases: tuple[str, ...] = said("Names that are ambiguous: they need an anchor.", ())
    anchors: tuple[str, ...] = said("Words that make an alias certain where they stand near it.", ())
    vetoes: tuple[str, ...] = said("Words that speak against; they decide only where nothing strong stands.", ())
    passing: tuple[str, ...] = said("Phrases around a name that only mention it: they count in the title alone.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Something the story promised, with the time it was promised for."""

    __pydantic_config__ = STRICT

    id: str = said("Short name, unique within the story.")
    claim: str = said("What is expected, in a sentence.")
    when: str = said("Query that an entry must answer for the claim to count as met.")
    by: str = said("When it is expected, as the source said it: `spring 2026`, `2026-05`, `2026-06-30`.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyline:
    """A thread of the story."""

    __pydantic_config__ = STRICT

    id: str = said("Short name, unique within the story.")
    title: str = said("Heading in the digest.")
    about: str = said("What belongs here, in a sentence or three.", "")
    topics: tuple[str, ...] = said("Topics of which at least one must hold; empty: any text may qualify.", ())
    query: str = said("Words that mark this thread, in the query language.", "")
    examples: tuple[str, ...] = said("Headlines that belong here.", ())
    expects: tuple[Expectation, ...] = said("What this thread is waiting for.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTest:
    """A text and what must be seen in it; run by `monitor test`."""

    __pydantic_config__ = STRICT

    text: str = said("A headline, or a headline and its summary.")
    lang: str | None = said("Language of the text, as in `es`.", None)
    topics: tuple[str, ...] | None = said("Exactly these topics must hold; left out: not tested.", None)
    storylines: tuple[str, ...] | None = said("Exactly these storylines must hold; left out: not tested.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The article from which the story starts."""

    __pydantic_config__ = STRICT

    title: str = said("Its headline.")
    published: date | None = said("Day it appeared.", None)
    url: str | None = said("Where it can be read.", None)
    claims: tuple[str, ...] = said("What it says, a sentence each.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One seed article and what is followed of it: one file under `config/stories/`."""

    __pydantic_config__ = STRICT

    story: str = said("Short name; digests refer to it.")
    title: str = said("What the story is called, for people.", "")
    seed: Seed | None = said("The article it starts from.", None)
    words: Mapping[str, tuple[str, ...]] = said("Lists of words by name, for use as `@name` in queries.", factory=dict)
    topics: tuple[Topic, ...] = said("What is watched: things with names.", ())
    storylines: tuple[Storyline, ...] = said("Which threads of the story are followed.", ())
    tests: tuple[StoryTest, ...] = said("Texts and what must be seen in them.", ())


# --- Feeds and entries ------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed that is polled: what people configured, and what polling has found out."""

    url: str
    #: As configured; ``state.title`` is what the feed says.
    title: str = ""
    tags: tuple[str, ...] = ()
    #: Least time between two polls, > 0.
    interval: timedelta = timedelta(hours=1)
    state: FeedState = FeedState()

    @property
    def name(self) -> str:
        """The shortest thing people recognise it by."""
        return self.title or self.state.title or self.label

    @property
    def label(self) -> str:
        """What may be shown of its URL: no user and password, and of the query the names alone (``?token=...``)."""
        page, _, query = self.url.partition("#")[0].partition("?")
        place = re.sub(r"(?<=://)[^/]*@", "", page)
        shown = (f"{name}=..." if equals else "..." for name, equals, _ in (p.partition("=") for p in query.split("&")))
        return f"{place}?{'&'.join(shown)}" if query else place

    @property
    def address(self) -> str:
        """Where it is asked."""
        return self.state.address or self.url

    @property
    def host(self) -> str:
        """Name and port of the server that is asked, without a password."""
        return re.split(r"[/?#]", self.address.partition("://")[2], maxsplit=1)[0].rpartition("@")[2].lower()


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


# --- Matching: why an entry belongs -----------------------------------------------------------------------------------

Place = Literal["title", "summary", "feed"]
Role = Literal["strong", "alias", "anchor", "veto", "query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A configured term that stands in the entry."""

    #: As configured.
    term: str
    #: As it stands in the text.
    found: str
    place: Place
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a reader said of an entry: it is about this topic or belongs to this storyline, or it does not."""

    entry: Entry
    kind: Literal["topic", "storyline"]
    #: Id of the topic or storyline.
    target: str
    belongs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One addend of a score."""

    #: "topics", "query", "about", "examples", "feedback" ...
    name: str
    #: Log-odds; positive speaks for.
    weight: float
    #: The words behind it.
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """Whether an entry is about a topic, and why."""

    topic: str
    held: bool
    #: 0 to 1; held at 0.5 and above.
    score: float
    hits: tuple[Hit, ...] = ()
    #: What would have been needed, in words; empty when held.
    missing: tuple[str, ...] = ()
    #: What readers' answers about like entries add to the score; None where they say nothing.
    feedback: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorylineMatch:
    """Whether an entry belongs to a storyline, and why."""

    storyline: str
    held: bool
    #: 0 to 1; held at 0.5 and above.
    score: float
    parts: tuple[Part, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a story sees in an entry: the topics and storylines that hold, and those that nearly did."""

    story: str
    #: Held ones first, then near misses; a topic with no hit at all is not listed.
    topics: tuple[TopicMatch, ...] = ()
    storylines: tuple[StorylineMatch, ...] = ()

    @property
    def held(self) -> bool:
        """True if the entry belongs to the story: at least one storyline holds."""
        return any(line.held for line in self.storylines)

    @property
    def held_topics(self) -> tuple[str, ...]:
        return tuple(topic.topic for topic in self.topics if topic.held)

    @property
    def held_storylines(self) -> tuple[str, ...]:
        """Best first."""
        held = sorted((line for line in self.storylines if line.held), key=lambda line: -line.score)
        return tuple(line.storyline for line in held)


# --- Stories: events and what is new in them --------------------------------------------------------------------------


class Novelty(StrEnum):
    """What an entry adds to what its storyline has already told."""

    FIRST = "first"  # opens an event
    NEW_FACT = "new-fact"  # adds a number, date, name or kind of happening that the event lacked
    CORROBORATES = "corroborates"  # another origin for what was known
    REHASH = "rehash"  # nothing new, from an origin already heard
    DUPLICATE = "duplicate"  # the same text again


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One matched entry as a report of an event."""

    #: Key of the stored entry; 0 before it is stored.
    entry_id: int
    entry: Entry
    match: Match
    #: When we first saw it; for dated work ``published`` clamped to this is used.
    first_seen: datetime
    event: str
    novelty: Novelty
    #: Why it joined its event, and what is new in it, in words.
    reason: str
    #: Of an entry that was there before we began to watch the feed: known, and told to nobody.
    primed: bool = False

    @property
    def at(self) -> datetime:
        return self.entry.reported_at(self.first_seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A happening that one or more entries report."""

    #: Made from the first report; stays for good.
    id: str
    story: str
    #: Oldest first by arrival; never empty.
    reports: tuple[Report, ...]

    @property
    def first_seen(self) -> datetime:
        return self.reports[0].first_seen

    @property
    def last_seen(self) -> datetime:
        return max(report.at for report in self.reports)


class ExpectationState(StrEnum):
    OPEN = "open"
    MET = "met"
    SLIPPED = "slipped"
    OVERDUE = "overdue"
    DENIED = "denied"
    CANCELLED = "cancelled"


# --- Digests: what one channel gets for one slot ----------------------------------------------------------------------
# These classes are the payload: their fields are the keys of the webhook body, see docs/webhook.md.


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    title: str
    url: str | None
    source: str
    published: datetime | None
    lang: str | None
    novelty: Novelty


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEvent:
    id: str
    #: 1 when this channel hears of it for the first time, one more each time it comes back.
    revision: int
    title: str
    summary: str
    #: The best of its new entries.
    novelty: Novelty
    #: Why it is in this digest, in words.
    reason: str
    first_seen: datetime
    #: Independent sources so far, as far as can be told.
    origins: int
    #: What this channel has not been told before, lead entry first.
    entries: tuple[DigestEntry, ...]
    #: Terms and topics that matched, for "why am I seeing this?".
    matched: tuple[str, ...]
    score: float
    #: Other storylines that it also belongs to.
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStoryline:
    id: str
    title: str
    state: str
    events: tuple[DigestEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestExpectation:
    id: str
    storyline: str
    claim: str
    state: ExpectationState
    #: As the source said it.
    by: str
    #: The range it was read as; None when it could not be read.
    earliest: date | None = None
    latest: date | None = None
    #: What decided the state: a headline and its link.
    evidence: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that this digest may lack, and why."""

    feed: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    feeds_ok: int
    feeds_failing: int
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``from`` is a word of Python's: the payload says ``from`` and ``to``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one channel gets for one slot, composed once and rendered as the channel needs it."""

    schema_version: int
    #: The configured digest and its slot, as in ``morning-2026-03-12T08:00``: the same for all channels.
    digest_id: str
    #: Counts the digests of this channel from 1 without a gap.
    sequence: int
    channel: str
    story: str
    #: The story's title, for people.
    title: str
    window: Window
    #: Why it is sent: "schedule", "requested", "alert"; with the number of slots where several were missed.
    reason: str
    storylines: tuple[DigestStoryline, ...]
    expectations: tuple[DigestExpectation, ...]
    coverage: Coverage
    truncated: bool = False
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def events(self) -> tuple[DigestEvent, ...]:
        return tuple(event for line in self.storylines for event in line.events)


# --- Deliveries -------------------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What came of one attempt. The one place where "try again?" is answered."""

    DELIVERED = "delivered"  # 2xx
    RETRY = "retry"  # no answer, 5xx, 408 ...: the next step of the schedule
    THROTTLED = "throttled"  # 429, 502, 503, 504: the whole endpoint waits
    REJECTED = "rejected"  # the receiver will not take it; trying again is for people to decide
    GONE = "gone"  # 410: the endpoint is closed for good


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # out of tries, or rejected: kept, shown, can be replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One digest owed to one channel. Id and bytes never change, however often it is tried."""

    id: int
    #: The receiver's key against repeats; holds no dot (Standard Webhooks 1.0).
    webhook_id: str
    channel: str
    digest: str
    slot: str
    content_type: str
    body: bytes
    state: DeliveryState
    created_at: datetime
    #: Attempts made so far; counted anew when people have it sent again.
    attempts: int = 0
    #: None when no further try is planned.
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a delivery, with what came of it."""

    delivery_id: int
    at: datetime
    outcome: Outcome
    duration_ms: int
    status: int | None = None
    #: The error in words, or the first kilobyte of the answer.
    detail: str = ""
