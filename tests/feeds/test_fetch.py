from __future__ import annotations

import gzip
import time
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from monitor.domain import FeedState, Validators
from monitor.errors import FetchError
from monitor.feeds.fetch import fetch
from monitor.feeds.guard import build_client
from tests.factories import a_feed
from tests.feeds.origin import LOOPBACK, http, origin

RSS = b'<rss version="2.0"><channel><title>News</title></channel></rss>'


def get(
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    timeout_s: float = 5,
    max_bytes: int = 10_000,
):
    state = FeedState(validators=Validators(etag=etag, last_modified=last_modified))
    with build_client(LOOPBACK, timeout_s=timeout_s) as client:
        return fetch(client, a_feed(url=url, state=state), timeout=timedelta(seconds=timeout_s), max_bytes=max_bytes)


def refused(url: str, **limits) -> FetchError:
    with pytest.raises(FetchError) as error:
        get(url, **limits)
    assert error.value.url == url
    return error.value


def test_a_document_comes_with_its_body_headers_and_place() -> None:
    with origin(http(RSS, ETag='W/"7"', Last_Modified="Thu, 12 Mar 2026 11:00:00 GMT")) as server:
        document = get(f"{server.url}/feed.xml")
        assert document.url == f"{server.url}/feed.xml"
    assert (document.status, document.body) == (200, RSS)
    assert document.validators == Validators(etag='W/"7"', last_modified="Thu, 12 Mar 2026 11:00:00 GMT")


def test_the_first_request_asks_for_everything() -> None:
    with origin(http(RSS)) as server:
        get(server.url)
        (request,) = server.requests
    assert not {"if-none-match", "if-modified-since", "cookie", "referer"} & set(request.headers)


def test_validators_go_back_byte_for_byte_and_304_brings_no_body() -> None:
    etag = b'W/"caf\xe9"'
    with origin(http(RSS, ETag=etag.decode("latin-1"))) as server:
        given = get(server.url).validators
    with origin(http(status="304 Not Modified")) as server:
        document = get(server.url, etag=given.etag, last_modified="Thursday, as I said")
        (request,) = server.requests
    assert document.body is None
    assert request.headers["if-none-match"] == etag
    assert request.headers["if-modified-since"] == b"Thursday, as I said"


def test_304_to_a_request_that_set_no_condition_is_an_error() -> None:
    with origin(http(status="304 Not Modified")) as server:
        assert "304" in refused(server.url).reason


def test_gzip_is_undone() -> None:
    with origin(http(gzip.compress(RSS), Content_Encoding="gzip")) as server:
        assert get(server.url).body == RSS


def test_226_is_a_document_too() -> None:
    with origin(http(RSS, status="226 IM Used")) as server:
        assert get(server.url).body == RSS


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_followed_to_the_end(code: int) -> None:
    answers = {"/a": http(status=f"{code} Moved", Location="b?x=1"), "/b?x=1": http(RSS)}
    with origin(answers) as server:
        assert get(f"{server.url}/a").url == f"{server.url}/b?x=1"


def test_the_sixth_redirect_is_an_error() -> None:
    answers = {f"/{n}": http(status="302 Found", Location=f"/{n + 1}") for n in range(20)} | {"/5": http(RSS)}
    with origin(answers) as server:
        assert get(f"{server.url}/0").body == RSS
    with origin(answers | {"/5": http(status="302 Found", Location="/6")}) as server:
        assert "5 redirects" in refused(f"{server.url}/0").reason
        assert server.paths == [f"/{n}" for n in range(6)]


def test_a_loop_ends() -> None:
    with origin(http(status="301 Moved", Location="/")) as server:
        assert "5 redirects" in refused(server.url).reason


@pytest.mark.parametrize("target", ["file:///etc/hostname", "gopher://127.0.0.1/", "javascript:alert(1)", "http://"])
def test_a_redirect_out_of_the_web_is_an_error(target: str) -> None:
    with origin(http(status="302 Found", Location=target)) as server:
        assert refused(server.url).reason


def test_a_redirect_to_a_private_address_is_refused() -> None:
    with origin(http(status="302 Found", Location="http://169.254.169.254/latest/")) as server:
        assert refused(server.url).reason.startswith("address not allowed: 169.254.169.254")


def test_a_password_stays_with_its_origin() -> None:
    with origin(http(RSS)) as other:
        answers = {
            "/feed": http(status="302 Found", Location="/same"),
            "/same": http(status="302 Found", Location=other.url.replace("://", "://me:stolen@") + "/"),
        }
        with origin(answers) as server:
            document = get(server.url.replace("://", "://user:secret@") + "/feed")
            assert all("authorization" in request.headers for request in server.requests)
        assert "authorization" not in other.requests[0].headers
        assert document.url == f"{other.url}/"


def test_where_a_document_came_from_names_no_password() -> None:
    with origin(http(RSS)) as server:
        assert "secret" not in get(server.url.replace("://", "://user:secret@")).url


STATUSES = {
    "410 Gone": "gone for good",
    "404 Not Found": "no such page",
    "401 Unauthorized": "password",
    "500 Oops": "HTTP 500",
    "204 No Content": "empty",
    "206 Partial Content": "HTTP 206",
}


@pytest.mark.parametrize(("status", "words"), STATUSES.items(), ids=STATUSES)
def test_other_answers_are_errors_with_their_status_in_words(status: str, words: str) -> None:
    with origin(http(status=status)) as server:
        error = refused(server.url)
    assert words in error.reason
    assert error.status == int(status[:3])


def test_retry_after_is_handed_on() -> None:
    with origin(http(status="429 Too Many Requests", Retry_After="90")) as server:
        assert refused(server.url).retry_after == timedelta(seconds=90)


def test_a_challenge_page_is_named_as_such() -> None:
    with origin(http(b"<html>", status="403 Forbidden", cf_mitigated="challenge")) as server:
        assert "tests for people" in refused(server.url).reason


def test_an_empty_body_is_an_error() -> None:
    with origin(http(b"")) as server:
        assert refused(server.url).reason == "the answer is empty"


BROKEN = {
    "no answer at all": b"",
    "noise": b"\x00\x01\x02 not HTTP\r\n\r\n",
    "a body shorter than said": b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + RSS,
    "broken chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000,
    "gzip cut in half": http(gzip.compress(RSS)[:40], Content_Encoding="gzip"),
    "an encoding we do not speak": http(b"\x0b\x02\x80", Content_Encoding="br"),
    "a redirect to nowhere": http(status="302 Found"),
    "a redirect to nonsense": http(status="302 Found", Location="http://[::bad/"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_a_fetch_error_in_one_line(answer: bytes) -> None:
    with origin(answer) as server:
        error = refused(server.url)
    assert error.reason
    assert "\n" not in error.reason
    assert len(error.reason) < 300


def test_a_closed_port_is_a_fetch_error() -> None:
    assert "cannot connect" in refused("http://127.0.0.1:1/").reason


@pytest.mark.parametrize("url", ["http://", "http://[bad", "http://a b/", "http://\u2460.test:99999/"])
def test_an_address_that_cannot_be_read_is_a_fetch_error(url: str) -> None:
    assert refused(url).reason


def test_a_body_over_the_limit_is_not_read_on() -> None:
    def endless(request, wire) -> None:
        wire.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(5_000):
            wire.write(b" " * 10_000)

    with origin(endless) as server:
        assert "larger than 10,000 bytes" in refused(server.url).reason


def test_a_bomb_is_an_error() -> None:
    with origin(http(gzip.compress(bytes(3_000_000)), Content_Encoding="gzip")) as server:
        assert "larger than 10,000 bytes" in refused(server.url).reason


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"])
def test_the_deadline_ends_every_kind_of_dripping(start: bytes) -> None:
    stop = Event()

    def drip(request, wire) -> None:
        wire.write(start)
        while not stop.wait(0.05):
            wire.write(b"x")

    with origin(drip) as server:
        began = time.monotonic()
        error = refused(server.url, timeout_s=0.5)
        stop.set()
    assert error.reason == "no complete answer within 0.5 s"
    assert time.monotonic() - began < 2


def test_the_deadline_covers_all_redirects_together() -> None:
    def slow(request, wire) -> None:
        time.sleep(0.15)
        wire.write(http(status="302 Found", Location="/again"))

    with origin(slow) as server:
        began = time.monotonic()
        assert "within 0.4 s" in refused(server.url, timeout_s=0.4).reason
    assert time.monotonic() - began < 2


def test_a_chain_is_permanent_only_if_every_hop_is() -> None:
    def chain(*codes: int) -> bool:
        answers = {f"/{n}": http(status=f"{code} Moved", Location=f"/{n + 1}") for n, code in enumerate(codes)}
        with origin(answers | {f"/{len(codes)}": http(RSS)}) as server:
            document = get(f"{server.url}/0")
        assert document.hops == len(codes)
        return document.moved

    assert [chain(301), chain(308), chain(301, 308)] == [True] * 3
    assert [chain(), chain(302), chain(303), chain(307), chain(301, 302), chain(307, 301)] == [False] * 6


def test_validators_are_sent_to_the_page_that_gave_them_and_not_to_what_redirects_to_it() -> None:
    def moved(request, wire) -> None:
        wire.write(http(status="302 Found", Location="/b"))

    def unchanged(request, wire) -> None:
        wire.write(http(status="304 Not Modified") if "if-none-match" in request.headers else http(RSS, ETag='"1"'))

    with origin({"/a": moved, "/b": unchanged}) as server, build_client(LOOPBACK, timeout_s=5) as client:
        feed = a_feed(url=f"{server.url}/a")
        first = fetch(client, feed, timeout=timedelta(seconds=5), max_bytes=10_000)
        known = FeedState(validators=first.validators, hops=first.hops)
        again = fetch(client, replace(feed, state=known), timeout=timedelta(seconds=5), max_bytes=10_000)
        assert (first.hops, again.status, again.hops) == (1, 304, 1)
        asked = [(request.path, "if-none-match" in request.headers) for request in server.requests]
    assert asked == [("/a", False), ("/b", False), ("/a", False), ("/b", True)]


def test_a_304_to_a_question_that_was_not_asked_is_an_error() -> None:
    with origin(http(status="304 Not Modified")) as server:
        assert "nothing was asked" in refused(server.url).reason


def test_an_adopted_address_is_asked_and_gets_the_password_only_within_its_own_origin() -> None:
    with origin(http(RSS)) as old, origin(http(RSS)) as new, build_client(LOOPBACK, timeout_s=5) as client:
        feed = a_feed(url=old.url.replace("://", "://user:secret@") + "/feed")
        for address in (f"{new.url}/moved", f"{old.url}/moved"):
            at = replace(feed, state=FeedState(address=address))
            assert fetch(client, at, timeout=timedelta(seconds=5), max_bytes=10_000).url == address
        assert [(request.path, "authorization" in request.headers) for request in new.requests] == [("/moved", False)]
        assert [(request.path, "authorization" in request.headers) for request in old.requests] == [("/moved", True)]


def test_an_error_says_who_answered_and_whether_anybody_could_be_reached() -> None:
    with origin(http(status="503 Busy")) as server:
        error = refused(server.url)
        assert (error.host, error.reached) == (server.url.removeprefix("http://"), True)
    closed = refused("http://127.0.0.1:1/")
    assert (closed.host, closed.reached) == ("", False)
    assert not refused("http://no-such-name.invalid/").reached
    assert refused("http://10.0.0.1/").reached
