from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.target import pass_through

HERE = Path(__file__).parent
BODIES = sorted([*(HERE / "corpus").iterdir(), *(HERE.parent / "feeds" / "data").iterdir()])


@pytest.mark.parametrize("body", BODIES, ids=lambda path: path.name)
def test_what_the_fuzzer_found_worth_keeping_goes_the_whole_way(body: Path):
    assert pass_through(body.read_bytes()) >= 0


def test_the_way_is_gone_to_its_end():
    assert pass_through((HERE.parent / "feeds" / "data" / "rss.xml").read_bytes()) > 0
