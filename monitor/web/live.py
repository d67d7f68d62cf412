"""``/live``: a stream that says when there is something new to show, so that an open page can renew itself.

Server-sent events (WHATWG HTML §9.2). One question to the database every few seconds serves all who listen, and none is
asked when nobody does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from monitor.errors import MonitorError
from monitor.storage import overview
from monitor.web.host import Host

#: Seconds between two looks.
EVERY_S = 2.0
#: Pages that may listen at once: each holds a connection.
LISTENERS = 100


class Pulse:
    """The latest sign of change, looked up at most once in EVERY_S for all who ask."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._looking = asyncio.Lock()
        self._seen: tuple[int, ...] = ()
        self._at = 0.0
        self.listeners = 0

    async def now(self) -> tuple[int, ...]:
        async with self._looking:
            clock = asyncio.get_running_loop().time()
            if not self._at or clock - self._at >= EVERY_S:
                self._seen = await run_in_threadpool(self._look)
                self._at = clock
            return self._seen

    def _look(self) -> tuple[int, ...]:
        try:
            with self._host.tools().store.read() as connection:
                return overview.pulse(connection)
        except MonitorError:  # the database is away, which health says
            return self._seen


def shown(host: Host) -> str:
    """The sign of what a page that is made now shows; it comes back with the page's question."""
    with host.tools().store.read() as connection:
        return _sign(overview.pulse(connection))


async def stream(request: Request, seen: str = "") -> EventSourceResponse:
    """seen  from ``shown``: what came in between making the page and listening is told as well"""
    pulse = cast("Pulse", request.app.state.pulse)
    return EventSourceResponse(_changes(pulse, seen), ping=20, headers={"Cache-Control": "no-store"})


def _sign(pulse: tuple[int, ...]) -> str:
    return ".".join(map(str, pulse))


async def _changes(pulse: Pulse, seen: str) -> AsyncIterator[ServerSentEvent]:
    if pulse.listeners >= LISTENERS:
        return
    pulse.listeners += 1
    try:
        yield ServerSentEvent(comment="listening", retry=5000)
        known = seen or _sign(await pulse.now())
        while True:
            sign = _sign(await pulse.now())
            if sign != known:
                known = sign
                yield ServerSentEvent(event="changed", data=sign)
            await asyncio.sleep(EVERY_S)
    finally:
        pulse.listeners -= 1
