"""Requests that are no polls: a page that may offer feeds, an address that may be one, a hub. All through the guard."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import httpx

from monitor.domain import Document, Feed
from monitor.errors import FetchError
from monitor.feeds.compression import EncodingError, decode_chunks
from monitor.feeds.fetch import fetch
from monitor.feeds.text import clean_text
from monitor.http import DEADLINE, retry_after

#: A hub may move a request on (307, 308); each hop is judged by the guard like any other.
MAX_HOPS = 3
#: Of what a hub says when it does not take a request: one line for people.
MAX_ANSWER_BYTES = 16_384
SAID_CHARS = 200


def get(client: httpx.Client, url: str, *, timeout: timedelta, max_bytes: int, same_host: bool = False) -> Document:
    """Get a document, unconditionally; FetchError.

    client     from ``guard.build_client``, not shared with another thread
    same_host  follow no redirect to another host
    """
    client.event_hooks = {"response": [_stay] if same_host else []}
    try:
        return fetch(client, Feed(url=url), timeout=timeout, max_bytes=max_bytes)
    finally:
        client.event_hooks = {}


def _stay(response: httpx.Response) -> None:
    if not response.has_redirect_location:
        return
    target = response.request.url.join(response.headers["location"])
    if target.host != response.request.url.host:
        raise httpx.RequestError(f"it leads to another host, {target.host}")


def ask_hub(client: httpx.Client, hub: str, form: Mapping[str, str], *, timeout: timedelta) -> None:
    """Post a subscription request; FetchError unless the hub takes it (any 2xx; §5.1 of WebSub wants 202)."""
    deadline = time.monotonic() + timeout.total_seconds()
    try:
        url = httpx.URL(hub)
        for _ in range(MAX_HOPS + 1):
            request = client.build_request("POST", url, data=form, extensions={DEADLINE: deadline})
            response = client.send(request, stream=True)
            try:
                status = response.status_code
                if status not in (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT):
                    return _judge(hub, response)
                url = url.join(response.headers.get("location", ""))
            finally:
                response.close()
    except httpx.TimeoutException as error:
        raise FetchError(hub, f"the hub did not answer within {timeout.total_seconds():g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        said = clean_text(str(error), SAID_CHARS) or type(error).__name__
        raise FetchError(hub, f"the hub cannot be reached: {said}") from error
    raise FetchError(hub, f"the hub moves the request on more than {MAX_HOPS} times")


def _judge(hub: str, response: httpx.Response) -> None:
    if response.is_success:
        return
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        said = decode_chunks(response.iter_raw(), headers, MAX_ANSWER_BYTES).decode("utf-8", "replace")
    except EncodingError:
        said = ""
    line = clean_text(said, SAID_CHARS, markup=True)
    reason = f"the hub answered HTTP {response.status_code}" + (f": {line}" if line else "")
    raise FetchError(hub, reason, status=response.status_code, retry_after=retry_after(headers))
