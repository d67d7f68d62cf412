"""What comes in over HTTP is bounded, and what goes out says no more than it must."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.web.bounds import BODIES, Bounded
from monitor.web.serving import serving
from tests.hub import call


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request it understood."""
    request = Request(scope, receive)
    told = {"method": request.method, "path": request.url.path, "body": len(await request.body())}
    await JSONResponse(told)(scope, receive, send)


def bounded(app: ASGIApp, body_s: float = 20) -> Bounded:
    return Bounded(app, limit=lambda path: 2000 if path == "/large" else 1000, body_s=body_s)


@pytest.fixture
def base() -> Iterator[str]:
    with serving("127.0.0.1:0", bounded(echo)) as address:
        yield address


def connected(base: str) -> socket.socket:
    host, port = base.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def raw(base: str, request: bytes) -> bytes:
    """The whole answer to these very bytes."""
    with connected(base) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_body_is_handed_over_whole_and_each_path_has_its_limit(base: str):
    assert call(f"{base}/a", b"body") == (200, '{"method":"POST","path":"/a","body":4}')
    assert call(f"{base}/a", b"x" * 2000)[0] == 413
    assert call(f"{base}/large", b"x" * 2000)[0] == 200


def test_a_kept_connection_is_answered_at_once(base: str):
    """Of ten answers one at least takes no 40 ms: so long a body would wait until its head was acknowledged."""
    host = base.removeprefix("http://")
    with httpx.Client(base_url=base, trust_env=False) as client:
        spent = [client.get("/", headers={"Host": host}).elapsed.total_seconds() for _ in range(11)]
    assert min(spent[1:]) < 0.035


REFUSED = {
    "a body that is too large": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", b" 413 "),
    "a body of a length that is a riddle": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b" 400 "),
    "a body in chunks": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
    "a head without an end": (b"GET / HTTP/1.1\r\n" + b"X: 0123456789\r\n" * 2000, b" 400 "),
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b" 400 "),
}


@pytest.mark.parametrize(("request_bytes", "status"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(base: str, request_bytes: bytes, status: bytes):
    assert status in raw(base, request_bytes).splitlines()[0]


def test_a_body_that_comes_too_late_is_not_waited_for():
    with serving("127.0.0.1:0", bounded(echo, body_s=0.2)) as base:
        assert b" 408 " in raw(base, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")


def test_a_half_sent_head_is_not_waited_for_and_holds_up_nobody():
    with serving("127.0.0.1:0", bounded(echo), head_s=0.5) as base:
        began = time.monotonic()
        silent = [connected(base) for _ in range(50)]
        for connection in silent:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert call(base)[0] == 200
        assert [connection.recv(10) for connection in silent] == [b""] * 50
        assert time.monotonic() - began < 5
        for connection in silent:
            connection.close()


def test_a_second_request_on_a_connection_is_not_waited_for_either():
    whole = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    with serving("127.0.0.1:0", bounded(echo), head_s=0.5) as base, connected(base) as connection:
        for _ in range(2):
            connection.sendall(whole)
            with connection.makefile("rb") as answer:
                assert b" 200 " in answer.readline()
                while answer.readline().strip():
                    pass
                assert answer.read(36) == b'{"method":"GET","path":"/","body":0}'
        connection.sendall(whole[:-4])
        assert connection.recv(10) == b""


def test_an_answer_names_no_program(base: str):
    head = raw(base, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").partition(b"\r\n\r\n")[0].lower()
    assert b"uvicorn" not in head
    assert b"python" not in head


def test_beside_a_few_bodies_others_are_asked_to_come_again():
    inside, leave = threading.Semaphore(0), threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            inside.release()
            await asyncio.to_thread(leave.wait, 20)
        await echo(scope, receive, send)

    with serving("127.0.0.1:0", bounded(slow)) as base:
        senders = [threading.Thread(target=call, args=(base, b"x")) for _ in range(BODIES)]
        for sender in senders:
            sender.start()
        for _ in senders:
            assert inside.acquire(timeout=120)
        assert call(base, b"x")[0] == 503
        assert call(base)[0] == 200
        leave.set()
        for sender in senders:
            sender.join()
        assert call(base, b"x")[0] == 200


def test_an_address_that_is_taken_is_refused_in_the_calling_thread(base: str):
    with pytest.raises(OSError, match="in use"), serving(base.removeprefix("http://"), echo):
        pass
