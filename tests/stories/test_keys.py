"""The key of a text: the same for the same happening in every language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.stories.keys import key_of


@pytest.mark.parametrize(
    ("title", "versions"),
    [
        ("Qwen 3.5 is out", {("qwen", "3.5")}),
        ("Qwen3.5 is out", {("qwen", "3.5")}),
        ("Qwen-3.5 is out", {("qwen", "3.5")}),
        ("阿里发布Qwen3.5大模型", {("qwen", "3.5")}),
        ("Llama 4 against Gemini 3.0", {("llama", "4"), ("gemini", "3")}),
        ("Delayed from March 12 to May 2026", set()),
        ("The Top 10 of Week 3", set()),
        ("Meta cuts 600 jobs, shares fall by 4.5%", set()),
    ],
)
def test_versions_are_read_in_every_spelling(title: str, versions: set[tuple[str, str]]):
    assert key_of(title, "").title_versions == versions


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("raised $1.03 billion", {"1030000000"}),
        ("lève 1,03 milliard de dollars", {"1030000000"}),
        ("融资10.3亿美元", {"1030000000"}),
        ("14,3 Milliarden Dollar", {"14300000000"}),
        ("$14.3bn", {"14300000000"}),
        ("spends $70-72 billion", {"72000000000"}),
        ("1,200 people and 1.500 Leute", {"1200", "1500"}),
        ("down 12%, or 12 per cent", {"12%"}),
        ("three teams of 12 in 2026", set()),
        ("a 235B model", {"235000000000"}),
        ("1,035 million and 1,234,567 million", {"1035000", "1234567000000"}),
        ("1 200 millions d'euros", {"1200000000"}),
        ("call 123456789012345678901234567890", set()),
    ],
)
def test_numbers_are_worked_out_to_one_form(text: str, numbers: set[str]):
    assert set(key_of("", text).numbers) == numbers


@pytest.mark.parametrize(
    "text", ["not before May", "frühestens im Mai", "en mai, pas Mai? oui: mai", "最早5月", "5月以降"]
)
def test_a_month_is_one_in_every_language(text: str):
    assert set(key_of("", text).months) == {"5"}


def test_may_the_verb_is_no_month():
    assert key_of("Meta may delay it", "It may come in the eleventh hour.").months == {}


@pytest.mark.parametrize(
    ("kind", "titles"),
    [
        ("delay", ["Meta delays Avocado", "Meta verschiebt Avocado", "Meta retrasa Avocado", "Meta 推遲 Avocado"]),
        ("release", ["Alibaba releases Qwen", "Alibaba veröffentlicht Qwen", "阿里發布千问", "Qwen を公開"]),
        ("departure", ["LeCun leaves Meta", "LeCun verlässt Meta", "LeCun quitte Meta", "杨立昆离职"]),
        ("funding", ["AMI raises $1 billion", "AMI lève un milliard", "AMI 完成融资", "AMI が資金調達"]),
        ("lawsuit", ["Authors sue Meta", "Autoren verklagen Meta", "Demanda contra Meta", "作家起诉 Meta"]),
        ("layoffs", ["Meta lays off 600", "Meta entlässt 600", "Meta 裁员600人", "Meta がレイオフ"]),
        ("open-source", ["Meta to open-source it", "Qwen 开源", "Qwen をオープンソース化"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_kind_of_happening_is_one_in_every_language(kind: str, titles: list[str]):
    for title in titles:
        assert kind in key_of(title, "").title_kinds, title


def test_names_are_what_is_quoted_and_full_names_within_sentences():
    key = key_of("Meta Chief Speaks “At Least June”", "A spokesman, Dave Arnold, said so. Mark Cook knew.")
    assert key.names == {"at least june": "At Least June", "dave arnold": "Dave Arnold"}


def test_kinds_of_the_summary_are_not_those_of_the_title():
    key = key_of("Meta delays Avocado", "Its shares fell.")
    assert key.title_kinds == {"delay"}
    assert key.kinds == {"delay", "shares"}


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Meta shares rise after Muse Spark launch", {"shares"}),
        ("Muse Spark发布后Meta股价上涨", {"shares"}),
        ("After the launch", {"release"}),
        ("Meta pushes Avocado launch back to May", {"delay"}),
        ("Meta delays launch of Avocado", {"delay"}),
        ("Meta adia o lançamento do Avocado", {"delay"}),
        ("메타, 아보카도 출시 연기", {"delay"}),
        ("메타, 뮤즈 스파크 출시", {"release"}),
        ("Ações da Meta sobem após lançamento", {"shares"}),
    ],
)
def test_a_title_tells_of_what_happens_in_its_main_clause(title: str, kinds: set[str]):
    assert key_of(title, "").title_kinds == kinds


@given(text=st.text(alphabet="019.,  %$€亿万月bnmM May-Qx\u202f٣“”\n", max_size=60))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_text_has_a_key_and_its_numbers_are_numbers(text: str):
    for number in key_of(text, text).numbers:
        assert float(number.rstrip("%")) >= 0
