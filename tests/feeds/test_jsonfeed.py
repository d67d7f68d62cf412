from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.feeds.jsonfeed import looks_like_json, parse_json
from monitor.feeds.raw import RawEntry, RawText

VERSION = "https://jsonfeed.org/version/1.1"


def entry(**item: Any) -> RawEntry:
    (only,) = parse_json(json.dumps({"version": VERSION, "items": [item]})).entries
    return only


@pytest.mark.parametrize(
    ("given", "guid"),
    [("a", "a"), (7, "7"), (3.14, "3.14"), (True, ""), (None, ""), (["a"], ""), ({"a": 1}, "")],
    ids=["text", "number", "fraction", "boolean", "null", "list", "object"],
)
def test_an_id_is_text_or_a_number_as_text(given: Any, guid: str) -> None:
    assert entry(id=given).guid == guid


def test_values_of_the_wrong_type_are_taken_as_absent() -> None:
    wrong = entry(
        id="a", title=5, url=[], content_html={}, date_published=20260312, authors="me", tags={}, attachments=[1, {}]
    )
    assert wrong.title == RawText()
    assert (wrong.links, wrong.published, wrong.authors, wrong.tags) == ((), "", (), ())
    assert [enclosure.url for enclosure in wrong.enclosures] == [""]


def test_a_wrong_item_costs_only_itself() -> None:
    feed = parse_json(json.dumps({"version": VERSION, "items": [None, "x", {"id": "a"}, []]}))
    assert [item.guid for item in feed.entries] == ["a"]


@pytest.mark.parametrize("items", [None, {}, "x", 5])
def test_a_feed_whose_items_are_no_list_has_none(items: Any) -> None:
    assert parse_json(json.dumps({"version": VERSION, "items": items})).entries == ()


def test_plain_text_is_taken_before_html_and_is_not_markup() -> None:
    assert entry(content_text="1 < 2", content_html="<p>x</p>").summary == RawText(value="1 < 2")
    assert entry(content_html="<p>x</p>").summary == RawText(value="<p>x</p>", markup=True)
    assert entry(summary="short", content_text="long").summary == RawText(value="short")


def test_authors_of_the_newer_version_go_before_the_older_one() -> None:
    assert entry(authors=[{"name": "A"}, {"name": "B"}], author={"name": "C"}).authors == ("A", "B")
    assert entry(author={"name": "C"}).authors == ("C",)


def test_a_feeds_authors_are_read_and_an_id_may_be_the_link() -> None:
    feed = parse_json(json.dumps({"version": VERSION, "author": {"name": "A"}, "items": [{"id": "https://a.test/1"}]}))
    assert feed.authors == ("A",)
    assert feed.entries[0].guid_is_link


def test_a_bare_line_end_in_a_string_breaks_nothing() -> None:
    feed = parse_json(f'{{"version": "{VERSION}", "items": [{{"title": "a\n\tb"}}]}}')
    assert feed.entries[0].title.value == "a\n\tb"


def test_json_is_known_by_its_first_character() -> None:
    assert looks_like_json("\ufeff \n {")
    assert looks_like_json("[")
    assert not looks_like_json("<rss/>")
    assert not looks_like_json("")
