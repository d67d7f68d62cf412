"""Bodies are read whole, within limits, before anybody works on them: a slow client costs a coroutine, no thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.web.problems import refused

#: A form, or a list of feeds from another reader.
BODY_BYTES = 1024 * 1024
BODY_S = 20.0
#: Bodies in hand at once; whoever comes beside them is asked to come again.
BODIES = 4


class Bounded:
    """ASGI middleware: 411 without a length, 413 beyond the limit, 408 when it is late, 503 beside too many others.

    limit   bytes that a path takes
    body_s  seconds for a whole body
    """

    def __init__(self, app: ASGIApp, *, limit: Callable[[str], int], body_s: float = BODY_S) -> None:
        self._app = app
        self._limit = limit
        self._body_s = body_s
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "" if "transfer-encoding" in headers else "0")  # RFC 9112 §6.3
        if not (length.isascii() and length.isdigit()):
            await _refuse(411, scope, receive, send)
        elif int(length[:19]) > self._limit(scope["path"]):
            await _refuse(413, scope, receive, send)
        elif self._in_hand >= BODIES:
            await _refuse(503, scope, receive, send)
        else:
            self._in_hand += 1
            try:
                await self._hand_over(scope, receive, send)
            finally:
                self._in_hand -= 1

    async def _hand_over(self, scope: Scope, receive: Receive, send: Send) -> None:
        pieces = []
        try:
            async with asyncio.timeout(self._body_s):
                while (message := await receive())["type"] == "http.request":
                    pieces.append(message.get("body", b""))
                    if not message.get("more_body", False):
                        break
                else:
                    return  # it hung up
        except TimeoutError:
            await _refuse(408, scope, receive, send)
            return
        whole: Message = {"type": "http.request", "body": b"".join(pieces), "more_body": False}
        handed: list[Message] = [whole]

        async def again() -> Message:
            return handed.pop() if handed else await receive()

        await self._app(scope, again, send)


async def _refuse(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    words = {
        408: "the body took too long",
        411: "say how long the body is",
        413: "that is more than is taken here",
        503: "busy: come again in a moment",
    }
    response = refused(scope["path"], status, words[status], {"Connection": "close"})
    await response(scope, receive, send)
