"""A web server on loopback that answers with the very bytes a test wants, well-formed or not."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import BinaryIO

from monitor.feeds.addresses import Network

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.1/32"),)


@dataclass
class Request:
    path: str
    headers: dict[str, bytes]


Answer = bytes | Callable[[Request, BinaryIO], None]


@dataclass
class Origin:
    url: str
    requests: list[Request] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


def http(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; header names are written with ``_`` for ``-``."""
    fields = {"Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


@contextmanager
def origin(answers: dict[str, Answer] | Answer, *, address: str = "127.0.0.1") -> Iterator[Origin]:
    """Serve one answer for each path, or one for all; paths not named get a 404."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().split()
            if len(line) < 2:
                return
            headers = {}
            while (field := self.rfile.readline().rstrip(b"\r\n")) != b"":
                name, _, value = field.partition(b": ")
                headers[name.decode().lower()] = value
            request = Request(path=line[1].decode(), headers=headers)
            seen.requests.append(request)
            answer = answers.get(request.path, http(status="404 Not Found")) if isinstance(answers, dict) else answers
            try:
                if callable(answer):
                    answer(request, self.wfile)
                else:
                    self.wfile.write(answer)
            except OSError:
                pass  # the client has had enough, which is what some tests want

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server((address, 0), Handler) as server:
        seen = Origin(url=f"http://{address}:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield seen
        finally:
            server.shutdown()
