"""A name that changes, from the feed to the question in the digest, once for each channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from monitor.storage import drift
from monitor.stories.drift import vocabulary
from monitor.stories.likeness import Beat
from tests.test_digest_rules import Life, life

__all__ = ["life"]  # a fixture

SAID = ("Mole tunnel is now called Big Bore, according to Reuters", "Big Bore, formerly Mole tunnel, opens in May")


def test_a_new_name_is_asked_about_in_one_digest_of_a_channel(life: Callable[..., Life]):
    house = life()
    matcher = house.tools.matchers["works"]
    house.tools = replace(house.tools, beats={"works": Beat(lines=1, known=vocabulary(matcher.story))})
    house.brings(*SAID)
    house.until(hours=1)
    house.brings("Selby harbour opens a fish market")
    house.until(hours=2)
    asked = [
        [(one["term"], one["topic"], one["origins"]) for one in digest["proposals"]] for digest in house.desk.digests
    ]
    assert asked == [[("Big Bore", "mole-tunnel", 2)], []]


def test_a_new_name_is_asked_about_although_nothing_else_is_new(life: Callable[..., Life]):
    """After a rename the entries say nothing that the story knows: silence is when the question matters."""
    house = life()
    matcher = house.tools.matchers["works"]
    house.tools = replace(house.tools, beats={"works": Beat(lines=1, known=vocabulary(matcher.story))})
    house.brings("Mole tunnel is now called Big Bore, according to Reuters")
    house.until(hours=1)
    house.brings("Big Bore, formerly Mole tunnel")
    house.until(hours=2)
    with house.tools.store.read() as connection:
        assert [one.term for one in drift.listed(connection, "works")] == ["Big Bore"]
    assert [len(digest["proposals"]) for digest in house.desk.digests] == [1]
