from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import Entry
from monitor.feeds.identity import MAX_CHARS, identified
from tests.factories import NOON, an_entry


def entry(title: str = "a", **changes: Any) -> Entry:
    return an_entry(title, **{"identity": "", "guid": None, "url": None, "published": None} | changes)


def identities(*entries: Entry) -> list[str]:
    return [one.identity for one in identified(entries)]


def test_the_guid_counts_then_the_link_then_title_and_date() -> None:
    by_guid, by_link, by_text = identities(
        entry(guid="tag:1", url="https://a.test/1"), entry(url="https://a.test/2"), entry("b", published=NOON)
    )
    assert (by_guid, by_link) == ("tag:1", "https://a.test/2")
    assert len(by_text) == 64


def test_a_guid_survives_what_publishers_change_without_meaning_it() -> None:
    before = entry(guid="http://a.test/1?utm_source=x")
    after = entry("edited", guid="https://a.test/1?utm_source=y", url="https://a.test/1")
    assert identities(before) == identities(after)


def test_a_guid_that_is_no_address_is_kept_as_it_is() -> None:
    assert identities(entry(guid="12345"), entry(guid="Tag:A"), entry(guid="tag:a")) == ["12345", "Tag:A", "tag:a"]


def test_a_link_survives_a_new_campaign() -> None:
    assert identities(entry(url="http://a.test/1?utm_source=x")) == identities(entry(url="https://a.test/1"))


def test_one_guid_on_different_pages_names_different_entries_whatever_their_order() -> None:
    one, two = entry(guid="g", url="https://a.test/1"), entry(guid="g", url="https://a.test/2")
    new = entry(guid="g", url="https://a.test/3")
    first, second = identities(one, two)
    assert first != second
    assert identities(new, one, two)[1:] == [first, second]


def test_one_guid_and_one_page_with_different_titles_are_different_entries() -> None:
    assert len(set(identities(*(entry(title, guid="g", url="https://a.test/") for title in "abc")))) == 3


def test_one_link_for_all_does_not_make_them_one() -> None:
    home = "https://a.test/"
    same_title = [entry("update", url=home, published=NOON), entry("update", url=home, published=NOON.replace(hour=13))]
    assert len(set(identities(entry("a", url=home), entry("b", url=home), *same_title))) == 4


def test_the_same_entry_twice_is_one() -> None:
    twice = entry(guid="g", url="https://a.test/1")
    assert identities(twice, entry("b", guid="h"), twice) == ["g", "h"]


def test_a_long_guid_becomes_a_short_identity() -> None:
    one, other = identities(entry(guid="x" * 3_000 + "1"), entry(guid="x" * 3_000 + "2"))
    assert one != other
    assert max(len(one), len(other)) <= MAX_CHARS


@given(
    st.lists(
        st.builds(
            entry,
            st.sampled_from("ab"),
            guid=st.sampled_from([None, "g", "http://a.test/1"]),
            url=st.sampled_from([None, "https://a.test/1", "http://a.test/1", "https://a.test/2"]),
        ),
        max_size=8,
    )
)
def test_identities_are_unique_and_do_not_depend_on_order(entries: list[Entry]) -> None:
    listed = identified(entries)
    assert len({one.identity for one in listed}) == len(listed)
    assert {one.identity for one in identified(reversed(entries))} == {one.identity for one in listed}
