from __future__ import annotations

import time
from collections.abc import Sequence
from ipaddress import ip_network
from threading import Event

import httpx
import pytest

from monitor import __version__
from monitor.feeds.guard import DEADLINE, AddressRefusedError, build_client
from tests.feeds.origin import LOOPBACK, http, origin


def resolving_to(*addresses: str):
    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def test_loopback_is_refused_unless_allowed() -> None:
    with origin(http(b"hello")) as server:
        with build_client((), timeout_s=5) as client, pytest.raises(AddressRefusedError, match="address not allowed"):
            client.get(server.url)
        assert server.requests == []
        with build_client(LOOPBACK, timeout_s=5) as client:
            assert client.get(server.url).text == "hello"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0", "[::1]", "[::ffff:127.0.0.1]", "u:p@127.0.0.1"]
)
def test_every_spelling_of_loopback_is_refused(host: str) -> None:
    with build_client((), timeout_s=5) as client, pytest.raises(AddressRefusedError):
        client.get(f"http://{host}:9/")


def test_a_refusal_says_the_same_for_an_open_and_a_closed_port() -> None:
    with origin(http()) as server, build_client((), timeout_s=5) as client:
        said = set()
        for url in (server.url, "http://127.0.0.1:1/"):
            with pytest.raises(AddressRefusedError) as refused:
                client.get(url)
            said.add(str(refused.value))
    assert len(said) == 1


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher"])
def test_only_http_and_https_are_spoken(scheme: str) -> None:
    with build_client(LOOPBACK, timeout_s=5) as client, pytest.raises(httpx.UnsupportedProtocol):
        client.get(f"{scheme}://127.0.0.1/etc/hostname")


def test_a_name_is_resolved_once_and_the_judged_address_is_dialled_with_the_name_as_host() -> None:
    asked = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with origin(http(b"ok")) as server:
        port = server.url.rpartition(":")[2]
        with build_client(LOOPBACK, timeout_s=5, resolve=resolve) as client:
            assert client.get(f"http://news.test:{port}/").text == "ok"
            with pytest.raises(AddressRefusedError, match=r"10\.0\.0\.1 is private"):
                client.get(f"http://news.test:{port}/")
        assert asked == ["news.test", "news.test"]
        assert [request.headers["host"] for request in server.requests] == [f"news.test:{port}".encode()]


def test_a_name_with_one_good_and_one_bad_address_is_refused_whole() -> None:
    with origin(http()) as server:
        port = server.url.rpartition(":")[2]
        resolve = resolving_to("127.0.0.1", "::ffff:169.254.169.254")
        with build_client(LOOPBACK, timeout_s=5, resolve=resolve) as client, pytest.raises(AddressRefusedError):
            client.get(f"http://news.test:{port}/")
        assert server.requests == []


def test_the_next_address_is_tried_when_the_first_is_closed() -> None:
    with origin(http(b"ok")) as server:
        port = int(server.url.rpartition(":")[2])
        allow = (*LOOPBACK, ip_network("127.0.0.9/32"))
        with build_client(allow, timeout_s=5, resolve=resolving_to("127.0.0.9", "127.0.0.1")) as client:
            assert client.get(f"http://news.test:{port}/").text == "ok"


def test_a_resolver_that_never_answers_is_left_at_the_deadline() -> None:
    release = Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        release.wait(10)
        return []

    began = time.monotonic()
    try:
        with (
            build_client((), timeout_s=0.2, resolve=resolve) as client,
            pytest.raises(httpx.ConnectTimeout, match="DNS"),
        ):
            client.get("http://news.test/")
    finally:
        release.set()
    assert time.monotonic() - began < 2


def test_a_name_that_does_not_resolve_is_a_connect_error_that_names_dns() -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with (
        build_client((), timeout_s=5, resolve=resolve) as client,
        pytest.raises(httpx.ConnectError, match=r"DNS: news\.test cannot be resolved"),
    ):
        client.get("http://news.test/")


def test_one_deadline_ends_a_body_that_drips() -> None:
    stop = Event()

    def drip(request, wire) -> None:
        wire.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not stop.wait(0.02):
            wire.write(b".")

    with origin(drip) as server, build_client(LOOPBACK, timeout_s=60) as client:
        began = time.monotonic()
        with pytest.raises(httpx.ReadTimeout):
            client.get(server.url, extensions={DEADLINE: began + 0.3})
        stop.set()
    assert 0.3 <= time.monotonic() - began < 2


def test_the_environments_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with origin(http()) as proxy, origin(http(b"direct")) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with build_client(LOOPBACK, timeout_s=5) as client:
            assert client.get(server.url).text == "direct"
        assert proxy.requests == []


def test_requests_name_the_program_ask_for_gzip_only_and_bring_no_cookie_back() -> None:
    with origin(http(Set_Cookie="id=1; Path=/")) as server, build_client(LOOPBACK, timeout_s=5) as client:
        client.get(server.url)
        client.get(server.url)
    for request in server.requests:
        assert request.headers["user-agent"].startswith(f"storyline-monitor/{__version__} (+https://".encode())
        assert request.headers["accept-encoding"] == b"gzip"
        assert "cookie" not in request.headers
    assert len(server.requests) == 2


def test_a_redirect_is_the_callers_to_follow() -> None:
    with origin(http(status="302 Found", Location="/b")) as server, build_client(LOOPBACK, timeout_s=5) as client:
        assert client.get(server.url).status_code == 302
    assert server.paths == ["/"]
