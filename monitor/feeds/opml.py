"""Lists of feeds as other readers write and want them: OPML 2.0 (opml.org/spec2.opml). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from monitor.domain import without_login
from monitor.feeds.links import absolute_url
from monitor.feeds.text import NAME_CHARS, clean_text

#: A list of 10,000 feeds has 2 MB.
MAX_BYTES = 16 * 1024 * 1024
MAX_OUTLINES = 50_000
TAG_CHARS = 60
#: What an outline says that is taken over, or that follows from it.
USED = frozenset({"xmlurl", "text", "title", "category", "type"})


class NotOpmlError(ValueError):
    """The file is no OPML; the message says what it is instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """One feed of a list."""

    url: str
    #: Empty when the list says nothing but the address.
    title: str = ""
    #: The folders it lies in, outermost first, then its categories.
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a file lists, and what of it was not taken over."""

    feeds: tuple[Subscribed, ...] = ()
    #: A sentence for each thing left out: duplicates, outlines that are no feeds, attributes we have no place for.
    left_out: tuple[str, ...] = ()


def read_opml(data: bytes) -> Listing:
    """Read a list; folders become tags, however deep. Raises NotOpmlError.

    Broken XML is read as far as it makes sense, with a word about it. Neither entities of its own nor other files are
    read, and lxml ends at 256 levels.
    """
    if len(data) > MAX_BYTES:
        raise NotOpmlError(f"it is larger than {MAX_BYTES:,} bytes")
    root, remarks = _parse(data)
    body = root.find("{*}body")
    if not _is(root, "opml") or body is None:
        raise NotOpmlError(f"it is no OPML: it begins with <{clean_text(str(root.tag), 40)}>")
    feeds: dict[str, Subscribed] = {}
    other: Counter[str] = Counter()
    for count, outline in enumerate(body.iter("{*}outline")):
        if count >= MAX_OUTLINES:
            remarks.append(f"everything after the first {MAX_OUTLINES:,} outlines")
            break
        _take(outline, feeds, remarks, other)
    if other:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(other.items()))
        remarks.append(f"attributes that have no place here: {named}")
    return Listing(feeds=tuple(feeds.values()), left_out=tuple(remarks))


def _parse(data: bytes) -> tuple[etree._Element, list[str]]:
    for recover in (False, True):
        parser = etree.XMLParser(
            recover=recover,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None:
            return root, ["what the broken XML does not show: some outlines may be missing"] if recover else []
    raise NotOpmlError("it is no XML")


def _is(element: etree._Element, name: str) -> bool:
    return etree.QName(element).localname.lower() == name


def _take(outline: etree._Element, feeds: dict[str, Subscribed], remarks: list[str], other: Counter[str]) -> None:
    """One outline: a feed, a folder, or something else that is told of."""
    said = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
    label = clean_text(said.get("title", "") or said.get("text", ""), NAME_CHARS)
    address = said.get("xmlurl", "").strip()
    if not address:
        if len(outline) == 0:
            kind = clean_text(said.get("type", ""), 20)
            remarks.append(
                f"{label or 'an outline without a name'}: no feed" + (f", but of type {kind}" if kind else "")
            )
        return
    url = absolute_url(address, "") if "://" in address else None
    if url is None:
        shown = clean_text(without_login(address), NAME_CHARS)
        remarks.append(f"{label or shown}: {shown} is no web address")
        return
    other.update(name for name in said if name not in USED)
    tags = tuple(dict.fromkeys((*_folders(outline), *_categories(said.get("category", "")))))
    if url in feeds:
        first = feeds[url]
        more = tuple(tag for tag in tags if tag not in first.tags)
        feeds[url] = Subscribed(url=url, title=first.title, tags=(*first.tags, *more))
        joined = f"; its folders are joined: {', '.join(more)}" if more else ""
        remarks.append(f"{label or without_login(url)}: listed twice{joined}")
        return
    feeds[url] = Subscribed(url=url, title="" if label in {url, address} else label, tags=tags)


def _folders(outline: etree._Element) -> Iterable[str]:
    """The names of the outlines around it, outermost first."""
    around = [parent for parent in outline.iterancestors("{*}outline") if not parent.get("xmlUrl")]
    names = [clean_text(parent.get("text") or parent.get("title") or "", TAG_CHARS) for parent in reversed(around)]
    return [name for name in names if name]


def _categories(category: str) -> Iterable[str]:
    """``/Boston/Weather,news``: strings with commas between, a slash where one lies in another."""
    names = [clean_text(name, TAG_CHARS) for path in category.split(",") for name in path.split("/")]
    return [name for name in names if name]


def write_opml(feeds: Sequence[Subscribed], title: str, now: datetime) -> bytes:
    """A list in OPML 2.0: a folder for each first tag, and all tags of a feed in its ``category``.

    ``read_opml`` reads back the same feeds; only a comma or a slash in a tag makes two of it.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        place = body
        if feed.tags:
            first = clean_text(feed.tags[0], TAG_CHARS)
            if first not in folders:
                folders[first] = etree.SubElement(body, "outline", text=first)
            place = folders[first]
        name = clean_text(feed.title, NAME_CHARS) or feed.url
        outline = etree.SubElement(place, "outline", type="rss", text=name, title=name, xmlUrl=feed.url)
        if feed.tags:
            outline.set("category", ",".join(clean_text(tag, TAG_CHARS) for tag in feed.tags))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
