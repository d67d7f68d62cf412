"""What an entry adds to what its event has told already, with the new fact pointed at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from operator import eq
from typing import TypeVar

from monitor.domain import Entry, Novelty
from monitor.stories.board import Kept
from monitor.stories.keys import Key
from monitor.stories.origins import names_outlet, origin
from monitor.stories.similarity import copies, cosine, features, same_title
from monitor.stories.vocabulary import fold

T = TypeVar("T")

#: "$14 billion" and "$14.3 billion" are one figure, rounded; reports of one event differ by that much.
ROUNDED = 0.05
#: Facts named in a reason.
SHOWN_FACTS = 3
#: Least likeness (cosine of the words) of two titles under one link. Headlines that an aggregator shortened or reworded
#: kept 0.5 to 0.75; two of one site that only shared its subject had 0.2 to 0.3.
AKIN = 0.4


def judge_novelty(entry: Entry, earlier: Sequence[Kept]) -> tuple[Novelty, str]:
    """Grade an entry against the earlier reports of its event (none: it opens one), and say why in words.

    A new fact is a number, a month, a version, a quoted or full name, or a kind of happening in the title that no
    earlier report has. An origin is new when no earlier report goes back to it.
    """
    if not earlier:
        return Novelty.FIRST, "first report"
    copied = copy_of(entry, earlier)
    if copied:
        return Novelty.DUPLICATE, f"the same text as in {copied.entry.source or 'an earlier report'}"
    facts = list(dict.fromkeys(_new_facts(features(entry.title, entry.summary).key, earlier)))
    if facts:
        more = f" and {len(facts) - SHOWN_FACTS} more" if len(facts) > SHOWN_FACTS else ""
        return Novelty.NEW_FACT, f"new: {', '.join(facts[:SHOWN_FACTS])}{more}"
    source = origin(entry)
    if fold(source) not in {fold(kept.origin) for kept in earlier}:
        return Novelty.CORROBORATES, f"also from {source}"
    return Novelty.REHASH, f"nothing new, from {source} again"


def copy_of(entry: Entry, earlier: Sequence[Kept]) -> Kept | None:
    """The report of which this is a copy: the same text, or the same title or link in another feed."""
    text = features(entry.title, entry.summary)
    return next((kept for kept in earlier if reposts(entry, kept.entry) or copies(text, kept.features)), None)


def follows(entry: Entry, earlier: Entry) -> bool:
    """True if the entry tells what the other tells, in the same or nearly the same words."""
    text, other = features(entry.title, entry.summary), features(earlier.title, earlier.summary)
    return reposts(entry, earlier) or copies(text, other) or akin(entry.title, earlier.title)


def reposts(entry: Entry, earlier: Entry) -> bool:
    """True if two feeds have one title, or one link under titles that may tell the same.

    Within a feed only the texts themselves can prove it: a title may be furniture, and the entries of a live blog, or
    of a feed whose links lead to the home page, all have one link.
    """
    one_feed, one_link = entry.feed_url == earlier.feed_url, bool(entry.url) and entry.url == earlier.url
    if one_feed and not one_link:
        return False
    text, other = features(entry.title, entry.summary), features(earlier.title, earlier.summary)
    if one_feed:
        return copies(text, other)
    return same_title(text, other) or (one_link and akin(entry.title, earlier.title))


def akin(one: str, other: str) -> bool:
    """False if two titles are clearly different: in kind of happening, version or number, or in most of their words."""
    ours, theirs = features(one, ""), features(other, "")
    return cosine(ours.terms, theirs.terms) >= AKIN and not (
        _clash(ours.key.title_kinds, theirs.key.title_kinds)
        or _clash(ours.key.versions, theirs.key.versions)
        or _clash(ours.key.numbers, theirs.key.numbers, same=_same_number)
    )


def _clash(ours: Collection[T], theirs: Collection[T], *, same: Callable[[T, T], bool] = eq) -> bool:
    """True if both name some, and none in common."""
    return bool(ours and theirs) and not any(same(one, other) for one in ours for other in theirs)


def _new_facts(key: Key, earlier: Sequence[Kept]) -> Iterator[str]:
    """In words as the entry has them.

    A name is known by its last word: "Alexandr Wang" is no news after "Wang". Who reported it is no fact of it.
    """
    known = [kept.features for kept in earlier]
    numbers = {number for text in known for number in text.key.numbers}
    yield from (said for number, said in key.numbers.items() if not any(_same_number(number, old) for old in numbers))
    months = {month for text in known for month in text.key.months}
    yield from (said for month, said in key.months.items() if month not in months)
    yield from (
        f"“{said}”"
        for name, said in key.names.items()
        if not names_outlet(name) and not any(name.split()[-1] in text.folded for text in known)
    )
    kinds = {kind for text in known for kind in text.key.kinds}
    yield from sorted(key.title_kinds - kinds)


def _same_number(one: str, other: str) -> bool:
    if one.endswith("%") != other.endswith("%"):
        return False
    first, second = float(one.rstrip("%")), float(other.rstrip("%"))
    return abs(first - second) <= ROUNDED * max(first, second)
