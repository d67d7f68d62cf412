from __future__ import annotations

import pytest

from monitor.matching.evaluation import View
from monitor.matching.lacking import lacking
from monitor.matching.query import parse_query
from monitor.matching.terms import Found
from monitor.matching.text import read
from tests.matching.samples import entry

ENTRY = entry("Meta delays Avocado", "The model, Muse Spark, will not ship in May.")
VIEW = View(ENTRY, read(ENTRY.title, ENTRY.summary), (), {"avocado": (Found("Avocado", 2, 3),)})

LACKING = {
    "nothing": ("meta delay*", ()),
    "a word": ("meta launch*", ("launch*",)),
    "two words": ("launch* price", ("launch*", "price")),
    "one word twice": ("launch* (launch* OR launch*)", ("launch*", "(launch* OR launch*)")),
    "a phrase": ('"open source"', ('"open source"',)),
    "a topic": ("@qwen meta", ("@qwen",)),
    "one of a list": ("meta (a1 OR b1 OR c1 OR d1)", ("(a1 OR b1 OR c1 OR …)",)),
    "the shorter of two ways": ("(meta launch* price) OR (meta spark free)", ("free",)),
    "something too many": ("meta -avocado", ("the absence of avocado",)),
    "a side of NEAR": ("meta NEAR/3 launch*", ("launch*",)),
    "nearness": ("meta NEAR/1 avocado -toast meta", ()),
    "nearness that is not there": ("delays NEAR/1 ship", ("delays within 1 words of ship",)),
    "order": ("avocado ONEAR/3 meta", ("avocado within 3 words before meta",)),
    "a place in the title": ('title:"muse spark"', ('"muse spark" in the title',)),
    "another field": ("source:gazette meta", ("source:gazette",)),
    "a pattern": ("/launch(ed|es)/", ("/launch(ed|es)/",)),
    "a part of a part": ("meta -(avocado delays)", ("the absence of (avocado delays)",)),
}


@pytest.mark.parametrize(("query", "parts"), LACKING.values(), ids=LACKING.keys())
def test_what_an_entry_lacks_is_told_in_the_words_of_the_query(query: str, parts: tuple[str, ...]):
    assert lacking(parse_query(query), VIEW) == parts
