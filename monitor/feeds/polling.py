"""What a poll means for its feed: the state to keep, the entries it brought, and when to ask again. Pure.

A poll is fetch -> ``Parser.read`` -> ``succeeded`` or ``failed``; once it is known how much of a success was new,
``paced`` says when to ask again. The rules for asking are those of a good guest: see "Feed Reader Behavior" by Rachel
Kroll (rachelbythebay.com/fs) and docs/polling.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain import Document, Entry, Feed, FeedState, ParsedFeed, Validators, without_login
from monitor.errors import FeedError, FetchError
from monitor.feeds.cadence import learn, pace
from monitor.feeds.flood import FLOODS
from monitor.feeds.freshness import fresh_for
from monitor.feeds.moves import doubted, moved
from monitor.feeds.wishes import open_hours
from monitor.http import http_date

#: Failures double the wait up to here, jitter included, so that a feed that comes back is seen within a day.
MAX_BACKOFF = timedelta(hours=24)
#: Of one second they make more than a day.
MAX_DOUBLINGS = 17
#: Cache lifetimes and ttl are set by programs that know nothing of the feed: a busy one was seen with 16 years.
MAX_FRESHNESS = timedelta(hours=24)
#: Retry-After is said to us in particular; beyond a week it is a mistake.
MAX_RETRY_AFTER = timedelta(days=7)
#: Up to this share is added to each wait, so that feeds added together drift apart.
JITTER = 0.1
#: Above this many feeds of one host jitter alone is too slow: 1,000 of them are spread over their first interval.
CROWD = 20
#: A Last-Modified later than this by the server's own clock would get a 304 until that day, whatever changes.
MAX_CLOCK_SKEW = timedelta(days=1)
#: "Not modified" is doubted when a feed that used to bring news has said nothing else for this long, and for so many
#: times its usual gap. Such a feed is a dead one or a server stuck at an old answer; one whole document tells which.
DOUBTED_AFTER = timedelta(days=30)
DOUBTED_GAPS = 6
#: A page that is missing for this long, and was asked for this often, is taken to be gone. YouTube says 404 of all its
#: feeds for hours; a site that is rebuilt is back within days.
MISSING_FOR = timedelta(weeks=3)
#: Without any success for this long, a feed is given up. It was asked daily.
DEAD_FOR = timedelta(weeks=12)
#: Time alone proves nothing: the machine may have slept for it.
MIN_FAILURES = 10
#: Hosts that must all be out of reach, and nobody else answer, before it is our own network that is down.
ALONE_HOSTS = 3
OUR_NETWORK = "no host at all can be reached: our own network seems to be down"

NOT_FOUND = 404
GONE = 410
TOO_MANY_REQUESTS = 429
#: With these, Retry-After is the host's word on all its feeds (RFC 6585 §4, RFC 9110 §15.6.4).
BUSY = (TOO_MANY_REQUESTS, 503)
#: Suffixes of names within a house or a company, where one host serves many feeds and says 429 of one of them.
PRIVATE_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home", ".home.arpa", ".corp", ".intranet")


class PollStatus(StrEnum):
    OK = "ok"  # a document was read
    NOT_MODIFIED = "not-modified"  # 304
    SAME = "same"  # a document, byte for byte the last one
    PUSHED = "pushed"  # a hub sent a document: no poll at all
    FAILED = "failed"
    GONE = "gone"  # 410: the feed is polled no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A host wants to be left alone, with all its feeds."""

    host: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One try at a feed, and what came of it."""

    feed: Feed
    status: PollStatus
    #: To be stored, in one transaction with the entries.
    state: FeedState
    #: What the document holds, less what stood in the last one just so; empty when nothing changed.
    entries: tuple[Entry, ...] = ()
    #: Why it failed, in words.
    error: str | None = None
    #: The WebSub hub that the answer names, and the topic to ask it for; None: none, or nothing was read.
    hub: tuple[str, str] | None = None
    #: How long this answer asks to be left alone; zero when it does not.
    asked: timedelta = timedelta()
    rest: Rest | None = None


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def as_asked(feed: Feed, now: datetime) -> Feed:
    """The feed as it is to be asked now: without its validators where a 304 would be doubted."""
    since, rhythm = feed.state.body_at, feed.state.rhythm
    if since is None or rhythm is None or now - since < max(DOUBTED_AFTER, DOUBTED_GAPS * rhythm):
        return feed
    return replace(feed, state=replace(feed.state, validators=Validators()))


def succeeded(feed: Feed, document: Document, parsed: ParsedFeed | None, now: datetime) -> Poll:
    """Decide after an answer that could be used. When to ask again is decided as if it had brought nothing new.

    parsed  None if there was nothing to parse: a 304, or the bytes of last time
    now     aware UTC
    """
    unmodified = document.body is None
    state = replace(
        moved(feed, document, now),
        validators=_validators_after(feed.state.validators, document),
        body_hash=feed.state.body_hash if document.body is None else body_hash(document.body),
        title=(parsed.title if parsed else "") or feed.state.title,
        site_url=(parsed.site_url if parsed else None) or feed.state.site_url,
        marks=parsed.marks if parsed else feed.state.marks,
        wishes=parsed.wishes if parsed else feed.state.wishes,
        primed=True,
        last_poll_at=now,
        last_success_at=now,
        answered_at=now,
        missing_since=None,
        body_at=feed.state.body_at if unmodified else now,
        failures=0,
        error=None,
        gone=False,
    )
    hint = max(fresh_for(document.headers, now) or timedelta(), state.wishes.interval or timedelta())
    status = PollStatus.OK if parsed else PollStatus.NOT_MODIFIED if unmodified else PollStatus.SAME
    entries = parsed.entries if parsed else ()
    poll = Poll(feed=feed, status=status, state=state, entries=entries, asked=min(hint, MAX_FRESHNESS))
    return paced(poll, now, new=False)


def paced(poll: Poll, now: datetime, *, new: bool, crowd: int = 1) -> Poll:
    """Decide when to ask again after a success.

    new    it brought an entry that the feed had not shown before
    crowd  feeds of the same host, >= 1; above CROWD a first poll's wait is spread over a whole interval
    """
    feed = poll.feed
    before = replace(poll.state, last_new_at=feed.state.last_new_at, rhythm=feed.state.rhythm)
    state = learn(before, now, new=new)
    if poll.status is PollStatus.PUSHED:
        return replace(poll, state=state)  # nobody was asked, so when to ask next stays as it was
    spread = crowd > CROWD and not feed.state.primed
    at = next_poll(
        now,
        feed.interval,
        hint=max(poll.asked, pace(state, feed.interval, now)),
        jitter=_share(feed.url, now) if spread else JITTER * _share(feed.url, now),
    )
    return replace(poll, state=replace(state, next_poll_at=open_hours(at, state.wishes)))


def failed(feed: Feed, error: FeedError, now: datetime) -> Poll:
    """Decide after a poll that brought nothing. Validators, hash and title stay: nothing was learnt about the feed."""
    state, failures = feed.state, feed.state.failures + 1
    fetched = error if isinstance(error, FetchError) else FetchError(feed.url, error.reason)
    status, asked = fetched.status, min(fetched.retry_after or timedelta(), MAX_RETRY_AFTER)
    # Told off without being told for how long: one step further back than after a mere failure.
    steps = failures + 1 if status == TOO_MANY_REQUESTS and not asked else failures
    missing_since = (state.missing_since or now) if status == NOT_FOUND else None
    final = _final(status, state, failures, missing_since, now)
    reason = f"{error.reason}; {final}" if final else error.reason
    jitter = JITTER * _share(feed.url, now)
    after = replace(
        doubted(state, failures, gone=status == GONE),
        next_poll_at=next_poll(
            now,
            feed.interval,
            failures=steps,
            hint=max(asked, min(pace(state, feed.interval, now), MAX_BACKOFF / (1.0 + JITTER))),
            jitter=jitter,
        ),
        last_poll_at=now,
        answered_at=now if fetched.reached else state.answered_at,
        missing_since=missing_since,
        failures=failures,
        error=reason,
        gone=bool(final),
    )
    rest = Rest(host=fetched.host, until=now + asked) if asked and status in BUSY and is_public(fetched.host) else None
    gone = PollStatus.GONE if final else PollStatus.FAILED
    return Poll(feed=feed, status=gone, state=after, error=reason, asked=asked, rest=rest)


def _final(
    status: int | None, state: FeedState, failures: int, missing_since: datetime | None, now: datetime
) -> str | None:
    """Why the feed is polled no more, in words; None: it is."""
    if status == GONE and state.address is None:
        return "it is polled no more"
    if failures < MIN_FAILURES:
        return None
    if missing_since and now - missing_since >= MISSING_FOR:
        return f"so it has been since {missing_since:%Y-%m-%d}, and it is polled no more"
    if state.last_success_at and now - state.last_success_at >= DEAD_FOR:
        return f"it last answered on {state.last_success_at:%Y-%m-%d}, and is polled no more"
    return None


def excused(feed: Feed, now: datetime) -> FeedState:
    """The state of a feed whose last poll failed while nobody at all could be reached: that poll does not count."""
    failures = max(feed.state.failures - 1, 0)
    at = next_poll(now, feed.interval, failures=failures, jitter=JITTER * _share(feed.url, now))
    return replace(feed.state, failures=failures, next_poll_at=at, error=OUR_NETWORK)


def is_public(host: str) -> bool:
    """A name in public DNS, as far as a name can tell: not an address, nor one of the names that are used at home."""
    name = host.partition(":")[0].rstrip(".")
    return "." in name and not host.startswith("[") and not name.endswith(PRIVATE_SUFFIXES) and not name[-1:].isdigit()


def notices(feed: Feed) -> list[str]:
    """What people should know of a feed besides its errors, and mend in their file; mostly nothing."""
    state = feed.state
    said = []
    if state.address:
        said.append(f"moved to {without_login(state.address)}: change it in monitor.yaml")
    elif state.moving_to and state.moving_since:
        said.append(f"redirects for good to {without_login(state.moving_to)} since {state.moving_since:%Y-%m-%d}")
    if state.wishes.moved_to and state.wishes.moved_to not in {feed.url, state.address}:
        said.append(f"says that it has moved to {without_login(state.wishes.moved_to)}")
    if state.floods >= FLOODS:
        said.append("its ids change at each poll: entries are told apart by title, link and date")
    return said


def next_poll(
    now: datetime, interval: timedelta, *, failures: int = 0, hint: timedelta | None = None, jitter: float = 0.0
) -> datetime:
    """Return the earliest time this feed may be polled again.

    now       aware UTC
    interval  the feed's own, > 0
    failures  failed polls in a row, >= 0; each doubles the wait, up to MAX_BACKOFF
    hint      how long the server wants to be left alone; it lengthens the wait and never shortens it
    jitter    0 to 1, as a share of the wait that is added to it

    Never before ``now + interval``.
    """
    doubled = interval * 2.0 ** min(failures, MAX_DOUBLINGS)
    wait = max(interval, min(doubled, MAX_BACKOFF / (1.0 + JITTER)), hint or interval)
    return now + wait * (1.0 + jitter)


def _validators_after(known: Validators, document: Document) -> Validators:
    """A 200 replaces the pair as a whole; a 304 may bring new ones and leaves the rest (RFC 9111 §4.3.4)."""
    brought: Mapping[str, str] = document.headers
    if document.body is not None:
        return replace(document.validators, last_modified=_believable(document.validators.last_modified, brought))
    return Validators(
        etag=brought.get("etag", known.etag),
        last_modified=_believable(brought.get("last-modified", known.last_modified), brought),
    )


def _believable(last_modified: str | None, headers: Mapping[str, str]) -> str | None:
    """Not one from the future, by the server's own clock: nothing would be newer than it (RFC 9110 §8.8.2.1)."""
    changed, sent = http_date(last_modified), http_date(headers.get("date"))
    return None if changed and sent and changed - sent > MAX_CLOCK_SKEW else last_modified


def _share(url: str, now: datetime) -> float:
    """Even over the feeds and over time, and the same in every run: 0 up to 1."""
    seed = hashlib.sha256(f"{url} {now.isoformat()}".encode("utf-8", "replace")).digest()
    return int.from_bytes(seed[:4], "big") / 2**32
