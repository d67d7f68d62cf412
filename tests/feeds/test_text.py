from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.text import SUMMARY_BYTES, TITLE_CHARS, clean_summary, clean_text, clean_title

PLAIN = {
    "white space of all kinds": ("a \t\r\n b\u00a0c\u2003d\u2028e\u2029f\u3000g", "a b c d e f g"),
    "a forged mail header": ("Hi\r\nBcc: you@example.test", "Hi Bcc: you@example.test"),
    "control characters": ("a\x00b\x07c\x1b[31md\x9be", "abc[31mde"),
    "bidirectional override": ("abc\u202egpj.exe\u202c", "abcgpj.exe"),
    "bidirectional isolate": ("\u2066abc\u2069", "abc"),
    "zero-width space and mark": ("Avo\u200bca\ufeffdo", "Avocado"),
    "soft hyphen": ("Avo\u00adcado", "Avocado"),
    "a joiner inside a Latin word": ("Avo\u200ccado", "Avocado"),
    "a joiner that Persian needs": ("می\u200cخواهم", "می\u200cخواهم"),
    "a joiner that an emoji needs": ("👩\u200d💻", "👩\u200d💻"),
    "half a surrogate pair": ("a\ud83db", "ab"),
    "invisible tag characters": ("a\U000e0041b", "ab"),
    "decomposed letters": ("cafe\u0301", "café"),
    "Chinese": ("牛油果  模型", "牛油果 模型"),
    "markup that is text": ("a <b> c", "a <b> c"),
}


@pytest.mark.parametrize(("text", "clean"), PLAIN.values(), ids=PLAIN)
def test_what_hides_reorders_or_forges_goes_and_the_words_stay(text: str, clean: str) -> None:
    assert clean_text(text, 1_000) == clean


MARKUP = {
    "tags go": ("<b>Meta</b> delays <i>Avocado</i>", "Meta delays Avocado"),
    "paragraphs stay apart": ("<p>One.</p><p>Two.</p>Three<br>four", "One. Two. Three four"),
    "scripts go with what they hold": ("a<script>alert(1)</script>b<style>p{}</style>c", "abc"),
    "comparisons stay": ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
    "entities": ("caf&eacute; &amp; &#8364;5 &lt;b&gt;", "café & €5 <b>"),
    "a bare ampersand": ("AT&T <b>&</b> ?a=1&copy=2", "AT&T & ?a=1&copy=2"),
    "comments": ("a<!-- <b>hidden</b> -->b", "ab"),
    "unclosed": ("a <b c", "a"),
    "an image": ("a<img src=x onerror=alert(1)>b", "a b"),
}


@pytest.mark.parametrize(("html", "text"), MARKUP.values(), ids=MARKUP)
def test_html_becomes_what_a_browser_would_show(html: str, text: str) -> None:
    assert clean_text(html, 1_000, markup=True) == text


def test_a_title_that_was_escaped_twice_is_read_twice() -> None:
    assert clean_title("&amp;quot;Avocado&amp;quot;", markup=True) == '"Avocado"'
    assert clean_title("Q&amp;A") == "Q&A"


def test_a_summary_that_was_escaped_twice_is_read_twice() -> None:
    assert clean_summary("&lt;p&gt;Merck &amp;amp; Co. &lt;a href='x'&gt;rose&lt;/a&gt;.&lt;/p&gt;", markup=True) == (
        "Merck & Co. rose."
    )
    assert clean_summary("a &lt; b and &lt;head&gt;", markup=True) == "a < b and <head>"
    assert clean_summary("&lt;p&gt;") == "&lt;p&gt;"


def test_text_is_capped() -> None:
    assert len(clean_title("x" * 3_000_000)) == TITLE_CHARS
    assert len(clean_summary("牛" * 3_000_000).encode()) <= SUMMARY_BYTES
    assert clean_summary("<p>word</p> " * 1_000_000, markup=True).startswith("word word")


@given(st.text(st.characters(), max_size=300), st.integers(1, 50), st.booleans())
def test_any_text_becomes_one_safe_line(text: str, max_chars: int, markup: bool) -> None:
    clean = clean_text(text, max_chars, markup=markup)
    assert len(clean) <= max_chars
    assert clean == clean.strip()
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in clean)
    assert clean.encode("utf-8").decode("utf-8") == clean


@given(st.text(max_size=300))
def test_cleaning_again_changes_nothing(text: str) -> None:
    clean = clean_text(text, 200)
    assert clean_text(clean, 200) == clean
