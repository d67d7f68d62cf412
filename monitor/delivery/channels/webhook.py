"""A digest as a signed HTTP POST: Standard Webhooks 1.0 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from monitor.delivery.channels import Answer, Render
from monitor.delivery.channels.posting import place, post
from monitor.domain import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """An endpoint that takes digests as JSON."""

    id: str
    #: Treated as a secret, as is ``secret``: neither appears in a message or in ``repr``.
    url: str = field(repr=False)
    #: ``whsec_`` and base64.
    secret: str = field(repr=False)
    #: The secret before this one, while receivers change over; None: there is none.
    previous_secret: str | None = field(repr=False, default=None)
    #: When it stops to sign; None: when it is taken out of the configuration.
    previous_until: datetime | None = None
    #: The HTTP client of the calling thread.
    client: Callable[[], httpx.Client]
    render: Render
    #: Total time the receiver has to answer, > 0.
    timeout_s: float
    #: What a receiver's own clock says: it refuses an old timestamp, also from a monitor whose time is simulated.
    clock: Callable[[], datetime] = functools.partial(datetime.now, UTC)
    content_type: str = "application/json"

    @property
    def place(self) -> str:
        return place(self.url)

    def send(self, delivery: Delivery, now: datetime) -> Answer:
        """Post the delivery once, signed for this moment over the very bytes."""
        return post(
            self.client(),
            self.url,
            delivery.body,
            self._headers(delivery),
            timeout_s=self.timeout_s,
            now=now,
            secrets=[text for one in self._keys() for text in (one, one.removeprefix("whsec_"))],
        )

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        moment = self.clock()
        over = self.previous_until is not None and moment >= self.previous_until
        keys = [self.secret] if over else self._keys()
        signatures = [Webhook(key).sign(delivery.webhook_id, moment, delivery.body.decode()) for key in keys]
        return {
            "content-type": delivery.content_type,
            "webhook-id": delivery.webhook_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _keys(self) -> list[str]:
        """The secret, then the one before it."""
        return [self.secret, self.previous_secret] if self.previous_secret else [self.secret]
