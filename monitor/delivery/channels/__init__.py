"""Ways to reach people, one file each. A new one is a new file here and a case in ``app``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.domain import Delivery, Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said when it took a delivery."""

    #: HTTP status, or the code of SMTP; None where the channel speaks neither.
    status: int | None = None
    #: The first kilobyte of the answer, cleaned, or where the delivery went.
    detail: str = ""


#: Writes a digest down: one message, or several where it is too large for one; each with the part that it tells.
Render = Callable[[Digest], Sequence[tuple[Digest, bytes]]]


class Channel(Protocol):
    """One address, and how to write and send to it. It may be used by several threads at once."""

    @property
    def id(self) -> str: ...

    @property
    def place(self) -> str:
        """Where it leads, as people may see it: no more of a secret address than they need to tell it from others."""

    @property
    def content_type(self) -> str:
        """Of what ``render`` returns."""

    @property
    def render(self) -> Render:
        """Called once, when the digest is composed: these bytes are what is sent, however often."""

    def send(self, delivery: Delivery, now: datetime, /) -> Answer:
        """Try once to hand over a delivery; returning means that the receiver has it.

        DeliveryError: it was not accepted; its ``outcome`` says whether to try again.
        """
