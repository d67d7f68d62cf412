"""What a poll means for its feed: the state to keep, the entries it brought, and when to ask again. Pure.

A poll is fetch -> ``Parser.read`` -> ``succeeded`` or ``failed``. The rules for asking are those of a good guest: see
"Feed Reader Behavior" by Rachel Kroll (rachelbythebay.com/fs).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain import Document, Entry, Feed, FeedState, ParsedFeed, Validators
from monitor.errors import FeedError, FetchError
from monitor.feeds.freshness import fresh_for

#: Failures double the wait up to here, so that a feed that comes back is seen within a day.
MAX_BACKOFF = timedelta(hours=24)
#: Of one second they make more than a day.
MAX_DOUBLINGS = 17
#: Cache lifetimes and ttl are set by programs that know nothing of the feed: a busy one was seen with 16 years.
MAX_FRESHNESS = timedelta(hours=24)
#: Retry-After is said to us in particular; beyond a week it is a mistake.
MAX_RETRY_AFTER = timedelta(days=7)
#: Up to this share is added to each wait, so that feeds added together drift apart.
JITTER = 0.1

GONE = 410
TOO_MANY_REQUESTS = 429


class PollStatus(StrEnum):
    OK = "ok"  # a document was read
    NOT_MODIFIED = "not-modified"  # 304
    SAME = "same"  # a document, byte for byte the last one
    FAILED = "failed"
    GONE = "gone"  # 410: the feed is polled no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One try at a feed, and what came of it."""

    feed: Feed
    status: PollStatus
    #: To be stored, in one transaction with the entries.
    state: FeedState
    #: What the document holds, known ones among them; empty when nothing changed.
    entries: tuple[Entry, ...] = ()
    #: Why it failed, in words.
    error: str | None = None


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def succeeded(feed: Feed, document: Document, parsed: ParsedFeed | None, now: datetime) -> Poll:
    """Decide after an answer that could be used.

    parsed  None if there was nothing to parse: a 304, or the bytes of last time
    now     aware UTC
    """
    unmodified = document.body is None
    hints = [fresh_for(document.headers, now)]
    if parsed and parsed.ttl_minutes:
        hints.append(timedelta(minutes=parsed.ttl_minutes))
    hint = min(max((hint for hint in hints if hint), default=timedelta()), MAX_FRESHNESS)
    state = replace(
        feed.state,
        validators=_validators_after(feed.state.validators, document),
        body_hash=feed.state.body_hash if document.body is None else body_hash(document.body),
        title=(parsed.title if parsed else "") or feed.state.title,
        site_url=(parsed.site_url if parsed else None) or feed.state.site_url,
        primed=True,
        next_poll_at=next_poll(now, feed.interval, hint=hint, jitter=_jitter(feed.url, now)),
        last_poll_at=now,
        last_success_at=now,
        failures=0,
        error=None,
    )
    if parsed is None:
        return Poll(feed=feed, status=PollStatus.NOT_MODIFIED if unmodified else PollStatus.SAME, state=state)
    return Poll(feed=feed, status=PollStatus.OK, state=state, entries=parsed.entries)


def failed(feed: Feed, error: FeedError, now: datetime) -> Poll:
    """Decide after a poll that brought nothing. Validators, hash and title stay: nothing was learnt about the feed."""
    status = error.status if isinstance(error, FetchError) else None
    asked = error.retry_after if isinstance(error, FetchError) else None
    failures = feed.state.failures + 1
    # Told off without being told for how long: one step further back than after a mere failure.
    steps = failures + 1 if status == TOO_MANY_REQUESTS and asked is None else failures
    gone = status == GONE
    state = replace(
        feed.state,
        next_poll_at=next_poll(
            now,
            feed.interval,
            failures=steps,
            hint=min(asked, MAX_RETRY_AFTER) if asked else None,
            jitter=_jitter(feed.url, now),
        ),
        last_poll_at=now,
        failures=failures,
        error=error.reason,
        gone=gone,
    )
    return Poll(feed=feed, status=PollStatus.GONE if gone else PollStatus.FAILED, state=state, error=error.reason)


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
    wait = max(interval, min(doubled, MAX_BACKOFF), hint or interval)
    return now + wait * (1.0 + jitter)


def _validators_after(known: Validators, document: Document) -> Validators:
    """A 200 replaces the pair as a whole; a 304 may bring new ones and leaves the rest (RFC 9111 §4.3.4)."""
    if document.body is not None:
        return document.validators
    brought: Mapping[str, str] = document.headers
    return Validators(
        etag=brought.get("etag", known.etag), last_modified=brought.get("last-modified", known.last_modified)
    )


def _jitter(url: str, now: datetime) -> float:
    """Even over the feeds and over time, and the same in every run: 0 up to JITTER."""
    seed = hashlib.sha256(f"{url} {now.isoformat()}".encode("utf-8", "replace")).digest()
    return JITTER * int.from_bytes(seed[:4], "big") / 2**32
