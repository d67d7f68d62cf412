"""A digest as a message to an incoming webhook of Slack, Discord or Teams.

They take a plain POST: whoever knows the address may write, so the address is a secret. None of them can be told that a
message is a repeat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from monitor.delivery.channels import Answer, Render
from monitor.delivery.channels.posting import place, post
from monitor.domain import Delivery

#: All three say 400 to a message that they do not like, as distinct from an address that they do not know.
OBJECTIONS = frozenset({400})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChannel:
    id: str
    #: Treated as a secret.
    url: str = field(repr=False)
    #: The HTTP client of the calling thread.
    client: Callable[[], httpx.Client]
    render: Render
    #: Total time the service has to answer, > 0.
    timeout_s: float
    content_type: str = "application/json"

    @property
    def place(self) -> str:
        return place(self.url)

    def send(self, delivery: Delivery, now: datetime) -> Answer:
        return post(
            self.client(),
            self.url,
            delivery.body,
            {"content-type": delivery.content_type},
            timeout_s=self.timeout_s,
            now=now,
            objections=OBJECTIONS,
        )


def waiting(url: str) -> str:
    """Discord's address with ``wait=true``: else it answers before it has looked at the message."""
    return str(httpx.URL(url).copy_merge_params({"wait": "true"}))
