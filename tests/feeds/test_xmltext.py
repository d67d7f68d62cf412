from __future__ import annotations

import time
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.xmltext import DECLARATION, MAX_AUTHOR_CHARS, repair, root_name

REPAIRED = {
    "a bare ampersand": ("<a>AT&T & B</a>", "AT&T & B"),
    "parameters of a link": ("<a>?x=1&copy=2&amp;y=3</a>", "?x=1&copy=2&y=3"),
    "HTML's entities": ("<a>caf&eacute;&nbsp;&mdash; 5&euro;</a>", "café\u00a0— 5€"),
    "an entity nobody knows": ("<a>&nosuch;</a>", "&nosuch;"),
    "XML's own": ("<a>&lt;b&gt; &amp;amp; &quot;</a>", '<b> &amp; "'),
    "numbers": ("<a>&#228;&#x3c;&#60;</a>", "ä<<"),
    "Windows' own numbers": ("<a>&#147;so&#148;</a>", "“so”"),
    "halves of a pair": ("<a>x&#xD83D;&#xDE00;y</a>", "xy"),
    "numbers beyond Unicode": ("<a>x&#x110000;&#99999999;y</a>", "xy"),
    "control characters": ("<a>a\x00b\x08c&#0;d&#7;e</a>", "abcde"),
    "CDATA stays as it is": ("<a>&amp;<![CDATA[&amp; &nbsp; <b>]]>&amp;</a>", "&&amp; &nbsp; <b>&"),
    "what looks like a prefix": ("<a>x<![CDATA[<xml:p> <xmlns:b> <c²:d>]]></a>", "x<xml:p> <xmlns:b> <c²:d>"),
    "blanks before the declaration": ("\ufeff \n\n<?xml version='1.0' encoding='latin-1'?>\n<a>x</a>", "x"),
    "comments with tags before the root": ("<!-- <b> --><?style x?><!-- > --><a>x</a>", "x"),
    "what follows the root": ("<a>x</a>\n<script>y", "x"),
    "small entities of its own": ('<!DOCTYPE a [<!ENTITY n "Benign"><!ENTITY q \'"1"\'>]><a>&n; &q;</a>', 'Benign "1"'),
    "nested entities stay unread": ('<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>', "&y;"),
    "external entities stay unread": ('<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><a>&f;</a>', "&f;"),
    "a backslash in a DOCTYPE": ('<!DOCTYPE a [<!ENTITY b "\\1\\g<0>">]><a>x</a>', "x"),
    "an undeclared prefix": ("<rss:a rss:v='1'>x</rss:a>", "x"),
    "an undeclared prefix of a feed": ("<rss:feed rss:v='1'>x</rss:feed>", "x"),
    "CDATA in escaped brackets": ("<a> &lt;![CDATA[R&amp;amp;D &lt;b&gt;]]&gt;\n</a>", " R&amp;D <b>\n"),
    "half of such a bracket": ("<a>x[y[0]]&gt;5</a>", "x[y[0]]>5"),
}


@pytest.mark.parametrize(("text", "content"), REPAIRED.values(), ids=REPAIRED)
def test_the_repaired_document_is_well_formed_and_says_the_same(text: str, content: str) -> None:
    repaired = repair(text)
    assert repaired.startswith(DECLARATION)
    assert ET.fromstring(repaired).text == content


def test_a_declared_prefix_stays() -> None:
    text = '<r:RDF xmlns:r="http://r.test/"><r:li/></r:RDF>'
    assert repair(text) == DECLARATION + text


def test_a_usual_prefix_that_nobody_declared_means_what_it_usually_does() -> None:
    repaired = repair("<rss version='2.0'><content:encoded>x</content:encoded></rss>")
    assert [element.tag for element in ET.fromstring(repaired)] == ["{http://purl.org/rss/1.0/modules/content/}encoded"]
    assert ET.fromstring(repair("<rss xmlns:dcterms='urn:d'><dc:date/><podcast:x/><dcterms:y/></rss>")) is not None


def test_entities_add_no_more_than_their_share() -> None:
    text = f'<!DOCTYPE a [<!ENTITY x "{"y" * 200}">]><a>{"&x;" * 100_000}</a>'
    assert len(repair(text)) < 100_000


@pytest.mark.parametrize("element", ["author", "dc:creator", "managingEditor", "itunes:name"])
def test_a_name_of_any_length_is_cut(element: str) -> None:
    text = f"<a><{element}>{'x' * 90_000}</{element}><b>{'y' * 5_000}</b></a>"
    repaired = repair(text)
    assert len(repaired) < MAX_AUTHOR_CHARS + 5_300
    assert "y" * 5_000 in repaired


HOSTILE = {
    "blanks before the root": " \n" * 400_000 + "<a/>",
    "blanks in the prolog": "<?xml version='1.0'?>" + "\n" * 800_000 + "<a/>",
    "comments that never end": "<!--" * 200_000,
    "CDATA that never ends": "<a>" + "<![CDATA[" * 100_000,
    "a DOCTYPE that never ends": "<!DOCTYPE a [" + "<!ENTITY x 'y'>" * 50_000,
    "brackets in a DOCTYPE": "<!DOCTYPE a [" + "] " * 400_000 + "<a/>",
    "ampersands": "<a>" + "&" * 800_000,
    "authors that never close": "<a>" + "<author>" * 100_000,
    "prefixes without end": "<a>" + "".join(f"<p{number}:b>" for number in range(100_000)),
    "captions that never close": "<a>" + "<media:description " * 50_000,
    "escaped CDATA that never ends": "<a>" + ">&lt;![CDATA[" * 70_000,
    "an author's blanks": "<a><author>" + " " * 800_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    repair(text)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<?xml version='1.0'?><!DOCTYPE rss><rss/>", "rss"),
        ("<rdf:RDF xmlns:rdf='x'>", "rdf"),
        ("<!-- <rss> --> <HTML lang=en>", "html"),
        ("plain text", ""),
        ("", ""),
    ],
    ids=["behind a prolog", "with a prefix", "in capitals, behind a comment", "none", "empty"],
)
def test_the_root_is_found_by_its_local_name(text: str, name: str) -> None:
    assert root_name(text) == name


@given(st.text(alphabet="<>&;![]-?/#xa1 \"'CDATA:", max_size=120))
def test_no_text_raises(text: str) -> None:
    assert repair(text).startswith(DECLARATION)
