"""WebSub (W3C Recommendation of 2018-01-23): what to ask a hub, and what to believe of what it says. Pure.

A feed names its hub; we ask the hub to tell us of changes; it asks back whether we meant it; from then on it pushes
each change, signed, until the lease ends. A hub that fails us costs nothing: the feed is polled as before.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain import Document, Entry, Feed, FeedState, ParsedFeed, Subscription, SubscriptionState
from monitor.feeds.links import absolute_url
from monitor.feeds.polling import Poll, PollStatus
from monitor.feeds.text import clean_text

#: What we ask for. Hubs grant what they like: Google's took ten days at most, others a month.
LEASE = timedelta(days=10)
#: A longer grant is renewed as if it were this, so that a hub that lost us is noticed within a month.
MAX_LEASE = timedelta(days=30)
#: Renewed once this share of the lease is over: a third is left for hubs that are down.
RENEW_AT = 2 / 3
MIN_RENEWAL = timedelta(minutes=1)
#: After a request that was not confirmed: doubled each time, so that a dead hub is asked once a day.
FIRST_RETRY = timedelta(minutes=15)
MAX_RETRY = timedelta(days=1)
#: After a denial, or a change that was not pushed.
REST = timedelta(days=7)
#: A push may be this much later than the entry's own date: hubs fetch the feed before they push.
GRACE = timedelta(minutes=15)
#: A hub that never confirms the end is left alone after this many requests.
MAX_GOODBYES = 3
#: Hubs send 20 to 64 characters; it is echoed, so it is kept short.
CHALLENGE_CHARS = 512
#: Of §5.1.2. SHA-1 is among them: its collisions do not help to forge an HMAC, and the large hubs sign with it.
METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}

#: ``<address>; parameters`` of a Link header (RFC 8288 §3).
_LINK = re.compile(r"<([^<>]{0,2048})>([^<>]{0,1024})")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


def hub_of(document: Document, parsed: ParsedFeed) -> tuple[str, str] | None:
    """The hub that an answer names and the topic to ask it for; None when it names no hub.

    The Link header counts before the document (§4). Without a rel=self the address that answered is the topic.
    """
    links = link_header(document.headers.get("link", ""), document.url)
    hub = links.get("hub") or parsed.hub
    topic = links.get("self") or parsed.self_url or document.url
    return (hub, topic) if hub else None


def link_header(value: str, base: str) -> dict[str, str]:
    """The first absolute http(s) address of each relation that a Link header names."""
    found: dict[str, str] = {}
    for address, parameters in _LINK.findall(value):
        rel = _REL.search(parameters)
        url = absolute_url(address, base)
        for name in (rel[1] or rel[2] or "").lower().split() if rel and url else ():
            found.setdefault(name, str(url))
    return found


# --- What we want -----------------------------------------------------------------------------------------------------


def after_poll(
    known: Subscription | None,
    poll: Poll,
    fresh: Iterable[Entry],
    now: datetime,
    *,
    token: str,
    secret: str,
) -> Subscription | None:
    """The subscription that a feed should have after a poll that read a document; None: none.

    known   what it has
    fresh   the entries that this poll brought and nobody had pushed
    token   and ``secret``: unguessable, for a new subscription
    """
    if poll.hub is None:
        return ending(known, "the feed names no hub any more", now) if known else None
    hub, topic = poll.hub
    if known is None or (known.hub, known.topic) != poll.hub or known.state is SubscriptionState.ENDING:
        return Subscription(
            feed_url=poll.feed.url, hub=hub, topic=topic, token=token, secret=secret, next_request_at=now
        )
    if known.is_active(now) and _missed(known, fresh, poll.feed.state.last_poll_at, now):
        return _refused(known, "a poll found what the hub had not pushed", now)
    return known


def _missed(known: Subscription, fresh: Iterable[Entry], last_poll_at: datetime | None, now: datetime) -> bool:
    """True if one of these should have been pushed: it appeared while the subscription stood, and not just now.

    An entry without a date appeared after the poll before this one.
    """
    since = known.active_since
    if since is None:
        return False
    settled = last_poll_at is not None and since <= last_poll_at
    return any(since <= entry.published <= now - GRACE if entry.published else settled for entry in fresh)


def ending(known: Subscription, reason: str, now: datetime) -> Subscription:
    if known.state is SubscriptionState.ENDING:
        return known
    state = SubscriptionState.ENDING
    return replace(known, state=state, asking=None, next_request_at=now, failures=0, reason=reason)


def _refused(known: Subscription, reason: str, now: datetime) -> Subscription:
    """Relied upon no more, and asked for again after REST. What is pushed all the same is welcome."""
    return replace(
        known, state=SubscriptionState.REFUSED, asking=None, next_request_at=now + REST, failures=0, reason=reason
    )


def rested(state: FeedState, subscription: Subscription | None, every: timedelta, now: datetime) -> FeedState:
    """The state after a poll: while the hub pushes, the next poll is a mere check. Never later than the lease lasts.

    every  ``polling.pushed_interval``
    """
    if subscription is None or not subscription.is_active(now) or state.next_poll_at is None:
        return state
    assert subscription.lease_ends_at is not None
    check = min(now + every, subscription.lease_ends_at)
    return replace(state, next_poll_at=max(state.next_poll_at, check))


# --- Asking the hub (§5.1) --------------------------------------------------------------------------------------------


def asked(known: Subscription, now: datetime) -> Subscription | None:
    """The subscription as its hub is about to be asked; None: the hub does not confirm the end, forget it.

    Until it is confirmed the request counts as failed, and another one is planned: nothing else has to notice a hub
    that never answers.
    """
    over = known.state is SubscriptionState.ENDING
    if over and known.failures >= MAX_GOODBYES:
        return None
    wait = min(FIRST_RETRY * 2.0 ** min(known.failures, 10), MAX_RETRY)
    return replace(
        known,
        state=SubscriptionState.ASKED if known.state is SubscriptionState.REFUSED else known.state,
        asking="unsubscribe" if over else "subscribe",
        next_request_at=now + wait,
        failures=known.failures + 1,
    )


def request_form(subscription: Subscription, callback: str) -> dict[str, str]:
    """The fields to post. The secret goes along even to a hub on plain http: without it no push could be judged."""
    form = {"hub.callback": callback, "hub.mode": subscription.asking or "", "hub.topic": subscription.topic}
    if subscription.asking == "subscribe":
        form |= {"hub.secret": subscription.secret, "hub.lease_seconds": f"{LEASE.total_seconds():.0f}"}
    return form


def unanswered(known: Subscription, reason: str, retry_after: timedelta | None, now: datetime) -> Subscription:
    """After a request that the hub did not take: the next one is planned already, a wait it asked for lengthens it."""
    later = now + min(retry_after or timedelta(), REST)
    planned = known.next_request_at
    return replace(known, reason=reason, next_request_at=max(planned, later) if planned else later)


# --- What the hub says (§5.2, §5.3) -----------------------------------------------------------------------------------


def confirmed(known: Subscription, question: Mapping[str, str], now: datetime) -> Subscription | None:
    """The subscription after a verification of intent, to be answered with its challenge; None: that was not asked for.

    question  the query of the hub's GET: ``hub.mode``, ``hub.topic``, ``hub.challenge``, ``hub.lease_seconds``

    A hub that asks twice, as its first answer was lost, is told the same twice.
    """
    challenge = question.get("hub.challenge", "")
    if not known.asking or question.get("hub.mode") != known.asking or question.get("hub.topic") != known.topic:
        return None
    if not 0 < len(challenge) <= CHALLENGE_CHARS:
        return None
    if known.asking == "unsubscribe":
        return known
    lease = _lease(question.get("hub.lease_seconds", ""))
    return replace(
        known,
        state=SubscriptionState.ACTIVE,
        next_request_at=now + max(lease * RENEW_AT, MIN_RENEWAL),
        failures=0,
        active_since=known.active_since if known.is_active(now) else now,
        lease_ends_at=now + lease,
        reason=None,
    )


def _lease(seconds: str) -> timedelta:
    """What was granted; hubs older than the Recommendation do not say, and then it is what we asked for."""
    if not (seconds.isascii() and seconds.isdigit()):
        return LEASE
    return min(timedelta(seconds=int(seconds[:12])), MAX_LEASE) or LEASE


def denied(known: Subscription, question: Mapping[str, str], now: datetime) -> Subscription | None:
    """The subscription after ``hub.mode=denied``; None: it speaks of another topic, or of one that we are leaving."""
    if question.get("hub.topic") != known.topic or known.state is SubscriptionState.ENDING:
        return None
    said = clean_text(question.get("hub.reason", ""), 200)
    return _refused(known, f"the hub refuses{f': {said}' if said else ''}", now)


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Whether ``X-Hub-Signature`` (``method=hex``) is the HMAC of this body by our secret."""
    method, _, given = signature.strip().partition("=")
    digest = METHODS.get(method.lower())
    if digest is None:
        return False
    expected = hmac.new(secret.encode(), body, digest).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))


def pushed(feed: Feed, parsed: ParsedFeed) -> Poll:
    """A push as the pipeline takes it in. What polls learnt stays, and when the next one is: it checks the hub."""
    return Poll(feed=feed, status=PollStatus.PUSHED, state=feed.state, entries=parsed.entries)
