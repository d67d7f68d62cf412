"""A WebSub hub on loopback that plays by the Recommendation, as far as a test lets it."""

from __future__ import annotations

import hashlib
import hmac
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlencode

from tests.servers import Site


class Hub(Site):
    """Takes requests, asks back before it answers, and pushes what it is told to push."""

    def __init__(self) -> None:
        super().__init__()
        #: Fields of every request that came.
        self.asked: list[dict[str, str]] = []
        #: Callback -> secret of those that confirmed.
        self.subscribers: dict[str, str] = {}
        self.status = 202
        self.lease_s = 3600
        #: What to ask back; None: nothing.
        self.ask_back: Callable[[dict[str, str]], dict[str, str] | None] = lambda form: {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "ch/a+l=l&e",
            "hub.lease_seconds": str(self.lease_s),
        }
        #: Set once a request was answered.
        self.answered = threading.Event()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "GET":
            super().answer(handler)
            return
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        form = dict(parse_qsl(body.decode(), strict_parsing=True))
        self.asked.append(form)
        question = self.ask_back(form)
        if self.status < 300 and question is not None:
            self.verify(form, question)
        handler.send_response(self.status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        self.answered.set()

    def verify(self, form: dict[str, str], question: dict[str, str]) -> bool:
        """Ask the subscriber whether it meant it; True and taken note of if it says so."""
        status, answer = call(f"{form['hub.callback']}?{urlencode(question)}")
        if status != 200 or answer != question["hub.challenge"]:
            return False
        if question["hub.mode"] == "subscribe":
            self.subscribers[form["hub.callback"]] = form["hub.secret"]
        else:
            del self.subscribers[form["hub.callback"]]
        return True

    def push(self, body: bytes, *, signature: str | None = None, method: str = "sha256") -> list[int]:
        """Push to every subscriber; the statuses of their answers."""
        statuses = []
        for callback, secret in self.subscribers.items():
            digest = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
            headers = {
                "Content-Type": "application/rss+xml",
                "X-Hub-Signature": f"{method}={digest}" if signature is None else signature,
            }
            statuses.append(call(callback, body, headers)[0])
        return statuses


def call(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """GET, or POST where there is a body: status and text of the answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers or {}), timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
