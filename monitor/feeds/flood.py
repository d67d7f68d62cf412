"""Entries that come back under a new name: a feed whose guids change at each fetch must not be told anew each time.

Identity is the guid, and a feed is believed: a weekly "Open thread" is a new entry each week. Only when most of what
seems new in a poll has a known face (the same title with the same link or the same date) is that poll not believed;
after FLOODS such polls in a row the feed is not believed any more, and its faces decide. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from monitor.domain import Entry

#: A server's mishap gives one such poll, a change of software at most two: those go back to normal by themselves.
FLOODS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """What is new after a closer look."""

    new: tuple[Entry, ...]
    #: For the feed's state: FLOODS and above means that its identities are believed no more.
    floods: int


def sift(fresh: Sequence[Entry], familiar: Collection[str], floods: int) -> Sifted:
    """Tell the new from those that come back.

    fresh     entries with identities that the feed had not shown before
    familiar  identities of those among them whose faces are known
    floods    as stored with the feed
    """
    unfamiliar = tuple(entry for entry in fresh if entry.identity not in familiar)
    if floods >= FLOODS:
        return Sifted(new=unfamiliar, floods=floods)
    if len(fresh) > 2 * len(unfamiliar):
        return Sifted(new=unfamiliar, floods=floods + 1)
    return Sifted(new=tuple(fresh), floods=0 if fresh else floods)
