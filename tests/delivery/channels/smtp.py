"""A real SMTP server on loopback (aiosmtpd), which refuses whom a test names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Server:
    """What came, and what is answered: recipient or "data" -> the reply."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.replies: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self.replies.get("data", "250 taken as 4711")
        if reply.startswith("250"):
            self.mails.append(envelope)
        return reply


class Loopback(Controller):
    """On a port that the system chooses; aiosmtpd itself would dial port 0 to see whether it listens."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(server: Server, **options: Any) -> Iterator[int]:
    controller = Loopback(server, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
