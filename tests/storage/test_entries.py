from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.domain import Enclosure, Entry
from monitor.storage import entries
from monitor.storage.entries import StoredEntry
from monitor.storage.schema import revisions
from monitor.storage.store import Store
from tests.factories import NOON, an_entry

LATER = NOON + timedelta(hours=3)
FULL = Entry(
    feed_url="https://news.test/feed.xml",
    identity="tag:news.test,2026:1",
    guid="tag:news.test,2026:1",
    url="https://news.test/1",
    title="牛油果 delayed",
    summary="Meta delays Avocado. 🥑",
    source="News",
    authors=("Ada", "Bo"),
    tags=("ai", "meta"),
    lang="en",
    published=NOON - timedelta(days=1, microseconds=7),
    updated=NOON,
    enclosures=(Enclosure(url="https://news.test/1.mp3", type="audio/mpeg", length=3), Enclosure(url="x:")),
)


def add(store: Store, *new: Entry, primed: bool = False) -> list[StoredEntry]:
    with store.write() as c:
        return entries.add(c, new, now=NOON, primed=primed)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(FULL, id="with everything"),
        pytest.param(Entry(feed_url="https://news.test/", identity="x"), id="with nothing"),
    ],
)
def test_an_entry_comes_back_as_it_was_stored(store: Store, entry: Entry):
    (stored,) = add(store, entry, primed=True)
    assert stored == StoredEntry(id=stored.id, entry=entry, first_seen=NOON, primed=True)
    with store.read() as c:
        assert entries.get(c, stored.id) == stored


def test_only_entries_that_were_not_known_come_back_in_the_order_given(store: Store):
    first, second, third = (an_entry(f"Headline {n}") for n in range(3))
    add(store, second)
    added = add(store, third, second, first, replace(third, title="the same identity again"))
    assert [stored.entry for stored in added] == [third, first]
    assert add(store, first, second, third) == []
    assert add(store) == []


def test_entries_get_their_numbers_in_the_order_given(store: Store):
    added = add(store, *(an_entry(f"Headline {n}") for n in range(1500)))
    assert len(added) == 1500
    assert [stored.id for stored in added] == sorted(stored.id for stored in added)


def test_two_feeds_may_use_the_same_identity(store: Store):
    added = add(store, an_entry(), an_entry(feed_url="https://other.test/"))
    assert len(added) == 2


def test_known_identities_come_with_their_content_hashes(store: Store):
    add(store, FULL)
    with store.read() as c:
        found = entries.known(c, FULL.feed_url, [FULL.identity, "never seen"])
        assert found == {FULL.identity: entries.content_hash(FULL)}
        assert entries.known(c, "https://other.test/", [FULL.identity]) == {}
        assert entries.known(c, FULL.feed_url, []) == {}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"title": "other"}, False),
        ({"summary": "other"}, False),
        ({"url": None}, False),
        ({"title": FULL.title + FULL.summary, "summary": ""}, False),
        ({"published": None, "updated": None}, True),
        ({"tags": (), "authors": ()}, True),
    ],
    ids=str,
)
def test_the_content_hash_changes_with_title_summary_and_link_alone(changes: dict[str, object], same: bool):
    assert (entries.content_hash(replace(FULL, **changes)) == entries.content_hash(FULL)) is same


def test_an_edited_entry_says_what_it_says_now_and_what_it_said_before_is_kept(store: Store):
    (stored,) = add(store, FULL, primed=True)
    second = replace(FULL, title="Second title", tags=("new",), updated=LATER)
    third = replace(second, summary="Third summary", url=None)
    with store.write() as c:
        assert entries.revise(c, second, LATER) == replace(stored, entry=second)
        assert entries.revise(c, third, LATER + timedelta(hours=1)) == replace(stored, entry=third)
        assert entries.get(c, stored.id) == replace(stored, entry=third)
        assert entries.known(c, FULL.feed_url, [FULL.identity]) == {FULL.identity: entries.content_hash(third)}
        assert [tuple(row) for row in c.execute(select(revisions).order_by(revisions.c.revision))] == [
            (stored.id, 1, FULL.title, FULL.summary, FULL.url, LATER),
            (stored.id, 2, "Second title", FULL.summary, FULL.url, LATER + timedelta(hours=1)),
        ]


def test_an_entry_that_did_not_change_gets_no_revision(store: Store):
    add(store, FULL)
    with store.write() as c:
        entries.revise(c, FULL, LATER)
        assert c.execute(select(revisions)).all() == []


def test_an_entry_that_is_another_one_each_time_stays_as_it_is_after_so_many_revisions(store: Store):
    add(store, FULL)
    with store.write() as c:
        revised = [entries.revise(c, replace(FULL, title=f"{n} minutes ago"), LATER) for n in range(30)]
        assert [entry is not None for entry in revised] == [True] * 24 + [False] * 6
        found = entries.find(c, FULL.identity)
        assert found is not None
        assert found.entry.title == "23 minutes ago"
        assert entries.revise(c, found.entry, LATER) == found


FACES = {
    "the same title and link": ({"published": None}, True),
    "the same title and date": ({"url": "https://news.test/other"}, True),
    "the same title only": ({"url": "https://news.test/other", "published": NOON}, False),
    "another title": ({"title": "Something else"}, False),
    "in another feed": ({"feed_url": "https://other.test/"}, False),
    "undated, without a link": ({"url": None, "published": None}, False),
}


@pytest.mark.parametrize(("changes", "seen"), FACES.values(), ids=FACES)
def test_an_entry_under_a_new_identity_is_known_by_its_face(store: Store, changes: dict[str, object], seen: bool):
    add(store, FULL)
    twin = replace(FULL, identity="new", guid="new", **changes)
    with store.read() as c:
        assert entries.familiar(c, twin.feed_url, [twin, an_entry("Never seen")]) == ({"new"} if seen else set())


def test_undated_entries_are_known_by_title_and_text(store: Store):
    undated = replace(FULL, published=None)
    add(store, undated)
    again = [replace(undated, identity=f"{n}", url=f"https://news.test/?token={n}") for n in range(2)]
    other = replace(again[0], identity="other", summary="Another text")
    with store.read() as c:
        assert entries.familiar(c, FULL.feed_url, [*again, other]) == {"0", "1"}


def test_an_entry_that_was_never_stored_cannot_be_revised(store: Store):
    with store.write() as c, pytest.raises(KeyError, match="tag:news"):
        entries.revise(c, FULL, LATER)


def test_an_entry_is_found_by_number_link_or_identity(store: Store):
    (stored,) = add(store, FULL)
    with store.read() as c:
        for text in (str(stored.id), "https://news.test/1", FULL.identity):
            assert entries.find(c, text) == stored
        for text in ("0", "9" * 40, "²", "https://news.test/2", ""):
            assert entries.find(c, text) is None


def test_of_several_entries_with_one_link_the_newest_is_found(store: Store):
    _, newest = add(store, an_entry("Old"), an_entry("New"))
    with store.read() as c:
        assert entries.find(c, "https://news.test/1") == newest


@pytest.mark.parametrize("text", ["x\0y", "x\ud800", "é" * 100_000], ids=["NUL", "half a surrogate", "200 kB"])
def test_a_hostile_identity_is_stored_and_known_again(store: Store, text: str):
    """The 200 kB are more than an index of PostgreSQL takes."""
    entry = an_entry(identity=text, guid=text, url=f"https://news.test/{text}", title=text, tags=(text,))
    (stored,) = add(store, entry)
    assert add(store, entry) == []
    with store.read() as c:
        assert entries.known(c, entry.feed_url, [text]) == {text: entries.content_hash(entry)}
        assert entries.get(c, stored.id) is not None
