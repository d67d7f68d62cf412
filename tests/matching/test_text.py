from __future__ import annotations

import pytest

from monitor.matching.text import BREAK, read, split

CUTS = {
    "digits stand apart from letters": ("Qwen3", ("qwen", "3")),
    "a version is its numbers": ("Qwen-3.5", ("qwen", "3", "5")),
    "hyphens and apostrophes separate": ("Meta's open-source", ("meta", "s", "open", "source")),
    "Latin and Han need no space between them": ("TBD Lab的", ("tbd", "lab", "的")),
    "a Han character is a word": ("通义千问", ("通", "义", "千", "问")),
    "traditional characters become simplified": ("離職開源", ("离", "职", "开", "源")),
    "a katakana run is a word": ("ヤン・ルカン氏", ("ヤン", "ルカン", "氏")),
    "half-width katakana is katakana": ("ﾒﾀ", ("メタ",)),
    "a Hangul run is a word": ("메타가 라마4를", ("메타가", "라마", "4", "를")),
    "full-width letters are letters": ("Ｍｅｔａ", ("meta",)),
    "what cannot be seen does not separate": ("Avo\u200bca\u00addo", ("avocado",)),
    "folding may lengthen a word": ("Straße İzmir ẞ", ("strasse", "i̇zmir", "ss")),
}


@pytest.mark.parametrize(("text", "words"), CUTS.values(), ids=CUTS.keys())
def test_a_text_is_cut_into_words(text, words):
    assert read(text).words == (*words, BREAK)


def test_title_and_summary_are_kept_apart():
    text = read("Muse", "Spark is out")
    assert text.words == ("muse", BREAK, "spark", "is", "out")
    assert (text.place(0), text.place(2)) == ("title", "summary")


@pytest.mark.parametrize("title", ["Straße nach Avocado", "İki Avocado haberi", "新聞 Avocado ﬁn"])
def test_words_are_shown_as_they_stand(title):
    text = read(title)
    assert text.found(text.words.index("avocado"), text.words.index("avocado") + 1) == "Avocado"


def test_line_breaks_and_runs_of_spaces_do_not_part_a_phrase():
    assert " muse spark " in read("x", "Muse\n   Spark").joined


def test_two_han_characters_count_as_one_word_of_distance():
    chinese, english = read("meta 昨日发布 avocado"), read("meta did it yesterday avocado")
    assert [chinese.within(words, 0, 1, 5, 6) for words in (1, 2)] == [False, True]
    assert [english.within(words, 4, 5, 0, 1) for words in (2, 3)] == [False, True]


def test_a_name_is_split_as_it_is_written():
    assert split("GPT-4o mini") == ("GPT", "4", "o", "mini")
