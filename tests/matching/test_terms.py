from __future__ import annotations

import pytest

from monitor.matching.scan import Scanner
from monitor.matching.terms import find, name_fault, read_term, read_terms
from monitor.matching.text import read

STANDS = {
    "whole words only": ("llama", "Ollama and codellama", []),
    "any case": ("qwen", "QWEN qWen", ["QWEN", "qWen"]),
    "a family by its first word": (
        "Qwen3",
        "Qwen3, Qwen 3, Qwen-3 and Qwen3.5",
        ["Qwen3", "Qwen 3", "Qwen-3", "Qwen3"],
    ),
    "a version is not another": ("Qwen 3.5", "Qwen3 and Qwen3.5", ["Qwen3.5"]),
    "this case only": ("=Meta", "meta Meta META", ["Meta"]),
    "this case, and more letters": ("=Meta*", "metaverse Metaverse", ["Meta"[:4] + "verse"]),
    "a beginning": ("launch*", "launches relaunch launching", ["launches", "launching"]),
    "Han inside other text": ("牛油果", "Meta的牛油果模型", ["牛油果"]),
    "simplified finds traditional": ("通义千问", "阿里的通義千問", ["通義千問"]),
    "katakana is no part of a longer word": ("ラマ", "ドラマとラマ", ["ラマ"]),
    "Korean particles": ("메타", "메타가 메타에서는 메타의 메타", ["메타가", "메타에서는", "메타의", "메타"]),
    "Korean words that only begin alike": ("라마", "라마단 드라마 라마포사", []),
    "a phrase over punctuation": ("open source", "open-source, open/source", ["open-source", "open/source"]),
}


@pytest.mark.parametrize(("name", "title", "found"), STANDS.values(), ids=STANDS.keys())
def test_a_name_is_found(name, title, found):
    text, term = read(title), read_term(name)
    assert [text.found(place.first, place.end) for place in find(term, text)] == found


@pytest.mark.parametrize(("name", "title", "found"), STANDS.values(), ids=STANDS.keys())
def test_a_scan_finds_what_a_search_finds(name, title, found):
    text, term = read(title), read_term(name)
    scan = Scanner([term, *read_terms(("other", "words"), {})]).scan(text)
    assert list(find(term, text, scan.get(term.needle, ()))) == list(find(term, text))


def test_a_phrase_does_not_reach_from_the_title_into_the_summary():
    assert not list(find(read_term("muse spark"), read("About Muse", "Spark is out")))


def test_a_list_takes_in_the_words_it_names():
    terms = read_terms(("Alexandr Wang", "@meta"), {"meta": ("Meta", "Zuckerberg")})
    assert [term.text for term in terms] == ["Alexandr Wang", "Meta", "Zuckerberg"]


FAULTS = {
    "no word in it": ("—", "no letter or digit"),
    "a star inside": ("push* back", "not at its end"),
    "a short beginning": ("dip*", "too short"),
}


@pytest.mark.parametrize(("name", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_a_name_that_cannot_be_meant_is_told(name, fault):
    assert fault in name_fault(name)


@pytest.mark.parametrize("name", ["Qwen", "出售*", "출시*", "launch*", "=Meta", "push back*"])
def test_a_usual_name_has_no_fault(name):
    assert name_fault(name) is None
