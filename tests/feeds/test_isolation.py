"""What stands for the parser here misbehaves on purpose; it must be at module level, to be found by another process."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain import Document, ParsedFeed
from monitor.errors import ParseError
from monitor.feeds.isolation import SMALL_BYTES, Parser, read_file

URL = "https://news.test/feed"
RSS = b'<rss version="2.0"><channel><title>%s</title></channel></rss>'


def document(body: bytes) -> Document:
    return Document(url=URL, status=200, body=body)


def misbehave(given: Document, feed_url: str, marks: bytes) -> ParsedFeed:
    match given.body:
        case bytes() as body if body.startswith(b"hang"):
            time.sleep(60)
        case b"die":
            os._exit(7)
        case b"eat":
            return ParsedFeed(title=str(len(bytearray(4 * 1024**3))))
        case b"raise":
            raise KeyError("of feedparser's own")
        case b"refuse":
            raise ParseError(feed_url, "not a feed: it is a test")
    return ParsedFeed(title=f"read by {os.getpid()}")


@pytest.fixture(scope="module")
def misbehaving() -> Iterator[Parser]:
    with Parser(workers=1, timeout=timedelta(seconds=0.5), read_document=misbehave) as parser:
        yield parser


MISHAPS = {
    b"hang": "took longer than 0.5 s",
    b"die": "the parser died on it",
    b"eat": "too much memory",
    b"raise": "the parser failed on it (KeyError)",
    b"refuse": "not a feed: it is a test",
}


@pytest.mark.parametrize(("body", "words"), MISHAPS.items(), ids=[body.decode() for body in MISHAPS])
def test_a_mishap_is_that_documents_error_and_the_next_one_is_read(
    misbehaving: Parser, body: bytes, words: str
) -> None:
    with pytest.raises(ParseError) as error:
        misbehaving.read(document(body), URL)
    assert words in error.value.reason
    assert error.value.url == URL
    assert misbehaving.read(document(b"fine"), URL).title.startswith("read by ")


def test_a_large_document_that_takes_long_holds_up_no_small_one() -> None:
    large = document(b"hang" + b" " * SMALL_BYTES)
    with Parser(workers=1, read_document=misbehave) as parser, ThreadPoolExecutor(1) as threads:
        slow = threads.submit(parser.read, large, URL)
        assert [parser.read(document(b"fine"), URL).title[:7] for _ in range(3)] == ["read by"] * 3
        while not parser._large._unread:  # the other thread may not have come so far
            time.sleep(0.01)
        assert not slow.done()
        parser.close()
        with pytest.raises(ParseError):
            slow.result(timeout=120)


def test_marks_of_the_last_document_are_handed_on() -> None:
    feed = document(b"<rss version='2.0'><channel><item><guid>a</guid><title>A</title></item></channel></rss>")
    with Parser(workers=1) as parser:
        first = parser.read(feed, URL)
        again = parser.read(feed, URL, first.marks)
    assert [entry.guid for entry in first.entries] == ["a"]
    assert again.entries == ()


def test_documents_are_read_in_other_processes(misbehaving: Parser) -> None:
    assert misbehaving.read(document(b"fine"), URL).title != f"read by {os.getpid()}"


def test_many_threads_read_at_once_and_each_gets_its_own_feed() -> None:
    with Parser() as parser, ThreadPoolExecutor(32) as threads:
        titles = [f"feed {number}" for number in range(100)]
        feeds = threads.map(lambda title: parser.read(document(RSS % title.encode()), URL), titles)
        assert [feed.title for feed in feeds] == titles


def test_a_closed_parser_starts_again_when_needed() -> None:
    parser = Parser(workers=1)
    parser.close()
    try:
        assert parser.read(document(RSS % b"one"), URL).title == "one"
        parser.close()
        assert parser.read(document(RSS % b"two"), URL).title == "two"
    finally:
        parser.close()


def test_a_saved_answer_is_read_as_a_poll_would(tmp_path: Path) -> None:
    saved = tmp_path / "feed.gz"
    saved.write_bytes(gzip.compress(RSS % b"saved"))
    assert read_file(saved, {"content-encoding": "gzip"}, URL).title == "saved"
    saved.write_bytes(saved.read_bytes()[:20])
    with pytest.raises(ParseError, match="cut off"):
        read_file(saved, {"content-encoding": "gzip"}, URL)
