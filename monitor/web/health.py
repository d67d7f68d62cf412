"""``/healthz``: whether the three ticks are alive and the database answers. Touches no network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Seconds a client may take over one request: a slow one costs a thread, nothing else.
REQUEST_TIMEOUT_S = 5.0


@contextmanager
def serving(bind: str, answer: Callable[[], Mapping[str, Any]]) -> Iterator[str]:
    """Serve ``/healthz`` at ``host:port`` until the block ends; gives the URL.

    answer  called for each request; its ``status`` is ``ok`` (200) or anything else (503)

    Raises OSError when the address cannot be had.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_TIMEOUT_S
        server_version = "monitor"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path != "/healthz":
                self.send_error(404)
                return
            found = answer()
            body = json.dumps(found).encode()
            self.send_response(200 if found["status"] == "ok" else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Health checks are no news."""

    host, _, port = bind.rpartition(":")
    server = ThreadingHTTPServer((host.strip("[]"), int(port)), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}/healthz"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
