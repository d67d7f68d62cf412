"""Real HTTP on loopback for tests: an origin of feeds, and a receiver that checks signatures."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import quote
from xml.sax.saxutils import escape

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


class Gate:
    """Holds every request back while it is closed."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        #: Set once somebody waits.
        self.waiting = threading.Event()

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def pass_through(self) -> None:
        if not self._open.is_set():
            self.waiting.set()
            self._open.wait(30)


class Site:
    """An origin whose documents a test writes: path -> body, or a status."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.documents: dict[str, bytes | int] = {}
        #: Every request as (path, headers).
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.base = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.gate.pass_through()
        self.requests.append((handler.path, dict(handler.headers.items())))
        found = self.documents.get(handler.path, 404)
        status, body = (200, found) if isinstance(found, bytes) else (found, b"")
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class Desk:
    """A receiver: verifies each message and keeps it, and answers with the statuses that a test has queued."""

    def __init__(self, secret: str = SECRET) -> None:
        self.gate = Gate()
        self.secret = secret
        #: (webhook-id, body) of every message with a right signature, as often as it came.
        self.received: list[tuple[str, bytes]] = []
        self.bad_signatures = 0
        #: Answers to give, next first; 204 when empty.
        self.answers: list[int] = []
        self.base = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.gate.pass_through()
        try:
            Webhook(self.secret).verify(body, dict(handler.headers.items()))
        except WebhookVerificationError:
            self.bad_signatures += 1
        self.received.append((handler.headers["webhook-id"], body))
        handler.send_response(self.answers.pop(0) if self.answers else 204)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    @property
    def digests(self) -> list[dict[str, Any]]:
        """The data of each message, once each, in the order in which they first came."""
        return [json.loads(body)["data"] for body in dict(self.received).values()]

    @property
    def titles(self) -> list[str]:
        """Title of every entry in every digest, as often as it was told."""
        return [
            entry["title"]
            for digest in self.digests
            for line in digest["storylines"]
            for event in line["events"]
            for entry in event["entries"]
        ]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is what many tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Party(Protocol):
    """One that answers HTTP requests."""

    base: str

    def answer(self, handler: BaseHTTPRequestHandler) -> None: ...


@contextmanager
def serve(party: Party) -> Iterator[None]:
    """Serve it on a free port; its address is then in ``base``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            party.answer(self)

        def do_POST(self) -> None:
            party.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    party.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rss(*titles: str, feed: str = "News") -> bytes:
    """A feed whose entries have these titles; a title's own text is its guid."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(title)}</guid><title>{escape(title)}</title>"
        f"<link>https://news.test/{quote(title)}</link></item>"
        for title in titles
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{feed}</title>{items}</channel></rss>".encode()
