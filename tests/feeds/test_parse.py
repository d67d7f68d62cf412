"""Whole documents, as files beside this one, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain import Document, Enclosure, ParsedFeed
from monitor.errors import ParseError
from monitor.feeds.parse import read

DATA = Path(__file__).parent / "data"
FEED_URL = "https://configured.test/feed"


def read_bytes(body: bytes, url: str = "https://final.test/feeds/all", **headers: str) -> ParsedFeed:
    return read(Document(url=url, status=200, headers=headers, body=body), FEED_URL)


def read_data(name: str, url: str = "https://final.test/feeds/all") -> ParsedFeed:
    return read_bytes((DATA / name).read_bytes(), url)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # year, month, day and hour are all there


def test_rss_is_read() -> None:
    feed = read_data("rss.xml")
    assert (feed.title, feed.site_url, feed.lang, feed.ttl_minutes) == ("Watch & Wire", "https://wire.test/", "en", 30)
    first, untitled, by_guid, untidy = feed.entries

    assert first.feed_url == FEED_URL
    assert (first.guid, first.identity, first.url) == ("wire-1", "wire-1", "https://wire.test/avocado?id=1")
    assert first.title == "Meta delays Avocado to May"
    assert first.summary == "The model is late. Again."
    assert first.published == at(2026, 3, 12, 12)
    assert (first.source, first.authors, first.tags, first.lang) == (
        "The Desk",
        ("Ada Writer",),
        ("AI", "Models"),
        "en",
    )
    assert first.enclosures == (Enclosure(url="https://final.test/audio/1.mp3", type="audio/mpeg", length=4096),)

    assert untitled.url == "https://final.test/toast"
    assert untitled.title.startswith("Guacamole prices rise")
    assert untitled.title.endswith("…")
    assert len(untitled.title) <= 121
    assert (untitled.published, untitled.guid, untitled.source) == (None, None, "Watch & Wire")
    assert untitled.identity == "https://final.test/toast"

    assert (by_guid.url, by_guid.title) == ("https://wire.test/by-guid", "Fish & Chips")
    assert by_guid.summary == "Only content here."

    assert untidy.url == "https://wire.test/qa?a=1&b=2"
    assert untidy.title.startswith("Q&A with a model")
    assert untidy.identity == "42"


def test_atom_in_chinese_is_read() -> None:
    feed = read_data("atom.xml")
    assert (feed.title, feed.site_url, feed.lang) == ("观察站", "https://gongshi.test/", "zh")
    chinese, english = feed.entries

    assert chinese.title == "Meta 推迟 牛油果 模型"
    assert chinese.url == "https://gongshi.test/blog/1.html"
    assert (chinese.published, chinese.updated) == (at(2026, 3, 11, 12), at(2026, 3, 12, 8))
    assert (chinese.lang, chinese.authors, chinese.source) == ("zh", ("李雷",), "观察站")
    assert chinese.enclosures == (Enclosure(url="https://gongshi.test/blog/1.png", type="image/png"),)

    assert english.title == "How to use the <b> tag"
    assert english.summary == "First. Second."
    assert (english.lang, english.source) == ("en", "Elsewhere")
    assert english.published == english.updated == at(2026, 3, 10)


def test_rdf_is_read() -> None:
    feed = read_data("rdf.xml")
    late, undated = feed.entries
    assert feed.title == "Alte Schule"
    assert (late.title, late.url, late.lang) == ("Avocado verspätet sich", "https://alt.test/1", "de")
    assert late.published == at(2026, 3, 12, 9)
    assert (undated.published, undated.updated) == (None, None)


def test_json_feed_is_read() -> None:
    feed = read_data("feed.json", "https://json.test/feeds/main")
    assert (feed.title, feed.site_url, feed.lang) == ("JSON Wire", "https://json.test/", "en")
    first, second = feed.entries
    assert (first.guid, first.url, first.title, first.summary) == (
        "7",
        "https://json.test/7",
        "Avocado ships",
        "It is out.",
    )
    assert (first.published, first.updated) == (at(2026, 4, 8, 16), at(2026, 4, 8, 17, 30))
    assert (first.authors, first.tags) == (("Grace",), ("ai", "models"))
    assert first.enclosures == (Enclosure(url="https://json.test/7.mp3", type="audio/mpeg", length=99),)
    assert (second.url, second.title, second.authors) == ("https://other.test/b", "1 < 2 & so on", ("Alan",))
    assert second.lang == "zh"


def test_json_feed_is_known_by_its_content_whatever_its_type() -> None:
    body = b"\xef\xbb\xbf" + b" " * 3_000 + b'{"version": "https://jsonfeed.org/version/1", "items": null}'
    assert read_bytes(body, **{"content-type": "text/html"}).entries == ()


NOT_FEEDS = {
    "nothing": (b"", "it is empty"),
    "blanks": (b"\xef\xbb\xbf \r\n\t", "it is empty"),
    "an HTML page": (b"<!DOCTYPE html><html><body>Log in, please</body></html>", "an HTML page; it begins: "),
    "HTML without its root": (b"<!doctype HTML><title>Log in</title><p>please", "an HTML page"),
    "OPML": (b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "an OPML list"),
    "a sitemap": (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "a sitemap"),
    "other XML": (b"<note><to>you</to></note>", "no feed was found"),
    "JSON of another kind": (b'{"error": "no such route"}', "no JSON Feed"),
    "a JSON list": (b"[1, 2]", "no JSON Feed"),
    "JSON cut off": (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', "cut off"),
    "JSON nested without end": (b'{"a":' + b"[" * 200_000, "broken"),
    "the name of a file": (b"/etc/hostname", "neither XML nor JSON"),
    "an address": (b"http://127.0.0.1/", "neither XML nor JSON"),
    "noise": (bytes(range(256)) * 4, "not a feed"),
    "RSS cut off before its first entry": (b'<rss version="2.0"><channel><title>News</title><it', "cut off"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "words"), NOT_FEEDS.values(), ids=NOT_FEEDS)
def test_what_is_no_feed_is_an_error_that_says_what_it_is(body: bytes, words: str) -> None:
    with pytest.raises(ParseError) as error:
        read_bytes(body)
    assert words in error.value.reason
    assert error.value.reason.startswith("not a feed: ")
    assert error.value.url == FEED_URL
    assert error.value.reason.isprintable()
    assert len(error.value.reason) < 300


def test_a_valid_feed_without_entries_is_no_error() -> None:
    feed = read_bytes(b'<rss version="2.0"><channel><title>Quiet</title></channel></rss>')
    assert (feed.title, feed.entries) == ("Quiet", ())


def test_entries_before_a_cut_are_kept() -> None:
    body = (DATA / "rss.xml").read_bytes()
    feed = read_bytes(body[: body.index(b"Q&A")])
    assert [entry.guid for entry in feed.entries[:3]] == ["wire-1", None, "https://wire.test/by-guid"]
