from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain import Enclosure, Entry, ParsedFeed
from monitor.feeds.normalise import MAX_ENTRIES, normalise
from monitor.feeds.raw import RawEntry, RawFeed, RawText

FEED_URL, BASE = "https://configured.test/feed", "https://final.test/feeds/all"


def feed_of(*entries: RawEntry, **feed: Any) -> ParsedFeed:
    return normalise(RawFeed(entries=entries, **feed), FEED_URL, BASE)


def one(**raw: Any) -> Entry:
    (entry,) = feed_of(RawEntry(**{"guid": "g"} | raw)).entries
    return entry


def test_the_first_link_that_leads_somewhere_is_the_entrys() -> None:
    assert one(links=("gemini://a.test/", "javascript:x", "/1", "/2")).url == "https://final.test/1"


def test_a_guid_is_the_link_only_if_it_may_be_and_is_an_address() -> None:
    assert one(guid="https://a.test/1", guid_is_link=True).url == "https://a.test/1"
    assert one(guid="https://a.test/1").url is None
    assert one(guid="12345", guid_is_link=True).url is None


def test_without_a_page_the_first_enclosure_is_the_link() -> None:
    entry = one(enclosures=(Enclosure(url="javascript:x"), Enclosure(url="/a.mp3")))
    assert entry.url == "https://final.test/a.mp3"
    assert [enclosure.url for enclosure in entry.enclosures] == ["https://final.test/a.mp3"]


def test_a_title_falls_back_to_the_text_and_then_to_the_link() -> None:
    assert one(summary=RawText(value="<p>Short text</p>", markup=True)).title == "Short text"
    assert one(summary=RawText(value="word " * 100)).title == "word " * 23 + "word…"
    assert one(summary=RawText(value="字" * 500)).title == "字" * 120 + "…"
    assert one(links=("/1",)).title == "https://final.test/1"
    assert one().title == ""


def test_names_are_read_as_html() -> None:
    entry = one(
        authors=("Pat O&#039;Brien", "<a href='/bo'>Bo</a>"), tags=("Arts &amp; Life",), source="The Sun &amp; Moon"
    )
    assert (entry.authors, entry.tags, entry.source) == (("Pat O'Brien", "Bo"), ("Arts & Life",), "The Sun & Moon")


def test_the_feeds_authors_wrote_the_entries_that_name_nobody() -> None:
    feed = feed_of(RawEntry(guid="a"), RawEntry(guid="b", authors=("Bo",)), authors=("Ada", ""))
    assert [entry.authors for entry in feed.entries] == [("Ada",), ("Bo",)]


def test_text_is_made_safe() -> None:
    entry = one(
        title=RawText(value="Hi\r\nBcc: you@x.test\u202e"),
        source="The\nDesk",
        authors=("Ada\x00", "Ada", " "),
        tags=("x" * 5_000,),
        guid=" g\n ",
    )
    assert entry.title == "Hi Bcc: you@x.test"
    assert (entry.source, entry.authors, entry.guid) == ("The Desk", ("Ada",), "g")
    assert len(entry.tags[0]) == 200


def test_a_blank_guid_is_none() -> None:
    assert one(guid=" \n", links=("/1",)).guid is None


def test_the_publication_falls_back_to_the_update_and_never_the_other_way() -> None:
    moment = datetime(2026, 3, 12, tzinfo=UTC)
    only_updated = one(updated="2026-03-12")
    assert (only_updated.published, only_updated.updated) == (moment, moment)
    only_published = one(published="2026-03-12")
    assert (only_published.published, only_published.updated) == (moment, None)
    unreadable = one(published="soon", updated="2026-03-12")
    assert unreadable.published == moment


def test_an_entry_without_its_own_language_or_outlet_has_the_feeds() -> None:
    own, inherited = feed_of(
        RawEntry(guid="a", lang="zh-Hans-CN", source="Desk"),
        RawEntry(guid="b"),
        lang="EN_us",
        title=RawText(value="News"),
    ).entries
    assert (own.lang, own.source) == ("zh", "Desk")
    assert (inherited.lang, inherited.source) == ("en", "News")


@pytest.mark.parametrize("lang", ["", "english", "1", "x" * 100])
def test_what_is_no_language_code_is_no_language(lang: str) -> None:
    assert one(lang=lang).lang is None


@pytest.mark.parametrize(
    ("ttl", "minutes"),
    [("60", 60), (" 5 ", 5), ("0", None), ("-5", None), ("soon", None), ("", None), ("99999", 10_080), ("1" * 9, None)],
    ids=["an hour", "padded", "zero", "negative", "a word", "absent", "capped at a week", "absurd"],
)  # fmt: skip
def test_ttl_is_read_as_minutes(ttl: str, minutes: int | None) -> None:
    assert feed_of(ttl=ttl).ttl_minutes == minutes


def test_empty_shells_around_other_items_are_dropped() -> None:
    full, shell = RawEntry(guid="a"), RawEntry(authors=("Ada",))
    assert [entry.guid for entry in feed_of(shell, full, shell).entries] == ["a"]
    assert len(feed_of(shell).entries) == 1


def test_of_too_many_entries_the_newest_stay_in_their_order() -> None:
    dated = [RawEntry(guid=f"d{n}", published=str(1_700_000_000 + n)) for n in range(MAX_ENTRIES)]
    entries = feed_of(
        RawEntry(guid="undated"), dated[0], *dated[1:], RawEntry(guid="new", published="1800000000")
    ).entries
    assert len(entries) == MAX_ENTRIES
    assert (entries[0].guid, entries[-1].guid) == ("d1", "new")
