from __future__ import annotations

from monitor.feeds.flood import FLOODS, sift
from tests.factories import an_entry

OLD = [an_entry(f"Known {n}") for n in range(5)]
NEW = [an_entry(f"New {n}") for n in range(5)]
FAMILIAR = {entry.identity for entry in OLD}


def test_a_poll_of_known_faces_under_new_names_brings_nothing() -> None:
    sifted = sift(OLD, FAMILIAR, 0)
    assert (sifted.new, sifted.floods) == ((), 1)


def test_what_is_new_beside_them_is_told() -> None:
    sifted = sift([*OLD, *NEW[:2]], FAMILIAR, 0)
    assert (sifted.new, sifted.floods) == (tuple(NEW[:2]), 1)


def test_a_feed_is_believed_as_long_as_half_of_what_seems_new_is_new() -> None:
    sifted = sift([*OLD, *NEW], FAMILIAR, 2)
    assert (sifted.new, sifted.floods) == ((*OLD, *NEW), 0)


def test_a_poll_without_anything_new_changes_nothing() -> None:
    assert [sift([], FAMILIAR, floods).floods for floods in (0, 2, FLOODS)] == [0, 2, FLOODS]


def test_after_three_such_polls_the_feed_is_believed_no_more() -> None:
    floods = 0
    for _ in range(FLOODS):
        floods = sift(OLD, FAMILIAR, floods).floods
    sifted = sift([OLD[0], *NEW], FAMILIAR, floods)
    assert (sifted.new, sifted.floods) == (tuple(NEW), FLOODS)
