"""uvicorn in a thread: the page beside the daemon's ticks, bounded in time and number of connections.

Signals stay the daemon's: uvicorn takes them in a main thread only.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn._types import ASGIApplication

#: Seconds that a client has for the head of a request; uvicorn by itself waits for ever.
HEAD_S = 10.0
#: Seconds that an idle connection is kept.
IDLE_S = 5
#: Connections at once. A silent one costs a few kilobytes for HEAD_S, and no thread.
CONNECTIONS = 1000
#: A request's line and headers together.
HEAD_BYTES = 16_384
#: What is under way when we are told to end has this long; the daemon's whole end must take less than 10 s.
GRACE_S = 1
#: The thread ends within GRACE_S, or it is left to its fate.
JOIN_S = 3.0


def impatient(head_s: float) -> type[H11Protocol]:
    """uvicorn's protocol, but a connection is closed whose next request does not begin whole in time."""

    class Impatient(H11Protocol):
        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            self._deadline = self.loop.call_later(head_s, transport.close)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            waiting = self.cycle is None or self.cycle.response_complete
            if not waiting and self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
            elif waiting and self._deadline is None:
                self._deadline = self.loop.call_later(head_s, self.transport.close)

        def connection_lost(self, exc: Exception | None) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
            super().connection_lost(exc)

    return Impatient


@contextmanager
def serving(bind: str, app: Any, *, head_s: float = HEAD_S) -> Iterator[str]:
    """Serve an ASGI application at ``host:port`` until the block ends; gives the address, as ``http://host:port``.

    Raises OSError when the address cannot be had.
    """
    host, _, port = bind.rpartition(":")
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    listening = socket.create_server((name, int(port)), family=family, backlog=512)
    # Connections inherit it. asyncio sets it only where a socket names its protocol, which this one does not; without
    # it the body waits 40 ms for the head's acknowledgement on a connection that was kept.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(
        uvicorn.Config(
            cast("ASGIApplication", app),
            http=impatient(head_s),
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,  # health checks are no news, and the address of a callback is a secret
            server_header=False,
            limit_concurrency=CONNECTIONS,
            h11_max_incomplete_event_size=HEAD_BYTES,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(JOIN_S)
        listening.close()
