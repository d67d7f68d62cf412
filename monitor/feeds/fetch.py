"""One poll's conversation with a server: ask whether anything changed, follow redirects, read what it sends."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import httpx

from monitor.domain import Document, Feed, Validators
from monitor.errors import FetchError
from monitor.feeds.compression import EncodingError, decode_chunks
from monitor.feeds.guard import AddressRefusedError
from monitor.feeds.text import clean_text
from monitor.http import DEADLINE, retry_after

MAX_REDIRECTS = 5
MAX_REASON_CHARS = 200
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
#: 226: only what is new (RFC 3229); we do not ask for it, and take it all the same.
WITH_BODY = (200, 226)
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, application/json;q=0.8, text/xml;q=0.7, */*;q=0.1"
)
#: What people can do about the usual refusals.
MEANINGS = {
    401: "it wants a user name and password",
    403: "it refuses us",
    404: "there is no such page",
    410: "the feed is gone for good",
    429: "it wants to be asked less often",
    503: "it is busy or down",
}


def fetch(client: httpx.Client, feed: Feed, *, timeout: timedelta, max_bytes: int) -> Document:
    """Get a feed if it changed since the last success.

    client     from ``guard.build_client``: it keeps to the deadline and to the addresses allowed
    timeout    total time, over name look-up, all redirects and the body
    max_bytes  largest body, both as sent and after decompression

    A ``Document`` without body means "not modified". Anything else that is no document raises FetchError; a redirect to
    an address not allowed, to another scheme or a sixth one is such an error too.
    """
    deadline = time.monotonic() + timeout.total_seconds()
    try:
        return _follow(client, feed, deadline, max_bytes)
    except EncodingError as error:
        raise FetchError(feed.url, str(error)) from error
    except httpx.TimeoutException as error:
        late = f"no complete answer within {timeout.total_seconds():g} s"
        reason = f"{late}: {error}" if str(error).startswith("DNS") else late
        raise FetchError(feed.url, reason, reached=not isinstance(error, httpx.ConnectTimeout)) from error
    except AddressRefusedError as error:
        raise FetchError(feed.url, _failure(error)) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(feed.url, _failure(error), reached=not isinstance(error, httpx.ConnectError)) from error


def _follow(client: httpx.Client, feed: Feed, deadline: float, max_bytes: int) -> Document:
    url = _start(feed)
    codes: list[int] = []
    for hop in range(MAX_REDIRECTS + 1):
        known = feed.state.validators if hop == feed.state.hops else Validators()
        request = client.build_request("GET", url, headers=_headers(known), extensions={DEADLINE: deadline})
        response = client.send(request, stream=True)
        try:
            headers = _header_values(response)
            if response.status_code not in REDIRECTS:
                document = _document(feed, response, headers, max_bytes, asked=known != Validators())
                return replace(document, hops=hop, moved=_for_good(codes))
            codes.append(response.status_code)
            url = _target(url, headers, feed.url)
        finally:
            response.close()
    raise FetchError(feed.url, f"more than {MAX_REDIRECTS} redirects")


def _start(feed: Feed) -> httpx.URL:
    """Where it is asked. A password in the configured address goes along only within its own origin."""
    configured = httpx.URL(feed.url)
    if feed.address == feed.url:  # httpx takes as long to read an address as the database to store a poll
        return configured
    address = httpx.URL(feed.address)
    return address.copy_with(userinfo=configured.userinfo) if _origin(address) == _origin(configured) else address


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _for_good(codes: Sequence[int]) -> bool:
    """A chain of redirects is permanent only if every hop is."""
    return bool(codes) and all(code in PERMANENT for code in codes)


def _headers(validators: Validators) -> list[tuple[bytes, bytes]]:
    """Validators go back byte for byte; latin-1 maps each byte to one character and back."""
    headers = [(b"Accept", ACCEPT.encode())]
    if validators.etag is not None:
        headers.append((b"If-None-Match", validators.etag.encode("latin-1")))
    if validators.last_modified is not None:
        headers.append((b"If-Modified-Since", validators.last_modified.encode("latin-1")))
    return headers


def _header_values(response: httpx.Response) -> Mapping[str, str]:
    """Names in lower case, bytes as latin-1; repeated ones joined (RFC 9110 §5.2)."""
    values: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        values[name] = f"{values[name]}, {value}" if name in values else value
    return values


def _target(url: httpx.URL, headers: Mapping[str, str], feed_url: str) -> httpx.URL:
    """Where a redirect leads. A password stays with the origin it was given for, and none is taken from a stranger."""
    location = headers.get("location", "").encode("latin-1").decode("utf-8", "replace").strip()
    if not location:
        raise FetchError(feed_url, "a redirect that does not say where to")
    target = url.join(location)
    if target.scheme not in ("http", "https") or not target.host:
        raise FetchError(feed_url, f"a redirect to {target.scheme!r}; only http and https are followed")
    return target.copy_with(userinfo=url.userinfo if _origin(target) == _origin(url) else b"")


def _document(
    feed: Feed, response: httpx.Response, headers: Mapping[str, str], max_bytes: int, *, asked: bool
) -> Document:
    status = response.status_code
    asked_at = response.request.url
    url = str(asked_at.copy_with(userinfo=b"") if asked_at.userinfo else asked_at)
    if status == HTTPStatus.NOT_MODIFIED and asked:
        return Document(url=url, status=status, headers=headers)
    if status not in WITH_BODY:
        raise FetchError(
            feed.url,
            _refusal(status, headers),
            status=status,
            retry_after=retry_after(headers),
            host=response.url.netloc.decode("ascii").lower(),
        )
    body = decode_chunks(response.iter_raw(), headers, max_bytes)
    if not body:
        raise FetchError(feed.url, "the answer is empty", status=status)
    return Document(url=url, status=status, headers=headers, body=body)


def _failure(error: Exception) -> str:
    """In words. The libraries' own may quote what the server sent, so they are cleaned and cut."""
    said = clean_text(str(error), MAX_REASON_CHARS) or type(error).__name__
    match error:
        case httpx.RemoteProtocolError():
            return f"the answer is no whole HTTP: {said}"
        case httpx.ReadError() | httpx.WriteError():
            return f"the connection broke: {said}"
    return said


def _refusal(status: int, headers: Mapping[str, str]) -> str:
    if status == HTTPStatus.NOT_MODIFIED:
        return "HTTP 304: nothing was asked that it could answer so"
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return f"HTTP {status}: a page that tests for people stands before the feed"
    if status == HTTPStatus.NO_CONTENT:
        return "HTTP 204: the answer is empty"
    meaning = MEANINGS.get(status)
    return f"HTTP {status}: {meaning}" if meaning else f"HTTP {status}"
