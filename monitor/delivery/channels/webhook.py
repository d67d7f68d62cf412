"""A digest as a signed HTTP POST: Standard Webhooks 1.0 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

import httpx
from standardwebhooks import Webhook

from monitor.delivery.channels import Answer
from monitor.delivery.outcome import of_status, retry_after
from monitor.domain import Delivery, Digest, Outcome
from monitor.errors import DeliveryError

#: As much of an answer is read; then the connection is closed, however much would follow.
MAX_ANSWER_BYTES = 16 * 1024
#: As much of it is kept for people to look at.
MAX_DETAIL_CHARS = 1024
#: A part of the address as long as this may be the token in it, and is masked where an answer repeats it.
TELLING_CHARS = 6
#: Request extension of ``feeds.guard``'s client: when the answer must be there to its end, by ``time.monotonic``.
DEADLINE = "deadline"

#: Control characters, line breaks and bidirectional overrides: whatever could forge a line in a log or on a terminal.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """An endpoint that takes digests as JSON."""

    id: str
    #: Treated as a secret, as is ``secret``: neither appears in a message or in ``repr``.
    url: str = field(repr=False)
    #: ``whsec_`` and base64.
    secret: str = field(repr=False)
    #: The HTTP client of the calling thread.
    client: Callable[[], httpx.Client]
    render: Callable[[Digest], bytes]
    #: Total time the receiver has to answer, > 0.
    timeout_s: float
    #: What a receiver's own clock says: it refuses an old timestamp, also from a monitor whose time is simulated.
    clock: Callable[[], datetime] = functools.partial(datetime.now, UTC)
    content_type: str = "application/json"

    def send(self, delivery: Delivery, now: datetime) -> Answer:
        """Post the delivery once, signed for this moment over the very bytes. Redirects are not followed."""
        deadline = time.monotonic() + self.timeout_s
        headers = self._headers(delivery)
        try:
            with self.client().stream(
                "POST",
                self.url,
                content=delivery.body,
                headers=headers,
                timeout=self.timeout_s,
                follow_redirects=False,
                extensions={DEADLINE: deadline},
            ) as response:
                answer = self._clean(_read(response, deadline))
                status, asked = response.status_code, retry_after(response.headers, now)
        except httpx.TimeoutException as error:
            reason = f"{self.place} did not answer within {self.timeout_s:g} s"
            raise DeliveryError(reason, Outcome.RETRY) from error
        except httpx.TransportError as error:
            reason = f"{self.place} cannot be reached: {self._clean(str(error)) or type(error).__name__}"
            raise DeliveryError(reason, Outcome.RETRY) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise DeliveryError("the address of this channel is no address", Outcome.REJECTED) from error
        outcome = of_status(status)
        if outcome is not Outcome.DELIVERED:
            reason = f"{self.place} answered {status}" + (
                "; redirects are not followed" if 300 <= status <= 399 else ""
            )
            raise DeliveryError(reason, outcome, status=status, retry_after=asked, answer=answer)
        return Answer(status=status, detail=answer)

    @property
    def place(self) -> str:
        """The address as people may see it: the host, and of a long address the last four characters."""
        url = httpx.URL(self.url)
        host, path = url.host or "the address", url.raw_path.decode("ascii")
        return f"{host}/...{path[-4:]}" if len(path) > 4 * TELLING_CHARS else host

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        moment = self.clock()
        signature = Webhook(self.secret).sign(delivery.webhook_id, moment, delivery.body.decode())
        return {
            "content-type": delivery.content_type,
            "accept-encoding": "identity",  # the answer is for people to read, and nothing to inflate
            "webhook-id": delivery.webhook_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signature,
        }

    def _clean(self, text: str) -> str:
        """One line without control characters, in which our address and secret are masked."""
        for part in self._telling():
            text = text.replace(part, "...")
        return " ".join(UNPRINTABLE.sub(" ", text).split())[:MAX_DETAIL_CHARS]

    def _telling(self) -> list[str]:
        """What would give address or secret away, longest first: each whole, and each part that may be a token."""
        address = self.url.partition("://")[2]
        host, slash, path = address.partition("/")
        parts = re.split(r"[/?&=#]", path)
        login, at, _ = host.rpartition("@")
        whole = [self.url, address, slash + path, self.secret, self.secret.removeprefix("whsec_"), login + at]
        found = {text for part in (*whole, *parts) for text in (part, unquote(part)) if len(text) >= TELLING_CHARS}
        return sorted(found, key=len, reverse=True)


def _read(response: httpx.Response, deadline: float) -> str:
    """The beginning of an answer as text. One that is compressed although we asked for none is left unread.

    The status has settled the matter: an answer that breaks off or never ends must not make us send again.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        return ""
    body = bytearray()
    with suppress(httpx.TransportError):
        for chunk in response.iter_raw():
            body += chunk
            if len(body) >= MAX_ANSWER_BYTES or time.monotonic() > deadline:
                break
    return bytes(body[:MAX_ANSWER_BYTES]).decode("utf-8", "replace")
