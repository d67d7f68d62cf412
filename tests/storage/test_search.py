"""Entries are found by their words, in whatever script, alike on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.storage import entries, pruning, search
from monitor.storage.store import Store
from tests.factories import NOON, an_entry

TITLES = [
    "Meta delays Avocado to May",
    "阿里发布Qwen 3.6系列开源模型",
    "牛油果正式亮相：Meta推出闭源模型Muse Spark",
    "メタ、アボカドの公開を延期",
    "메타, 아보카도 출시 연기",
    "Le modèle d’Alibaba, très attendu",
    "Training days in Straßburg",
    "Qwen-3.6 weights: 'free' AND \"open\"",
    "Το όνειρο τῇ νυκτί, in 5 ㎒",
]


@pytest.fixture
def library(store: Store) -> Store:
    with store.write() as connection:
        entries.add(connection, [an_entry(title, url=None) for title in TITLES], now=NOON, primed=False)
    return store


def found(library: Store, said: str, **more: int) -> list[str]:
    with library.read() as connection:
        return [one.entry.title for one in entries.several(connection, search.find(connection, said, limit=50, **more))]


FINDS: dict[str, list[int]] = {
    "avocado": [0],
    "AVOCADO meta": [0],
    "avoc": [0],
    "meta": [2, 0],
    "qwen3.6": [7, 1],
    "Qwen 3": [7, 1],
    "Qwen-3.6": [7, 1],
    "开源": [1],
    "源模": [2, 1],
    "牛油果": [2],
    "油": [2],
    "アボカド": [3],
    "아보카도": [4],
    "modele tres": [5],
    "d'alibaba": [5],
    "strassburg": [6],
    "ονειρο τη": [8],
    "MHz": [8],
    '"delays avocado"': [0],
    '"avocado delays"': [],
    "ai": [],
    "train": [6],
    "rain": [],
    "": [],
    "?! --": [],
    "' OR 1=1": [],
    "free' AND open": [7],
    '"open': [7],
    "NOT *": [],
    "x" * 5000: [],
}


@pytest.mark.parametrize(("said", "expected"), FINDS.items(), ids=[said[:20] or "nothing" for said in FINDS])
def test_what_is_typed_finds_the_newest_first(library: Store, said: str, expected: list[int]):
    assert found(library, said) == [TITLES[number] for number in expected]


def test_the_next_page_begins_after_the_last_one_shown(library: Store):
    with library.read() as connection:
        (newest, *rest) = search.find(connection, "qwen", limit=50)
        assert search.find(connection, "qwen", limit=1) == [newest]
        assert search.find(connection, "qwen", before=newest, limit=50) == rest


def test_an_edited_entry_is_found_by_what_it_says_now(library: Store):
    with library.write() as connection:
        entries.revise(connection, an_entry(TITLES[0], url=None, summary="The launch slips to June"), NOON)
    assert found(library, "slips june") == [TITLES[0]]
    with library.write() as connection:
        entries.revise(connection, an_entry(TITLES[0], url=None, summary="Nothing more is known"), NOON)
    assert found(library, "slips") == []


def test_what_was_forgotten_is_not_found(library: Store):
    with library.write() as connection:
        assert pruning.prune(connection, NOON + timedelta(days=1), limit=100) == len(TITLES)
    assert found(library, "avocado") == []


def test_a_text_without_a_space_and_one_without_an_end_are_stored(store: Store):
    long = an_entry("Long", summary="a" * 60_000, authors=("x" * 9000,))
    with store.write() as connection:
        entries.add(connection, [long, an_entry("字" * 1000)], now=NOON, primed=False)
        assert len(search.find(connection, "long", limit=5)) == 1
        assert len(search.find(connection, "字字字", limit=5)) == 1
