from __future__ import annotations

import pytest

from monitor.matching.needs import met, needs
from monitor.matching.query import parse_query

SIZES = {"firm": 3, "many": 100}
CASES = {
    "a word": ("toast", [{" toast "}]),
    "a name": ("@firm", [{"firm"}]),
    "words side by side": ("toast @firm", [{" toast "}, {"firm"}]),
    "near words": ("toast NEAR/3 @firm", [{" toast "}, {"firm"}]),
    "alternatives are one need": ("toast OR @firm", [{" toast ", "firm"}]),
    "of an alternative the part of fewest words": ("(@many @firm) OR toast", [{"firm", " toast "}]),
    "an alternative that needs nothing frees all": ("toast OR -@firm", []),
    "what is excluded is not needed": ("toast -@firm", [{" toast "}]),
    "a field of the text": ("title:toast", [{" toast "}]),
    "a field outside the text": ("source:toast", []),
    "a pattern": ("/toa.t/", []),
}


@pytest.mark.parametrize(("query", "expected"), CASES.values(), ids=CASES)
def test_a_query_needs_what_it_cannot_be_answered_without(query: str, expected: list[set[str]]):
    assert list(needs(parse_query(query).tree, SIZES)) == expected


def test_needs_are_met_when_each_has_a_member_present():
    wanted = needs(parse_query("(toast OR @firm) jam").tree, SIZES)
    assert met(wanted, frozenset({"firm", " jam "}))
    assert not met(wanted, frozenset({"firm", " toast "}))
    assert met((), frozenset())
