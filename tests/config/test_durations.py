"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("15m", 900), ("1h", 3600), ("7d", 604800), (" 90 s ", 90)],
    ids=["seconds", "minutes", "hours", "days", "blanks around"],
)
def test_a_number_and_a_unit_are_read(text: str, seconds: int):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "5", "m", "1.5h", "-5m", "1h30m", 5, None], ids=repr)
def test_anything_else_is_refused_with_an_example(value: object):
    with pytest.raises(ValueError, match="as in 15m"):
        parse_duration(value)


@given(st.integers(min_value=0, max_value=10**7))
def test_what_is_written_is_read_back(seconds: int):
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)
