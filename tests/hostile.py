"""A receiver of webhooks that is ill in one of several ways, and keeps a record of everything that reached it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler
from typing import Literal

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.servers import SECRET, Gate

#: Well; refuses each message twice; its first answer to each is lost; asks for rest after every third request; does not
#: answer each in time at first; never answers at all.
Mood = Literal["ok", "fail", "lost", "ratelimit", "timeout", "hang"]


class Hostile:
    """One receiver, to be given to ``servers.serve``."""

    def __init__(self, mood: Mood) -> None:
        self.mood, self.base = mood, ""
        #: Closed: whoever times out or hangs does so until it is opened.
        self.gate = Gate()
        #: Of each message all bodies, as often as it came.
        self.bodies: dict[str, list[bytes]] = defaultdict(list)
        self.bad_signatures = 0
        #: When each message that was taken came for the first time, by ``time.monotonic``.
        self.taken: dict[str, float] = {}
        self._lock = threading.Lock()
        self._requests = 0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        webhook_id, mood = handler.headers["webhook-id"], self.mood
        with self._lock:
            try:
                Webhook(SECRET).verify(body, dict(handler.headers.items()))
            except WebhookVerificationError:
                self.bad_signatures += 1
            self.bodies[webhook_id].append(body)
            tries = len(self.bodies[webhook_id])
            self._requests += 1
            asks_for_rest = mood == "ratelimit" and self._requests % 3 == 0
        if mood == "hang" or (mood == "timeout" and tries == 1):
            self.gate.pass_through()
            handler.close_connection = True
        elif mood == "lost" and tries == 1:
            handler.close_connection = True  # it was taken, and the answer does not arrive
        elif asks_for_rest:
            self._say(handler, 429)
        elif mood == "fail" and tries <= 2:
            self._say(handler, 500)
        else:
            with self._lock:
                self.taken.setdefault(webhook_id, time.monotonic())
            self._say(handler, 204)

    def _say(self, handler: BaseHTTPRequestHandler, status: int) -> None:
        handler.send_response(status)
        if status == 429:
            handler.send_header("Retry-After", "2")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    @property
    def changed(self) -> int:
        """Messages that came with more than one body."""
        return sum(len(set(bodies)) > 1 for bodies in self.bodies.values())
