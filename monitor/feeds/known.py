"""Entries that stood in a feed's last document already, left out of this one before it is parsed. Pure.

feedparser takes a third of a millisecond for an entry, and of a feed that changed, one entry in thirty is new. So each
entry leaves a mark: a hash of its own XML and of what it inherits. What comes again with its mark is taken out of the
document, and feedparser reads the rest. That yields what the whole document would, less the entries taken out, or it is
not done: an entry leaves a mark only if its identity is its own whatever stands beside it (see ``identity``), and the
document is read whole after all if an entry that stayed shares its key with one taken out, or if the feed's title,
language or authors, which entries inherit, are others.

The marks of a document are bytes: MARK_BYTES for the context, then a mark and the hash of a key for each entry.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from monitor.domain import Entry, ParsedFeed
from monitor.feeds.identity import first_key
from monitor.feeds.raw import RawEntry

#: Two of 10,000 entries share a mark by chance once in 10^11 documents.
MARK_BYTES = 8
#: 32 kB of marks; a feed that is longer is read whole each time it changes.
MAX_ENTRIES = 2_000
#: As feedparser has it: what these are called in any namespace is an entry.
ENTRY_TAGS = ("item", "entry")

Marks = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A well-formed document taken apart."""

    root: Any
    #: The elements of its entries, in the order of the document; none stands within another.
    entries: tuple[Any, ...]
    #: One for each entry.
    marks: tuple[bytes, ...]


def outline(xml: str, base: str) -> Outline | None:
    """Take a document apart; None if it is not well-formed, or too long or too odd to be cut.

    xml   as ``xmltext.repair`` leaves it
    base  where it came from: relative links are relative to it
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(xml.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    found = tuple(element for element in root.iter("{*}*") if _name(element) in ENTRY_TAGS and element is not root)
    inside = any(_name(above) in ENTRY_TAGS for element in found for above in element.iterancestors())
    if inside or not 0 < len(found) <= MAX_ENTRIES:
        return None
    context: dict[Any, bytes] = {}
    for element in found:
        parent = element.getparent()
        if parent not in context:
            context[parent] = _inherited(parent, base)
    marks = tuple(mark(context[element.getparent()], _bytes(element)) for element in found)
    return Outline(root=root, entries=found, marks=marks)


def without(document: Outline, marks: bytes) -> str | None:
    """The document without the entries that left these marks; None if it has none of them. Takes it apart for good."""
    known = unpacked(marks)
    cut = [element for element, own in zip(document.entries, document.marks, strict=True) if own in known]
    if not cut:
        return None
    for element in cut:
        parent, before, tail = element.getparent(), element.getprevious(), element.tail or ""
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
        parent.remove(element)
    text: str = etree.tostring(document.root, encoding="unicode")
    return text


def marks_of(entries: Iterable[RawEntry], base: str) -> tuple[bytes, ...]:
    """The same for entries that cost little to read, as those of JSON Feed: by what they say."""
    return tuple(mark(base.encode("utf-8", "replace"), repr(entry).encode("utf-8", "replace")) for entry in entries)


def rest_of(document: Sequence[bytes], rest: ParsedFeed, marks: bytes) -> ParsedFeed | None:
    """Judge what was read of a document that some entries had been taken out of: None, read it whole.

    document  the marks of all its entries, as they stood
    rest      what the others gave
    marks     of the last document
    """
    known = unpacked(marks)
    fresh = [own for own in document if own not in known]
    old = {own: known[own] for own in document if own in known}
    if len(fresh) != len(rest.entries) or marks[:MARK_BYTES] != context_of(rest):
        return None
    keys = [key_of(entry) for entry in rest.entries]
    if not set(old.values()).isdisjoint(keys):
        return None
    return replace(rest, marks=packed(rest, old | alone(fresh, keys)))


def marked(document: Sequence[bytes], parsed: ParsedFeed) -> ParsedFeed:
    """A document that was read whole, with the marks that its entries leave.

    None are left if entries and elements are not one for one: some were taken for shells or repeats.
    """
    if len(document) != len(parsed.entries):
        return parsed
    return replace(parsed, marks=packed(parsed, alone(document, map(key_of, parsed.entries))))


def alone(own: Sequence[bytes], keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Marks and keys of the entries whose key no other one has."""
    pairs = list(zip(own, keys, strict=True))
    times = Counter(key for _, key in pairs)
    return {one: key for one, key in pairs if times[key] == 1}


# --- Marks and bytes --------------------------------------------------------------------------------------------------


def mark(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=MARK_BYTES).digest()


def key_of(entry: Entry) -> bytes:
    return mark(first_key(entry).encode("utf-8", "replace"))


def context_of(feed: ParsedFeed) -> bytes:
    """What an entry without a source, a language or authors of its own has from its feed."""
    inherited = (feed.title, feed.lang or "", *feed.authors)
    return mark(*(text.encode("utf-8", "replace") for text in inherited))


def packed(feed: ParsedFeed, marks: Marks) -> bytes:
    return context_of(feed) + b"".join(own + key for own, key in marks.items()) if marks else b""


def unpacked(marks: bytes) -> Marks:
    pair = 2 * MARK_BYTES
    pairs = (marks[at : at + pair] for at in range(MARK_BYTES, len(marks), pair))
    return {one[:MARK_BYTES]: one[MARK_BYTES:] for one in pairs}


# --- Elements ---------------------------------------------------------------------------------------------------------


def _name(element: Any) -> str:
    """Local name in lower case."""
    return str(element.tag).rpartition("}")[2].lower()


def _bytes(element: Any) -> bytes:
    """Its XML with the namespaces that it inherits."""
    written: bytes = etree.tostring(element, encoding="utf-8", with_tail=False)
    return written


def _inherited(parent: Any, base: str) -> bytes:
    """What entries get from the elements around them: xml:base, xml:lang, the kind of feed; and from its address."""
    return "\n".join([base, *_around(parent)]).encode("utf-8", "replace")


def _around(element: Any) -> Iterator[str]:
    for above in (element, *element.iterancestors()):
        yield f"{above.tag} {sorted(above.items())}"
