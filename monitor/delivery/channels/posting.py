"""One HTTP POST to an address that is a secret: what the webhook and the chat channels have in common."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import unquote

import httpx

from monitor.delivery.channels import Answer
from monitor.delivery.outcome import of_status
from monitor.delivery.retry import BREATH
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from monitor.http import DEADLINE, retry_after

#: As much of an answer is read; then the connection is closed, however much would follow.
MAX_ANSWER_BYTES = 16 * 1024
#: As much of it is kept for people to look at.
MAX_DETAIL_CHARS = 1024
#: A part of the address as long as this may be the token in it, and is masked where an answer repeats it.
TELLING_CHARS = 6

#: Control characters, line breaks and bidirectional overrides: whatever could forge a line in a log or on a terminal.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def post(
    client: httpx.Client,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    now: datetime,
    secrets: Collection[str] = (),
    objections: Collection[int] = (),
) -> Answer:
    """Post once. Redirects are not followed. DeliveryError unless the answer is 2xx.

    url         a secret: no message shows more of it than ``place``
    timeout_s   for all of it, > 0
    now         what a Retry-After date is counted from
    secrets     what else is masked where an answer repeats it
    objections  further statuses by which this receiver refuses the very message for good
    """
    deadline = time.monotonic() + timeout_s
    hidden = telling(url, secrets)
    at = place(url)
    try:
        with client.stream(
            "POST",
            url,
            content=body,
            headers={"accept-encoding": "identity", **headers},  # the answer is for people, and nothing to inflate
            timeout=timeout_s,
            follow_redirects=False,
            extensions={DEADLINE: deadline},
        ) as response:
            answer = tidied(_read(response, deadline), hidden)
            status, asked = response.status_code, retry_after(response.headers, now)
    except httpx.TimeoutException as error:
        reason = f"{at} did not answer within {timeout_s:g} s"
        raise DeliveryError(reason, Outcome.RETRY, retry_after=BREATH) from error
    except httpx.TransportError as error:
        reason = f"{at} cannot be reached: {tidied(str(error), hidden) or type(error).__name__}"
        raise DeliveryError(reason, Outcome.RETRY) from error
    except (httpx.InvalidURL, UnicodeError) as error:
        raise DeliveryError("the address of this channel is no address", Outcome.REJECTED) from error
    outcome = Outcome.REJECTED if status in objections else of_status(status)
    if outcome is not Outcome.DELIVERED:
        reason = f"{at} answered {status}" + ("; redirects are not followed" if 300 <= status <= 399 else "")
        raise DeliveryError(reason, outcome, status=status, retry_after=asked, answer=answer)
    return Answer(status=status, detail=answer)


def place(address: str) -> str:
    """The address as people may see it: the host, and of a long address the last four characters."""
    try:
        url = httpx.URL(address)
        host, path = url.host or "the address", url.raw_path.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        return "the address"
    return f"{host}/...{path[-4:]}" if len(path) > 4 * TELLING_CHARS else host


def tidied(text: str, hidden: Collection[str]) -> str:
    """One line without control characters, in which address and secrets are masked."""
    for part in hidden:
        text = text.replace(part, "...")
    return " ".join(UNPRINTABLE.sub(" ", text).split())[:MAX_DETAIL_CHARS]


def telling(url: str, secrets: Collection[str]) -> list[str]:
    """What would give address or secrets away, longest first: each whole, and each part that may be a token."""
    address = url.partition("://")[2]
    host, slash, path = address.partition("/")
    parts = re.split(r"[/?&=#]", path)
    login, at, _ = host.rpartition("@")
    whole = [url, address, slash + path, login + at, *login.split(":"), *secrets]
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
