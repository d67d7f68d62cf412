"""A digest as a notification by Apprise (https://github.com/caronc/apprise), which speaks to a hundred services.

Apprise makes its own connections: the guard of addresses does not stand before them. What it connects to is the address
that the operator configured, or the service which that names; it is told to follow no redirects, and nothing of a feed
can be part of an address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.delivery.channels import Answer, Render
from monitor.delivery.channels.posting import telling, tidied
from monitor.domain import Delivery, Outcome
from monitor.errors import DeliveryError


def longest(url: str) -> int | None:
    """Characters that the service takes in one message; None: Apprise does not know it."""
    service = _service(url)
    return int(service.body_maxlen) if service else None


def _service(url: str) -> Any:
    """The plugin of Apprise behind an address; None: there is none."""
    import apprise  # takes a third of a second: only who has such a channel pays for it

    service = apprise.Apprise.instantiate(url, asset=apprise.AppriseAsset(http_redirects=False))
    if service:
        service.overflow_mode = apprise.OverflowMode.SPLIT  # of one event that is too large by itself
    return service


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    id: str
    #: Treated as a secret.
    url: str = field(repr=False)
    #: Its first line is the title.
    render: Render
    content_type: str = "text/plain; charset=utf-8"

    @property
    def place(self) -> str:
        return f"{self.url.partition(':')[0]} by Apprise"

    def send(self, delivery: Delivery, now: datetime) -> Answer:  # noqa: ARG002 - a Channel
        import apprise

        service = _service(self.url)
        if service is None:
            raise DeliveryError("Apprise does not know this address", Outcome.REJECTED)
        title, _, text = delivery.body.decode().partition("\n")
        result = apprise.Apprise(service).notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT)
        if not result:
            said = tidied("; ".join(entry.message for entry in result.logs()), telling(self.url, ()))
            raise DeliveryError(f"{self.place} did not take it", Outcome.RETRY, answer=said)
        return Answer(detail="taken by Apprise")
