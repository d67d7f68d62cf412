"""What tells an entry from the others of its feed, from one poll to the next. Pure.

A guid counts if there is one, else the link, else title and date; each in a form that survives what publishers change
without meaning it (http for https, campaign parameters). Where that names several entries of one document, none of them
keeps it: each is known by its link as well, then its title, then its date. "The first keeps it" would not do, as the
first is another one after every new entry.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from monitor.domain import Entry
from monitor.feeds.links import canonical_url, is_web_url

#: Longer ones are hashed: an identity is a database key.
MAX_CHARS = 500


def identified(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give each entry its identity. What is the same entry twice is kept once, where it stood first."""
    listed = list(entries)
    keys = [first_key(entry) for entry in listed]
    for part in (_link, _title, _date):
        keys = _refined(keys, listed, part)
    kept: dict[str, Entry] = {}
    for key, entry in zip(keys, listed, strict=True):
        kept.setdefault(key, replace(entry, identity=key))
    return tuple(kept.values())


def first_key(entry: Entry) -> str:
    if entry.guid:
        key = canonical_url(entry.guid) if is_web_url(entry.guid) else entry.guid
    elif entry.url:
        key = canonical_url(entry.url)
    else:
        return digest(entry.title, _date(entry) or entry.summary)
    return key if len(key) <= MAX_CHARS else digest(key)


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _refined(keys: Sequence[str], entries: Sequence[Entry], part: Callable[[Entry], str]) -> list[str]:
    """Where entries of one key differ in this part, make it part of their keys."""
    if len(set(keys)) == len(keys):  # as in most documents
        return list(keys)
    parts: dict[str, set[str]] = defaultdict(set)
    for key, entry in zip(keys, entries, strict=True):
        parts[key].add(part(entry))
    return [key if len(parts[key]) == 1 else digest(key, part(entry)) for key, entry in zip(keys, entries, strict=True)]


def _link(entry: Entry) -> str:
    return canonical_url(entry.url) if entry.url else ""


def _title(entry: Entry) -> str:
    return entry.title


def _date(entry: Entry) -> str:
    return entry.published.isoformat() if entry.published else ""
