"""Lists of feeds from other readers: what they say is taken over or told, and hostile ones end quickly."""

from __future__ import annotations

import pytest

from monitor.feeds.opml import NotOpmlError, Subscribed, read_opml, write_opml
from tests.factories import NOON


def listing(body: str) -> tuple[list[Subscribed], list[str]]:
    found = read_opml(f"<opml version='2.0'><head/><body>{body}</body></opml>".encode())
    return list(found.feeds), list(found.left_out)


def outline(url: str = "https://a.test/f", **said: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in said.items())
    return f'<outline xmlUrl="{url}"{attributes}/>'


A = "https://a.test/f"
TAKEN = {
    "with a title": (outline(text="A &amp; B"), Subscribed(url=A, title="A & B")),
    "whose title is better than its text": (outline(text="x", title="A"), Subscribed(url=A, title="A")),
    "whose text is its address": (outline(text=A), Subscribed(url=A)),
    "in nested folders": (f'<outline text="News"><outline title="Sea">{outline()}</outline></outline>',
                          Subscribed(url=A, tags=("News", "Sea"))),
    "with categories": (outline(category="/News/Sea,boats"), Subscribed(url=A, tags=("News", "Sea", "boats"))),
    "of a folder that is its category too": (f'<outline text="Sea">{outline(category="Sea")}</outline>',
                                             Subscribed(url=A, tags=("Sea",))),
    "with hidden characters in its title": (outline(text="A&#x202E;b&#10;c"), Subscribed(url=A, title="Ab c")),
    "written as other programs do": ('<outline XMLURL="https://a.test/f" type="atom"/>', Subscribed(url=A)),
}  # fmt: skip


@pytest.mark.parametrize(("body", "feed"), TAKEN.values(), ids=TAKEN)
def test_a_feed_is_taken_over(body: str, feed: Subscribed):
    assert listing(body) == ([feed], [])


TOLD = {
    "an attribute without a place": (outline(htmlUrl="https://a.test/") + outline("https://b.test/", htmlUrl="x"),
                                     "attributes that have no place here: htmlurl (2)"),
    "a link": ('<outline text="Home" type="link" url="https://a.test/"/>', "Home: no feed, but of type link"),
    "an empty folder": ('<outline text="Sea"/>', "Sea: no feed"),
    "an address of another protocol": (outline("file:///etc/x", text="x"), "x: file:///etc/x is no web address"),
    "an address that is none": (outline("nowhere", text="x"), "x: nowhere is no web address"),
    "the same feed again": (outline() + outline(text="Again"), "Again: listed twice"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "remark"), TOLD.values(), ids=TOLD)
def test_it_is_told_that_something_was_left_out(body: str, remark: str):
    assert listing(body)[1] == [remark]


def test_a_feed_in_two_folders_has_both_tags():
    feeds, remarks = listing(f'<outline text="A">{outline()}</outline><outline text="B">{outline(text="x")}</outline>')
    assert feeds == [Subscribed(url=A, tags=("A", "B"))]
    assert remarks == ["x: listed twice; its folders are joined: B"]


def test_what_was_written_is_read_back():
    feeds = [
        Subscribed(url="https://a.test/?a=1&b=2", title="Anzeiger <Nord>", tags=("Nachrichten", "de")),
        Subscribed(url="https://b.test/", title="北京日报", tags=("Nachrichten",)),
        Subscribed(url="https://c.test/"),
    ]
    written = write_opml(feeds, "Ours", NOON)
    assert b"<dateCreated>Thu, 12 Mar 2026 12:00:00 GMT</dateCreated>" in written
    assert written.count(b'<outline text="Nachrichten">') == 1
    found = read_opml(written)
    assert (list(found.feeds), list(found.left_out)) == (feeds, [])


def test_a_title_that_xml_cannot_hold_is_written_without_what_it_cannot_hold():
    written = write_opml([Subscribed(url=A, title="bell\x07")], "Ours", NOON)
    assert read_opml(written).feeds[0].title == "bell"


NONE = {
    "nothing": (b"", "it is no XML"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "it is no XML"),
    "a feed": (b"<rss><channel/></rss>", "it is no OPML: it begins with <rss>"),
    "OPML without a body": (b"<opml/>", "it is no OPML"),
}


@pytest.mark.parametrize(("data", "reason"), NONE.values(), ids=NONE)
def test_what_is_no_opml_is_told(data: bytes, reason: str):
    with pytest.raises(NotOpmlError, match=reason):
        read_opml(data)


def test_a_broken_list_is_read_as_far_as_it_makes_sense_and_that_is_told():
    found = read_opml(b'<opml><body><outline text="AT&T" xmlUrl="https://a.test/f?a=1&b=2"/></body>')
    assert len(found.feeds) == 1
    assert "broken" in found.left_out[0]


def test_entities_of_its_own_are_not_expanded_and_no_file_is_read():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE opml [<!ENTITY l0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]>'
    found = read_opml(f'{bomb}<opml><body><outline text="x" xmlUrl="{A}"/>&l8;&f;</body></opml>'.encode())
    assert found.feeds == (Subscribed(url=A, title="x"),)


def test_folders_without_end_are_no_trouble():
    data = b"<opml><body>" + b'<outline text="x">' * 100_000
    assert read_opml(data).feeds == ()
