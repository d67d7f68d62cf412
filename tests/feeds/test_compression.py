from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.compression import EncodingError, decode_body, decode_chunks

GZIPPED = {"content-encoding": "gzip"}


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_gzip_in_pieces_of_any_size_is_undone(body: bytes, size: int) -> None:
    sent = gzip.compress(b"feed" + body)
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert decode_chunks(pieces, GZIPPED, 10_000) == b"feed" + body


@pytest.mark.parametrize(
    "headers",
    [{}, {"content-encoding": "identity"}, {"content-encoding": "X-GZip"}, {"content-encoding": "gzip, gzip"}],
    ids=["a file served as it lies on disk", "said to be plain", "old name in odd case", "twice"],
)
def test_gzip_is_undone_however_it_is_announced(headers: dict[str, str]) -> None:
    sent = gzip.compress(b"<rss/>")
    if headers.get("content-encoding") == "gzip, gzip":
        sent = gzip.compress(sent)
    assert decode_body(sent, headers, 1_000) == b"<rss/>"


def test_several_members_are_one_body_and_what_follows_them_is_ignored() -> None:
    sent = gzip.compress(b"<rss>") + gzip.compress(b"</rss>") + b"\0\0\0"
    assert decode_body(sent, GZIPPED, 1_000) == b"<rss></rss>"


def test_a_bomb_is_refused_before_all_of_it_is_read() -> None:
    bomb = gzip.compress(bytes(5_000_000))
    read = []

    def pieces():
        for at in range(0, len(bomb), 500):
            read.append(at)
            yield bomb[at : at + 500]

    with pytest.raises(EncodingError, match="larger than 100,000 bytes"):
        decode_chunks(pieces(), GZIPPED, 100_000)
    assert len(read) <= 2


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, br"])
def test_an_encoding_that_was_not_asked_for_is_an_error_without_reading(encoding: str) -> None:
    def pieces():
        raise AssertionError("nothing should be read")
        yield b""

    with pytest.raises(EncodingError, match="not asked for"):
        decode_chunks(pieces(), {"content-encoding": encoding}, 100)


BROKEN = {
    "cut in half": (gzip.compress(bytes(range(256)) * 20)[:60], "cut off"),
    "one byte changed": (gzip.compress(b"feed" * 99)[:-6] + b"\0" * 6, "broken"),
    "plain text": (b"<rss/>", "broken"),
    "a zlib stream": (zlib.compress(b"<rss/>"), "broken"),
    "thousands of empty members": (gzip.compress(b"") * 1_001, "parts"),
}


@pytest.mark.parametrize(("sent", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_stream_is_an_error_and_never_a_short_feed(sent: bytes, why: str) -> None:
    with pytest.raises(EncodingError, match=why):
        decode_body(sent, GZIPPED, 100_000)


def test_the_limit_holds_for_plain_bodies_and_is_itself_allowed() -> None:
    assert decode_body(b"x" * 100, {}, 100) == b"x" * 100
    with pytest.raises(EncodingError, match="larger"):
        decode_body(b"x" * 101, {}, 100)
