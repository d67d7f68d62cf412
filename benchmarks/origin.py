"""A small, fast web server that plays any number of feeds, for ``poll.py``. Loopback only; one process.

``/feed/N`` is the RSS feed number N: 30 entries of about 1.5 kB, made from N alone, so that every run sees the same.
``/_set?edition=2&share=5&conditional=0`` sets the scene: in that edition ``share`` per cent of the feeds have a new
entry on top, and with ``conditional=0`` every request is answered in full. ``/_stats`` tells what was answered since it
was last asked, as JSON.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import hashlib
import json
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

ENTRIES = 30
VOCABULARY = """
river council market winter signal garden report budget museum letter engine harbour station teacher forest policy
bridge season village camera doctor kitchen journey senate weather library railway picture company measure island
festival machine theatre minister project orchard holiday question evening science player region student history
"""
WORDS = VOCABULARY.split()
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


class Scene:
    """What every feed answers just now."""

    def __init__(self) -> None:
        self.edition = 1
        self.share = 0
        self.conditional = True
        self.answered: Counter[int] = Counter()

    def edition_of(self, feed: int) -> int:
        return self.edition if feed % 100 < self.share else 1


def sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize()


def entry(feed: int, number: int) -> str:
    """Entry ``number`` of a feed; the higher, the newer."""
    chance = random.Random(f"{feed} {number}")
    text = "".join(f"<p>{sentence(chance, 40)}. <a href='/more/{number}'>More</a> &amp; so on.</p>" for _ in range(4))
    return (
        f"<item><title>{sentence(chance, 9)}</title><link>http://news.test/{feed}/{number}</link>"
        f"<guid isPermaLink='false'>tag:news.test,2026:{feed}/{number}</guid>"
        f"<dc:creator>{sentence(chance, 2)}</dc:creator><category>{chance.choice(WORDS)}</category>"
        f"<pubDate>{format_datetime(BEGAN + timedelta(minutes=37 * number))}</pubDate>"
        f"<description>{escape(text)}</description></item>\n"
    )


@functools.cache
def body(feed: int, edition: int) -> tuple[bytes, bytes]:
    """The document, as gzip, and its ETag."""
    newest = ENTRIES + edition - 1
    entries = "".join(entry(feed, number) for number in range(newest, newest - ENTRIES, -1))
    document = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Feed {feed}</title><link>http://news.test/{feed}/</link>"
        f"<description>Made for a benchmark</description><language>en</language>\n{entries}</channel></rss>"
    ).encode()
    return gzip.compress(document, 6), b'"' + hashlib.blake2b(document, digest_size=8).hexdigest().encode() + b'"'


def answer(request: bytes, scene: Scene) -> bytes:
    """The bytes that answer a request's head."""
    line, *fields = request.split(b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(b":") for field in fields)}
    target = urlsplit(line.split()[1].decode())
    if target.path == "/_set":
        for name, value in parse_qsl(target.query):
            setattr(scene, name, int(value))
        return _http(200, b"", b"")
    if target.path == "/_stats":
        told = json.dumps(scene.answered).encode()
        scene.answered.clear()
        return _http(200, b"", told)
    feed = int(target.path.removeprefix("/feed/"))
    packed, etag = body(feed, scene.edition_of(feed))
    if scene.conditional and headers.get(b"if-none-match") == etag:
        scene.answered[304] += 1
        return _http(304, b"ETag: " + etag + b"\r\n", b"")
    scene.answered[200] += 1
    fields_sent = b"Content-Type: application/rss+xml\r\nETag: " + etag + b"\r\n"
    if b"gzip" in headers.get(b"accept-encoding", b""):
        return _http(200, fields_sent + b"Content-Encoding: gzip\r\n", packed)
    return _http(200, fields_sent, gzip.decompress(packed))


def _http(status: int, fields: bytes, content: bytes) -> bytes:
    length = b"" if status == 304 else b"Content-Length: %d\r\n" % len(content)
    return b"HTTP/1.1 %d OK\r\n%s%s\r\n%s" % (status, fields, length, content)


class Server(asyncio.Protocol):
    """One connection; it stays open for as long as the client likes."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(answer(head, self._scene))
            if b"connection: close" in head.lower():
                self._transport.close()


async def serve(feeds: int) -> None:
    for feed in range(feeds):  # made before anybody is timed
        body(feed, 1)
    scene = Scene()
    server = await asyncio.get_running_loop().create_server(lambda: Server(scene), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
