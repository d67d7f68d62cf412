"""A digest in parts: each fits, nothing is lost or told twice, and events stay whole while they can."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digests.parts import in_parts
from monitor.digests.render import payload
from monitor.domain import Digest, DigestStoryline, Gap
from tests.digests.samples import a_digest, a_rich_digest, a_told_event, an_item


def a_large_digest(*sizes: int) -> Digest:
    """Events with so many entries each, alternately in two storylines, with the rest of a rich digest."""
    numbers = iter(range(1, sum(sizes) + 1))
    events = [
        a_told_event(*(an_item(f"Title {number}", id=number) for number, _ in zip(numbers, range(size), strict=False)))
        for size in sizes
    ]
    events = [replace(event, id=f"e{place}") for place, event in enumerate(events)]
    lines = (
        DigestStoryline(id="one", title="One", state="active", events=tuple(events[::2])),
        DigestStoryline(id="two", title="Two", state="active", events=tuple(events[1::2])),
    )
    return replace(a_rich_digest(), storylines=tuple(line for line in lines if line.events))


def divided(digest: Digest, most: int) -> list[tuple[Digest, bytes]]:
    return in_parts(digest, render=payload.render, fits=lambda body: len(body) <= most)


def entries(digest: Digest) -> list[int]:
    return [entry.id for event in digest.events for entry in event.entries]


def test_what_fits_stays_in_one_piece():
    assert divided(a_rich_digest(), 100_000) == [(a_rich_digest(), payload.render(a_rich_digest()))]


def test_a_digest_is_divided_between_its_events():
    digest = a_large_digest(2, 2, 2, 2, 2, 2, 2, 2, 2)
    parts = divided(digest, 3_000)
    assert len(parts) > 2
    assert list(chain(*(part.events for part, _ in parts))) == list(digest.events)
    assert [(part.part, part.parts) for part, _ in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    assert {part.truncated for part, _ in parts} == {False}


def test_expectations_and_gaps_stand_once_after_the_events():
    digest = a_large_digest(1, 1, 1, 1)
    parts = [part for part, _ in divided(digest, 2_500)]
    assert tuple(chain(*(part.expectations for part in parts))) == digest.expectations
    assert tuple(chain(*(part.coverage.gaps for part in parts))) == digest.coverage.gaps
    assert not parts[0].expectations
    assert {part.coverage.feeds_failing for part in parts} == {1}


def test_an_event_too_large_for_a_message_is_divided_between_its_entries():
    digest = replace(a_large_digest(40), expectations=())
    parts = divided(digest, 3_000)
    assert len(parts) > 2
    assert {event.id for part, _ in parts for event in part.events} == {"e0"}
    assert list(chain(*(entries(part) for part, _ in parts))) == entries(digest)


def test_what_is_too_large_by_itself_is_cut_and_says_so():
    huge = a_told_event(an_item("牛" * 1_000_000, url="https://news.test/" + "a" * 9_000), title="x" * 1_000_000)
    (part, body), *rest = divided(a_digest(huge), 20_000)
    assert rest == []
    assert len(body) <= 20_000
    assert part.truncated
    assert part.events[0].title == "x" * 499 + "…"
    assert part.events[0].entries[0].url is None


def test_what_cannot_be_made_smaller_is_sent_as_it_is():
    parts = divided(a_digest(a_told_event(), a_told_event()), 10)
    assert [len(part.events) for part, _ in parts] == [1, 1]


def test_an_empty_digest_is_one_part_whatever_its_size():
    assert len(divided(a_digest(), 10)) == 1


def test_failing_feeds_beyond_a_message_go_into_the_next_one():
    gaps = tuple(Gap(feed=f"Feed {n}", reason="no answer within 30 s") for n in range(100))
    digest = a_digest(a_told_event())
    digest = replace(digest, coverage=replace(digest.coverage, gaps=gaps))
    parts = divided(digest, 3_000)
    assert tuple(chain(*(part.coverage.gaps for part, _ in parts))) == gaps


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), max_size=12),
    most=st.integers(2_200, 9_000),
)
def test_every_entry_is_told_once_and_every_part_fits(sizes: list[int], most: int):
    digest = a_large_digest(*sizes)
    parts = divided(digest, most)
    assert sorted(chain(*(entries(part) for part, _ in parts))) == sorted(entries(digest))
    assert all(len(body) <= most for _, body in parts)
    assert [payload.read(body) for _, body in parts] == [part for part, _ in parts]


@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_many_small_events_make_no_more_parts_than_they_must(count: int):
    digest = replace(a_digest(*(a_told_event() for _ in range(count))))
    whole, most = len(payload.render(digest)), 10_000
    assert len(divided(digest, most)) <= whole // (most - 2_000) + 1
