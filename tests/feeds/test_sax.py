from __future__ import annotations

import io
import xml.sax
from xml.sax.handler import ContentHandler

import feedparser

from monitor.feeds import sax
from monitor.feeds.xmlfeed import parse_xml

FEED = """<rss version="2.0"><channel><title>One</title><item><title>A &amp; B</title><guid>1</guid>
<description>&lt;p&gt;First line,
second &amp;amp; last.&lt;/p&gt;</description></item></channel></rss>"""


class Pieces(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def characters(self, content: str) -> None:
        self.pieces.append(content)


def test_a_text_comes_in_one_piece_whatever_references_and_lines_it_has():
    handler = Pieces()
    reader = xml.sax.make_parser([sax.__name__])
    reader.setContentHandler(handler)
    reader.parse(io.BytesIO(b"<p>&lt;b&gt;one&lt;/b&gt;\ntwo &amp; three</p>"))
    assert handler.pieces == ["<b>one</b>\ntwo & three"]


def test_feedparser_reads_with_it():
    parse_xml(FEED)
    (chosen,) = feedparser.api.PREFERRED_XML_PARSERS
    assert isinstance(xml.sax.make_parser([chosen]), sax.WholeTextParser)


def test_feedparser_reads_the_same_with_it():
    (entry,) = parse_xml(FEED).entries
    assert entry.title.value == "A & B"
    assert entry.summary.value == "<p>First line,\nsecond &amp; last.</p>"
