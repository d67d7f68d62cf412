"""Two documents of a feed, one after the other: what is left out of the second, and when nothing may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain import Document, Entry, ParsedFeed
from monitor.feeds.known import MAX_ENTRIES, outline, without
from monitor.feeds.parse import read
from monitor.feeds.xmltext import repair

DATA = Path(__file__).parent / "data"
URL = "https://wire.test/feed"
#: rss.xml is not well-formed for the one sign that is mended here.
DOCUMENTS = {path.name: path.read_bytes().replace(b"x<y", b"x&lt;y") for path in sorted(DATA.iterdir())}


def read_text(text: str | bytes, marks: bytes = b"", url: str = URL) -> ParsedFeed:
    body = text if isinstance(text, bytes) else text.encode()
    return read(Document(url=url, status=200, body=body), URL, marks)


def item(name: str, *, guid: str | None = None, link: str | None = None, says: str = "Something happened.") -> str:
    return (
        f"<item><title>Title {name}</title><guid isPermaLink='false'>{guid or name}</guid>"
        f"<link>{link or f'https://wire.test/{name}'}</link><description>{says} &amp; more</description></item>"
    )


def rss(*items: str, title: str = "Wire", head: str = "", around: str = "") -> str:
    return f"<rss version='2.0'{around}><channel><title>{title}</title>{head}{' '.join(items)}</channel></rss>"


def by(author: str) -> str:
    entry = "<entry><id>a</id><title>Title a</title></entry>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><author><name>{author}</name></author>{entry}</feed>"


def titles(feed: ParsedFeed) -> list[str]:
    return [entry.title for entry in feed.entries]


def by_identity(feed: ParsedFeed) -> dict[str, Entry]:
    return {entry.identity: entry for entry in feed.entries}


# --- What is left out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_same_entries_come_to_nothing_and_the_feed_says_the_same_of_itself(body: bytes) -> None:
    whole = read_text(body)
    again = read_text(body, whole.marks)
    assert whole.marks
    assert again == replace(whole, entries=())


@pytest.mark.parametrize("body", DOCUMENTS.values(), ids=DOCUMENTS)
def test_each_entry_that_is_new_is_read_as_in_the_whole_document(body: bytes) -> None:
    whole = read_text(body)
    context, pairs = whole.marks[:8], [whole.marks[at : at + 16] for at in range(8, len(whole.marks), 16)]
    assert len(pairs) == len(whole.entries)
    for new, entry in enumerate(whole.entries):
        rest = read_text(body, context + b"".join(pairs[:new] + pairs[new + 1 :]))
        assert rest.entries == (entry,)
        assert sorted(rest.marks) == sorted(whole.marks)


def test_new_and_edited_entries_are_found_and_the_others_left_out() -> None:
    first = read_text(rss(item("a"), item("b"), item("c")))
    second = read_text(rss(item("d"), item("a"), item("b", says="It was denied."), item("c")), first.marks)
    assert titles(second) == ["Title d", "Title b"]
    assert by_identity(second)["b"].summary == "It was denied. & more"
    third = read_text(rss(item("d"), item("a"), item("b", says="It was denied."), item("c")), second.marks)
    assert third.entries == ()


def test_what_changes_around_the_entries_makes_none_of_them_new() -> None:
    first = read_text(rss(item("a"), item("b"), head="<lastBuildDate>Mon, 2 Mar 2026 08:00:00 GMT</lastBuildDate>"))
    later = rss(item("a"), item("b"), head="<lastBuildDate>Mon, 2 Mar 2026 09:00:00 GMT</lastBuildDate><ttl>90</ttl>")
    second = read_text(later, first.marks)
    assert (second.entries, second.ttl_minutes) == ((), 90)


def test_an_entry_that_left_the_feed_and_came_back_is_read_again() -> None:
    first = read_text(rss(item("a"), item("b")))
    second = read_text(rss(item("b")), first.marks)
    assert titles(read_text(rss(item("a"), item("b")), second.marks)) == ["Title a"]


# --- When the whole document is read ----------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[], tuple[str, str]]] = {
    "the feed has another title": lambda: (rss(item("a")), rss(item("a"), title="The Wire")),
    "the feed has another author": lambda: (by("Ada"), by("Bo")),
    "the feed has another language": lambda: (rss(item("a")), rss(item("a"), head="<language>fr</language>")),
    "links have another base": lambda: (
        rss(item("a", link="/a")),
        rss(item("a", link="/a"), around=" xml:base='https://other.test/'"),
    ),
    "a prefix means something else": lambda: (
        rss("<item><x:title>A</x:title></item>", around=" xmlns:x='http://purl.org/dc/elements/1.1/'"),
        rss("<item><x:title>A</x:title></item>", around=" xmlns:x='http://other.test/'"),
    ),
}


@pytest.mark.parametrize("documents", CHANGES.values(), ids=CHANGES)
def test_it_is_read_whole_when(documents: Callable[[], tuple[str, str]]) -> None:
    before, after = documents()
    assert read_text(after, read_text(before).marks) == read_text(after)


def test_it_is_read_whole_when_it_came_from_elsewhere() -> None:
    document = rss(item("a", link="/a"))
    marks = read_text(document).marks
    assert [entry.url for entry in read_text(document, marks, "https://cdn.test/x").entries] == ["https://cdn.test/a"]


def test_an_entry_with_the_guid_of_a_known_one_gets_the_identity_it_has_in_the_whole_document() -> None:
    first = read_text(rss(item("a", guid="same"), item("b")))
    after = rss(item("c", guid="same"), item("a", guid="same"), item("b"))
    second = read_text(after, first.marks)
    assert by_identity(second) == by_identity(read_text(after))
    assert len(second.entries) == 3


def test_entries_that_share_a_guid_are_read_each_time() -> None:
    document = rss(item("a", guid="same"), item("b", guid="same"), item("c"))
    whole = read_text(document)
    again = read_text(document, whole.marks)
    assert titles(again) == ["Title a", "Title b"]
    assert set(by_identity(again)) < set(by_identity(whole))


def test_an_entry_that_stands_twice_is_one_entry_known_or_not() -> None:
    twice = rss(item("a"), item("a"))
    assert titles(read_text(twice)) == ["Title a"]
    assert read_text(twice).marks == b""
    assert titles(read_text(twice, read_text(rss(item("a"))).marks)) == []


ODD = {
    "broken XML": (DATA / "rss.xml").read_text("utf-8"),
    "XML that is cut off": "<rss version='2.0'><channel><title>T</title><item><guid>a</guid></channel></rss>",
    "entries within entries": rss("<item><title>A</title><guid>a</guid><item><title>B</title></item></item>"),
    "no entry at all": rss(),
    "an entry as the whole document": "<entry xmlns='http://www.w3.org/2005/Atom'><id>a</id><title>A</title></entry>",
}


@pytest.mark.parametrize("document", ODD.values(), ids=ODD)
def test_no_marks_are_left_by(document: str) -> None:
    whole = read_text(document)
    assert whole.marks == b""
    assert read_text(document, read_text(rss(item("a"))).marks) == whole


def test_a_very_long_feed_is_not_cut() -> None:
    assert outline(rss(*["<item><guid>a</guid></item>"] * (MAX_ENTRIES + 1)), URL) is None


def test_what_stands_between_entries_stays() -> None:
    xml = repair(
        "<rss><channel>head <item><guid>a</guid></item> between <item><guid>b</guid></item> end</channel></rss>"
    )
    document = outline(xml, URL)
    assert document is not None
    marks = b"\0" * 8 + b"".join(mark + b"\0" * 8 for mark in document.marks)
    assert without(document, marks) == "<rss><channel>head  between  end</channel></rss>"


def test_marks_of_another_feed_take_nothing_out() -> None:
    document = outline(repair(rss(item("a"))), URL)
    assert document is not None
    assert without(document, read_text(rss(item("b"))).marks) is None
