from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.encoding import decode


def xml(text: str, charset: str | None = None) -> str:
    return f'<?xml version="1.0"{f" encoding={charset!r}" if charset else ""}?><title>{text}</title>'


READ = {
    "UTF-8, not said": (xml("Grüße").encode(), "", "Grüße"),
    "UTF-8, said to be latin-1 in the header": (xml("Grüße").encode(), "text/xml; charset=iso-8859-1", "Grüße"),
    "UTF-8, said to be cp1252 in the document": (xml("5 €", "windows-1252").encode(), "", "5 €"),
    "UTF-8, said to be nonsense": (xml("牛油果", "nonsense").encode(), "", "牛油果"),
    "UTF-8, said to be UTF-16": (xml("Grüße", "utf-16").encode(), "", "Grüße"),
    "UTF-8 with a mark": (codecs.BOM_UTF8 + xml("Grüße").encode(), "", "Grüße"),
    "UTF-8 with one broken byte": (
        xml("Grüße von Köln\xff").encode().replace(b"\xc3\xbf", b"\xff"),
        "",
        "Grüße von Köln",
    ),
    "UTF-16 with a mark": (codecs.BOM_UTF16_LE + xml("Grüße").encode("utf-16-le"), "", "Grüße"),
    "UTF-16 without a mark": (xml("Grüße").encode("utf-16-be"), "", "Grüße"),
    "latin-1, not said": (xml("Grüße").encode("latin-1"), "", "Grüße"),
    "latin-1 by name, Windows in fact": (xml("5 €", "iso-8859-1").encode("cp1252"), "", "5 €"),
    "the header before the document": (xml("Привет", "latin-1").encode("koi8-r"), "text/xml; charset=koi8-r", "Привет"),
    "koi8-r by the document": (xml("Привет", "koi8-r").encode("koi8-r"), "", "Привет"),
    "gb2312 by name, GBK in fact": (xml("镕", "gb2312").encode("gbk"), "", "镕"),
    "Shift JIS": (xml("アボカド", "Shift_JIS").encode("shift_jis"), "", "アボカド"),
    "latin-1, said to be UTF-8": (xml("Grüße aus Köln", "utf-8").encode("latin-1"), "", "Grüße aus Köln"),
}


@pytest.mark.parametrize(("body", "content_type", "text"), READ.values(), ids=READ)
def test_text_is_read_as_it_was_written(body: bytes, content_type: str, text: str) -> None:
    assert text in decode(body, content_type)


@pytest.mark.parametrize("label", ["hex", "rot13", "idna", "punycode", "unicode_escape", "utf-7", "undefined", "zip"])
def test_a_codec_that_is_no_charset_is_passed_over(label: str) -> None:
    assert "Grüße" in decode(xml("Grüße", label).encode("latin-1"), f"text/xml; charset={label}")


@given(st.binary(max_size=200), st.text(max_size=40))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type), str)
