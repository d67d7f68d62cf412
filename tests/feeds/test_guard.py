from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network
from threading import Event

import httpx
import pytest

from monitor import __version__
from monitor.errors import FetchError
from monitor.feeds.fetch import fetch
from monitor.feeds.guard import DEADLINE, AddressRefusedError, build_client
from tests.factories import a_feed
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


#: Ways to write an address that is not public; many reach loopback where only the text is looked at.
SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "127.0.0.3", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1",
    "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "017700000001", "0177.1", "0", "00", "0x0", "0.0.0.0", "localhost",
    "LOCALHOST", "u:p@127.0.0.1", "news.test@127.0.0.1", "127。0。0。1", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fd00:ec2::254]", "[fc00::1]",
    "[fe80::1]", "[fec0::1]", "[ff02::1]", "[ff01::1]", "[100::1]", "[5f00::1]", "[3fff::1]", "[2001:db8::1]",
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]",
]  # fmt: skip
#: httpx itself does not take these for addresses, which is as good.
UNREADABLE = [
    "0177.0.0.1", "127.0.0.01", "127.00.00.01", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "[::ffff:0x7f.1]", "127.0.0.1%2e",
    "[::1%25lo]x",
]  # fmt: skip


def test_sixty_spellings_of_private_addresses_reach_nothing_directly_nor_by_redirect() -> None:
    """The canary listens on loopback, at the very port that each of them names."""
    assert len(SPELLINGS) >= 60
    allow = (ip_network("127.0.0.2/32"),)
    with origin(http(b"canary")) as canary, build_client(allow, timeout_s=5) as client:
        port = canary.url.rpartition(":")[2]
        for host in SPELLINGS:
            with pytest.raises(AddressRefusedError, match="address not allowed"):
                client.get(f"http://{host}:{port}/")
        for host in UNREADABLE:
            with pytest.raises((httpx.TransportError, httpx.InvalidURL)):
                client.get(f"http://{host}:{port}/")
        for host in (*SPELLINGS, *UNREADABLE):
            target = f"http://{host}:{port}/".encode().decode("latin-1")
            with origin(http(status="302 Found", Location=target), address="127.0.0.2") as server:
                with pytest.raises(FetchError):
                    fetch(client, a_feed(url=server.url), timeout=timedelta(seconds=5), max_bytes=1_000)
                assert len(server.requests) == 1
        assert canary.requests == []


def test_a_name_that_changes_its_mind_never_leads_to_the_canary() -> None:
    answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.2", "127.0.0.1"], ["::ffff:127.0.0.1"]]
    turns = itertools.cycle(answers)

    def resolve(host: str, port: int) -> Sequence[str]:
        return next(turns)

    allow = (ip_network("127.0.0.2/32"),)
    with origin(http(b"canary")) as canary, build_client(allow, timeout_s=5, resolve=resolve) as client:
        port = canary.url.rpartition(":")[2]
        for _ in range(200):
            with pytest.raises(httpx.ConnectError):
                client.get(f"http://news.test:{port}/")
        assert canary.requests == []


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
