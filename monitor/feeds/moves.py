"""Feeds that move: where a permanent redirect is believed, and where it is not any more. Pure.

A captive portal, a parked domain and a login page say 301 as well, so a move is adopted only when it has led to this
feed for a week. The configured address stays the feed's key; only where it is asked changes, and people are told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain import Document, Feed, FeedState, Validators

#: Immediate rewrites destroyed whole libraries of readers behind captive portals; those are over within days.
PROVEN_AFTER = timedelta(days=7)
#: Failures in a row at the new address after which the configured one is asked again.
DOUBTED_AFTER = 3


def moved(feed: Feed, document: Document, now: datetime) -> FeedState:
    """The state after an answer that was a feed: a move begins, goes on, is adopted or is over."""
    if not document.moved:
        return replace(feed.state, hops=document.hops, moving_to=None, moving_since=None)
    state = replace(feed.state, hops=document.hops)
    if document.url != state.moving_to or state.moving_since is None:
        return replace(state, moving_to=document.url, moving_since=now)
    if now - state.moving_since < PROVEN_AFTER:
        return state
    return replace(state, address=document.url, hops=0, moving_to=None, moving_since=None)


def doubted(state: FeedState, failures: int, *, gone: bool) -> FeedState:
    """The state after a failure: one that does not pass, or a 410, leads back to the configured address."""
    if state.address is None or not (gone or failures >= DOUBTED_AFTER):
        return state
    # What the other page gave says nothing of this one.
    return replace(state, address=None, hops=0, validators=Validators(), body_hash=None, marks=b"")
