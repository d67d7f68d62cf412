"""What comes in over HTTP is bounded, and what goes out says no more than it must."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from monitor.web import health
from monitor.web.messages import NOT_FOUND, Request, Response
from monitor.web.serving import BODIES, serving
from tests.hub import call


@pytest.fixture
def base() -> Iterator[str]:
    """A server that answers with the request it understood."""

    def echo(request: Request) -> Response:
        if request.path == "/nowhere":
            return NOT_FOUND
        told = {"method": request.method, "path": request.path, "query": dict(request.query), "body": len(request.body)}
        return Response(status=200, body=json.dumps(told))

    with serving("127.0.0.1:0", echo, max_body_bytes=1000) as address:
        yield address


def raw(base: str, request: bytes) -> bytes:
    """The whole answer to these very bytes."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_request_becomes_a_value_and_the_first_of_two_equal_names_counts(base: str):
    status, body = call(f"{base}/a%20b?x=1&x=2&y=", b"body")
    assert status == 200
    assert json.loads(body) == {"method": "POST", "path": "/a%20b", "query": {"x": "1", "y": ""}, "body": 4}
    assert call(f"{base}/nowhere")[0] == 404


REFUSED = {
    "a body that is too large": (b"POST / HTTP/1.0\r\nContent-Length: 1001\r\n\r\n", b" 413 "),
    "a body of a length that is a riddle": (b"POST / HTTP/1.0\r\nContent-Length: -5\r\n\r\n", b" 411 "),
    "a body in chunks": (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
    "a body that is cut off": (b"POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\nabc", b" 408 "),
    "a query of a thousand parts": (b"GET /?" + b"a=1&" * 1000 + b" HTTP/1.0\r\n\r\n", b" 400 "),
    "an address that is none": (b"GET http://[x/ HTTP/1.0\r\n\r\n", b" 400 "),
    "another method": (b"PUT / HTTP/1.0\r\n\r\n", b" 501 "),
}


@pytest.mark.parametrize(("request_bytes", "status"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(base: str, request_bytes: bytes, status: bytes):
    assert status in raw(base, request_bytes).splitlines()[0]


def test_an_answer_is_not_kept_nor_taken_for_another_kind_and_names_no_program(base: str):
    head = raw(base, b"GET / HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")[0].lower()
    assert b"cache-control: no-store" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"python" not in head


def test_beside_a_few_bodies_others_are_asked_to_come_again():
    inside, leave = threading.Semaphore(0), threading.Event()

    def slow(request: Request) -> Response:
        if request.method == "POST":
            inside.release()
            leave.wait(20)
        return Response(status=202)

    with serving("127.0.0.1:0", slow, max_body_bytes=1000) as base:
        senders = [threading.Thread(target=call, args=(base, b"x")) for _ in range(BODIES)]
        for sender in senders:
            sender.start()
        for _ in senders:
            assert inside.acquire(timeout=10)
        assert call(base, b"x")[0] == 503
        assert call(base)[0] == 202
        leave.set()
        for sender in senders:
            sender.join()
        assert call(base, b"x")[0] == 202


def test_health_is_told_by_the_status_too():
    assert health.respond({"status": "ok"}).status == 200
    assert health.respond({"status": "failing", "reason": "silent: poll"}).status == 503
    assert json.loads(health.respond({"status": "ok"}).body) == {"status": "ok"}
