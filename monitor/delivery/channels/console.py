"""A digest as text on a terminal, or wherever standard output leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from monitor.delivery.channels import Answer, Render
from monitor.domain import Delivery, Outcome
from monitor.errors import DeliveryError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleChannel:
    id: str
    out: TextIO
    render: Render
    #: From the bytes that ``render`` made to what is printed.
    show: Callable[[bytes], str]
    content_type: str = "application/json"

    @property
    def place(self) -> str:
        return "standard output"

    def send(self, delivery: Delivery, now: datetime) -> Answer:  # noqa: ARG002 - a Channel
        text = self.show(delivery.body)
        encoding = self.out.encoding or "utf-8"
        try:
            self.out.write(text.encode(encoding, "replace").decode(encoding))  # a terminal may know fewer characters
            self.out.flush()
        except (OSError, ValueError) as error:  # a broken pipe, a full disk, a closed stream
            raise DeliveryError(f"cannot print: {error}", Outcome.RETRY) from error
        return Answer(detail="printed")
