"""The one way out: every request the monitor makes goes through the client built here.

A name is resolved once, each of its addresses is judged, and a judged address is dialled, while the Host header and the
TLS server name stay as they were. So neither a redirect nor a name that changes its mind leads anywhere the operator
did not allow. All of it, from the look-up to the last byte, ends at one deadline: httpx itself would start its timeout
anew with every byte received.

Each request has a connection of its own. Polls of one host are far apart, so keeping connections would save little;
it would cost a pool shared by threads, and requests that fail because the other side closed a kept connection.
"""

from __future__ import annotations

import functools
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from monitor import __version__
from monitor.feeds.addresses import Address, Network, judge
from monitor.http import DEADLINE

#: Program, version and a place to complain (RFC 9110 §10.1.5).
USER_AGENT = f"storyline-monitor/{__version__} (+https://storyline-monitor.example/)"

Resolver = Callable[[str, int], Sequence[str]]


class AddressRefusedError(httpx.ConnectError):
    """The name leads to an address that must not be dialled. Says the same whatever the port, and before connecting."""


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Shared by all clients, as building one takes 20 ms. ``SSL_CERT_FILE`` names an operator's own authorities."""
    return httpx.create_ssl_context()


def build_client(
    allow: Sequence[Network],
    *,
    timeout_s: float,
    user_agent: str = USER_AGENT,
    resolve: Resolver | None = None,
) -> httpx.Client:
    """Build a client that reaches public addresses and ``allow``, and no others.

    timeout_s  total time for one request that sets no ``DEADLINE`` of its own, > 0
    resolve    from name and port to addresses as text; by default the system's resolver

    The client follows no redirects, keeps no cookies, and heeds no proxy or ``.netrc`` of its environment.
    """
    return GuardedClient(
        GuardedTransport(allow, timeout_s, resolve or resolve_name),
        headers={"User-Agent": user_agent, "Accept-Encoding": "gzip", "Connection": "close"},
    )


def resolve_name(host: str, port: int) -> Sequence[str]:
    """The addresses of a host in the order the system prefers (RFC 6724); raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class GuardedClient(httpx.Client):
    """A client whose requests go straight to its transport.

    ``httpx.Client`` looks for cookies to keep, redirects to follow and challenges to answer, which are not wanted here,
    and takes a tenth of the time of a poll for it.
    """

    def __init__(self, transport: GuardedTransport, *, headers: Mapping[str, str]) -> None:
        super().__init__(transport=transport, headers=headers, trust_env=False)
        self._straight = transport

    def send(self, request: httpx.Request, *, stream: bool = False, **_: Any) -> httpx.Response:
        if request.url.userinfo:
            request = next(httpx.BasicAuth(request.url.username, request.url.password).sync_auth_flow(request))
        response = self._straight.handle_request(request)
        response.request = request
        try:
            for hook in self.event_hooks["response"]:
                hook(response)
            if not stream:
                response.read()
        except BaseException:
            response.close()
            raise
        return response


class GuardedTransport(httpx.BaseTransport):
    """Carries one request over a connection of its own, which ends with the response. Safe to share between threads."""

    def __init__(self, allow: Sequence[Network], timeout_s: float, resolve: Resolver) -> None:
        self._allow = tuple(allow)
        self._timeout_s = timeout_s
        self._resolve = resolve

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"only http and https are spoken, not {request.url.scheme!r}")
        deadline = request.extensions.get(DEADLINE, time.monotonic() + self._timeout_s)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        connection = httpcore.HTTPConnection(
            origin=url.origin,
            ssl_context=tls_context() if request.url.scheme == "https" else None,
            network_backend=_GuardedBackend(self._allow, self._resolve, deadline),
        )
        assert isinstance(request.stream, httpx.SyncByteStream)
        with _httpx_errors():
            try:
                response = connection.handle_request(
                    httpcore.Request(
                        method=request.method, url=url, headers=request.headers.raw, content=request.stream
                    )
                )
            except BaseException:
                connection.close()
                raise
        assert isinstance(response.stream, Iterable)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response.stream, connection),
            extensions=response.extensions,
        )


class _Body(httpx.SyncByteStream):
    """A response's body; closing it closes the connection."""

    def __init__(self, chunks: Iterable[bytes], connection: httpcore.HTTPConnection) -> None:
        self._chunks = chunks
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors():
            yield from self._chunks

    def close(self) -> None:
        self._connection.close()


class _GuardedBackend(httpcore.NetworkBackend):
    """Opens the one connection of a request: resolve, judge, dial."""

    def __init__(self, allow: Sequence[Network], resolve: Resolver, deadline: float) -> None:
        self._allow = allow
        self._resolve = resolve
        self._deadline = deadline
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._judged(self._addresses(host, port))
        failure: Exception | None = None
        for tried, address in enumerate(addresses):
            # A silent address must leave time for the next one.
            share = self._left() / (len(addresses) - tried)
            try:
                stream = self._tcp.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _DeadlineStream(stream, self._deadline)
        if isinstance(failure, httpcore.ConnectTimeout):
            raise failure
        raise httpcore.ConnectError(f"cannot connect to {host}: {failure or 'it has no address'}") from failure

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            pass  # a name, or a spelling such as 127.1 that only the resolver understands
        return [ip_address(text) for text in _within(self._left(), self._resolve, host, port)]

    def _judged(self, addresses: list[Address]) -> list[Address]:
        """All or none: a forbidden address beside a public one is what rebinding looks like."""
        for address in addresses:
            kind = judge(address, self._allow)
            if kind:
                raise AddressRefusedError(f"address not allowed: {address} is {kind}; network.allow can permit it")
        return addresses

    def _left(self) -> float:
        return _left(self._deadline, httpcore.ConnectTimeout)


class _DeadlineStream(httpcore.NetworkStream):
    """A stream on which every wait ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline rules
        return self._stream.read(max_bytes, _left(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline rules
        self._stream.write(buffer, _left(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, late: type[httpcore.TimeoutException]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("out of time")
    return left


def _within(timeout_s: float, resolve: Resolver, host: str, port: int) -> Sequence[str]:
    """Resolve on a thread of its own: the system's resolver cannot be hurried. Abandoned, it ends by itself."""
    answers: queue.Queue[Sequence[str] | Exception] = queue.Queue(1)

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"DNS: no answer for {host} in time") from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(f"DNS: {host} cannot be resolved ({answer})") from answer
    return answer


#: httpx promises its own exceptions; httpcore, below it, raises these.
HTTPX_ERRORS: Mapping[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
}


@contextmanager
def _httpx_errors() -> Iterator[None]:
    try:
        yield
    except tuple(HTTPX_ERRORS) as error:
        ours = next(ours for theirs, ours in HTTPX_ERRORS.items() if isinstance(error, theirs))
        raise ours(str(error)) from error
