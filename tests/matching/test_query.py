from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.matching.evaluation import View, answer
from monitor.matching.query import lint, parse_query
from monitor.matching.terms import Found
from monitor.matching.text import read
from tests.matching.samples import entry

ENTRY = entry(
    "Meta delays Avocado's launch",
    "The model, Muse Spark, will not ship in May. 牛油果模型推遲發布。",
    url="https://www.blog.example.org/a",
    lang="en",
    source="The Kitchen Gazette",
    authors=("Ann Lee",),
    tags=("AI",),
)
TEXT = read(ENTRY.title, ENTRY.summary)
VIEW = View(ENTRY, TEXT, ("tech",), {"avocado": (Found("Avocado", 2, 3),)})

ANSWERED = {
    "words side by side": ("meta launch", True),
    "words side by side, one absent": ("meta banana", False),
    "AND as a word": ("meta AND launch", True),
    "either": ("banana OR launch", True),
    "AND binds closer than OR": ("banana meta OR launch", True),
    "brackets": ("banana (meta OR launch)", False),
    "NOT": ("meta NOT banana", True),
    "minus": ("meta -launch", False),
    "minus before a bracket": ("meta -(banana OR launch)", False),
    "minus inside a word": ("muse-spark", True),
    "a small or is a word": ("meta or launch", False),
    "a phrase": ('"muse spark"', True),
    "a phrase in another order": ('"spark muse"', False),
    "near": ("delays NEAR/3 launch", True),
    "too far": ("meta NEAR/1 launch", False),
    "near in any order": ("launch NEAR/3 delays", True),
    "near in this order": ("launch ONEAR/3 delays", False),
    "near a list": ("meta NEAR/2 (banana OR avocado)", True),
    "a chain of nears": ("meta NEAR/2 delays NEAR/2 avocado", True),
    "near does not leave the title": ("launch NEAR/9 model", False),
    "near in Chinese": ("牛油果 NEAR/1 推迟", True),
    "a beginning": ("launch* ship*", True),
    "this case": ("=Meta -=meta", True),
    "a pattern": ("/shi(p|ps) in/", True),
    "a pattern sees the title alone": ("title:/muse/", False),
    "a pattern holds a slash": (r"/will\/not/", False),
    "title": ("title:avocado", True),
    "title of a bracket": ("title:(avocado spark)", False),
    "summary": ("summary:spark -summary:avocado", True),
    "domain and what is below it": ("domain:example.org", True),
    "domain is no ending of letters": ("domain:ample.org", False),
    "one of several domains": ("domain:(a.test OR example.org)", True),
    "language": ("lang:en -lang:(es OR pt)", True),
    "source": ("source:kitchen", True),
    "source as a phrase": ('source:"kitchen gazette"', True),
    "author": ("author:lee", True),
    "tag of the entry": ("tag:ai", True),
    "tag of the feed": ("tag:tech", True),
    "a topic": ("@avocado delay*", True),
    "a topic that does not hold": ("@qwen", False),
    "a topic in the title": ("title:@avocado -summary:@avocado", True),
    "near a topic": ("@avocado NEAR/2 launch", True),
    "only what is absent": ("-banana", True),
}


@pytest.mark.parametrize(("query", "answered"), ANSWERED.values(), ids=ANSWERED.keys())
def test_an_entry_answers_a_query(query, answered):
    assert (answer(parse_query(query), VIEW) is not None) == answered


def test_the_answer_is_the_words_in_the_order_of_the_query():
    found = answer(parse_query('"muse spark" avocado -toast'), VIEW)
    assert [TEXT.found(place.first, place.end) for place in found] == ["Muse Spark", "Avocado"]


MISTAKES = {
    "nothing": ("  ", 0, "empty"),
    "an open bracket": ("a (b OR c", 9, "not closed"),
    "a closing bracket too many": ("(a))", 3, "closes nothing"),
    "empty brackets": ("a ()", 3, "closes nothing"),
    "an open quote": ('meta "muse', 5, "quote"),
    "an open pattern": ("meta /muse", 5, "pattern is not closed"),
    "an operator without a right side": ("a OR", 4, "ends too early"),
    "an operator without a left side": ("OR a", 0, "cannot stand here"),
    "two operators": ("a AND AND b", 6, "cannot stand here"),
    "an unknown field": ("titel:meta", 5, "titel"),
    "a pattern that re2 does not know": ("meta /a(?=b)/", 5, "not a pattern"),
    "a pattern that is too long": ("/" + "a" * 1001 + "/", 0, "longer than 1 kB"),
    "a short beginning": ("meta dip*", 5, "too short"),
    "a star inside a word": ("launch*es", 6, "stands at the end"),
    "a star inside a phrase": ('"push* back"', 0, "not at its end"),
    "near with NOT": ("a NEAR/3 (b -c)", 2, "stands between words"),
    "a domain with more than names": ("domain:(a b)", 0, "takes a word"),
    "no letter or digit": ("meta ...", 5, "no letter"),
    "a name without letters": ("@ meta", 0, "must follow"),
    "brackets without end": ("(" * 5000 + "a" + ")" * 5000, 0, "nested"),
    "far too long": ("a " * 15_000, 20_000, "longer than"),
}


@pytest.mark.parametrize(("text", "position", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_place(text, position, message):
    with pytest.raises(QueryError, match=message) as caught:
        parse_query(text)
    assert caught.value.position == position


def test_a_mistyped_field_is_guessed():
    with pytest.raises(QueryError) as caught:
        parse_query("titel:meta")
    assert caught.value.hint == "did you mean `title:`?"


def test_a_long_query_is_not_repeated_whole_in_its_error():
    with pytest.raises(QueryError) as caught:
        parse_query("meta OR " * 500 + '"open')
    assert len(str(caught.value)) < 200


@given(st.text(alphabet='ab ()"-*@/:=|ORNTEA5.的', max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text):
    position = 0
    try:
        answer(parse_query(text), VIEW)
    except QueryError as error:
        position = error.position
    assert 0 <= position <= len(text)


REMARKS = {
    "nothing to look for": ("-toast", "no positive term"),
    "one side of OR looks for nothing": ("meta OR -toast", "no positive term"),
    "asked for and excluded": ("avocado launch -avocado", "'avocado' is both"),
    "a distance that says nothing": ("a1 NEAR/12 b1", "NEAR/12"),
}


@pytest.mark.parametrize(("text", "remark"), REMARKS.values(), ids=REMARKS.keys())
def test_lint_tells_what_is_hardly_meant(text, remark):
    remarks = lint(parse_query(text))
    assert len(remarks) == 1
    assert remark in remarks[0]


def test_lint_is_silent_about_a_usual_query():
    assert lint(parse_query('@avocado (launch* OR delay*) NEAR/10 "muse spark" -toast')) == ()
