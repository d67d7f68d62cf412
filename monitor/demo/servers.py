"""The two ends of the demo, on loopback: an origin that grows by the day, a receiver that checks signatures."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.demo.week import DAYS, Week, document

#: Seconds that a day of the week takes.
DAY_S = 1.5


class Origin:
    """Serves every feed of the week as it stands on the current day, with an ETag."""

    def __init__(self, week: Week) -> None:
        self._week = week
        self._began: float | None = None
        self.requests = 0
        self.not_modified = 0

    def begin(self) -> None:
        """Let day 1 begin."""
        self._began = time.monotonic()

    @property
    def day(self) -> int:
        return 0 if self._began is None else min(DAYS, 1 + int((time.monotonic() - self._began) / DAY_S))

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests += 1
        feed = next((feed for feed in self._week.feeds if handler.path == f"/{feed.name}.feed"), None)
        if feed is None:
            handler.send_error(404)
            return
        content_type, body = document(feed, self._week, self.day, f"http://{handler.headers['Host']}")
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if handler.headers.get("If-None-Match") == etag:
            self.not_modified += 1
            reply(handler, 304, b"", {"ETag": etag})
        else:
            reply(handler, 200, body, {"ETag": etag, "Content-Type": content_type})


class Receiver:
    """Takes what is posted if its signature is right, and keeps each message once."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        #: By webhook-id.
        self.messages: dict[str, dict[str, Any]] = {}
        self.refused = 0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        try:
            self._webhook.verify(body, dict(handler.headers.items()))
        except WebhookVerificationError:
            self.refused += 1
            reply(handler, 401, b"bad signature", {})
            return
        self.messages.setdefault(handler.headers["webhook-id"], json.loads(body))
        reply(handler, 204, b"", {})


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if status not in {204, 304}:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(party: Origin | Receiver) -> Iterator[str]:
    """Serve one of the two on a free port of this machine; gives its base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            party.answer(self)

        def do_POST(self) -> None:
            party.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """The demo tells its own story."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
