"""A large feed does not keep the page from answering; ``make prove`` asks it during one of 100,000 entries."""

from __future__ import annotations

from pathlib import Path

from tests.busy import asked_meanwhile


def test_the_page_answers_while_a_large_feed_is_read_and_stored(tmp_path: Path):
    _, told, answers = asked_meanwhile(tmp_path, 3_000)
    assert " new=3000 " in told
    assert answers
