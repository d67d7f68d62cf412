from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.target import pass_through

HERE = Path(__file__).parent
#: Name of each kept document -> how many entries come of it.
KEPT = {"bad-links.xml": 1, "blank-in-link.xml": 2, "entities.xml": 1, "odd.json": 2, "shift-jis.xml": 1}
PLAIN = {"atom.xml": 2, "feed.json": 2, "rdf.xml": 2, "rss.xml": 4}


@pytest.mark.parametrize(("name", "entries"), KEPT.items(), ids=KEPT)
def test_a_hostile_document_goes_the_whole_way(name: str, entries: int):
    assert pass_through((HERE / "corpus" / name).read_bytes()) == entries


@pytest.mark.parametrize(("name", "entries"), PLAIN.items(), ids=PLAIN)
def test_a_plain_document_goes_the_whole_way(name: str, entries: int):
    assert pass_through((HERE.parent / "feeds" / "data" / name).read_bytes()) == entries


def test_every_document_of_the_corpus_is_read():
    assert {path.name for path in (HERE / "corpus").iterdir()} == KEPT.keys()
