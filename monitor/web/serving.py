"""HTTP in, HTTP out: requests become values, a function answers them. Bounded in size, in time and in number."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitor.web.messages import Request, Response

#: Seconds a client may be silent, and seconds for a whole body: a slow one costs a thread, nothing else.
SILENCE_S = 5.0
BODY_S = 20.0
#: Within this time it notices that it is to end.
NOTICE_S = 0.1
#: Bodies in hand at once; whoever comes beside them is asked to come again.
BODIES = 4
PIECE_BYTES = 65_536
#: Nobody has more to ask; a query of a hub has five parts.
MAX_FIELDS = 50


class BadRequestError(Exception):
    """The request is not taken: ``status`` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of ours; anything else is told with its traceback."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(bind: str, respond: Callable[[Request], Response], *, max_body_bytes: int) -> Iterator[str]:
    """Serve GET and POST at ``host:port`` until the block ends; gives the address, as ``http://host:port``.

    respond  called for each request, by many threads at once

    Raises OSError when the address cannot be had.
    """
    bodies = threading.BoundedSemaphore(BODIES)

    class Handler(BaseHTTPRequestHandler):
        timeout = SILENCE_S
        server_version = "monitor"
        sys_version = ""
        rfile: BufferedIOBase

        def do_GET(self) -> None:
            self._answer(lambda _: b"")

        def do_POST(self) -> None:
            if not bodies.acquire(blocking=False):
                self.send_error(503)
                return
            try:
                self._answer(lambda headers: read_body(self.rfile, headers, max_body_bytes))
            finally:
                bodies.release()

        def _answer(self, body: Callable[[Mapping[str, str]], bytes]) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                request = read_request(self.command, self.path, headers, body(headers))
            except BadRequestError as error:
                self.send_error(error.status)
                return
            response = respond(request)
            text = response.body.encode("utf-8", "replace")
            self.send_response(response.status)
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Health checks are no news, and the address of a callback is a secret."""

    host, _, port = bind.rpartition(":")
    server = Server((host.strip("[]"), int(port)), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(NOTICE_S,), name="web", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def read_request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """A request as a value; BadRequestError when its target cannot be read."""
    try:
        address = urlsplit(target)
        pairs = parse_qsl(address.query, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BadRequestError(400) from error
    return Request(method=method, path=address.path, query=dict(reversed(pairs)), headers=headers, body=body)


def read_body(stream: BufferedIOBase, headers: Mapping[str, str], max_bytes: int) -> bytes:
    """The body that Content-Length announces; BadRequestError when it is too large, or not there in time."""
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise BadRequestError(411)
    left = int(length[:19])
    if left > max_bytes:
        raise BadRequestError(413)
    deadline = time.monotonic() + BODY_S
    pieces = []
    while left:
        piece = stream.read1(min(left, PIECE_BYTES)) if time.monotonic() < deadline else b""
        if not piece:
            raise BadRequestError(408)
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
