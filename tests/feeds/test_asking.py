"""What a hub answers to a request, and what is made of it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from monitor.errors import FetchError
from monitor.feeds.asking import ask_hub
from monitor.feeds.guard import build_client
from tests.feeds.origin import LOOPBACK, Answer, http, origin

FORM = {"hub.mode": "subscribe", "hub.topic": "https://a.test/?b=ü&c"}


def ask(answers: dict[str, Answer] | Answer, path: str = "/", timeout: float = 5) -> list[str]:
    """Ask a hub that answers so; the paths that were asked."""
    with origin(answers) as hub, build_client(LOOPBACK, timeout_s=5) as client:
        ask_hub(client, hub.url + path, FORM, timeout=timedelta(seconds=timeout))
    return hub.paths


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content"])
def test_any_success_is_taken_for_accepted(status: str):
    assert ask(http(status=status)) == ["/"]


def test_a_hub_that_has_moved_is_followed_with_the_request():
    moved = http(status="308 Permanent Redirect", Location="/new")
    assert ask({"/": moved, "/new": http(status="202 Accepted")}) == ["/", "/new"]


REFUSALS = {
    "with words of its own": (http(b"Topic <b>unknown</b>\n\x07", "404 Not Found"), "HTTP 404: Topic unknown"),
    "with a page of a megabyte": (http(b"x" * 1_000_000, "500 Oops"), "HTTP 500"),
    "with an encoding nobody asked for": (http(b"x", "500 Oops", Content_Encoding="br"), "HTTP 500"),
    "with a redirect that would lose the request": (http(status="302 Found", Location="/"), "HTTP 302"),
    "by moving it on for ever": (http(status="307 Temporary Redirect", Location="/"), "more than 3 times"),
    "by moving it to another protocol": (http(status="307 Moved", Location="ftp://x/"), "cannot be reached"),
    "by saying nothing": (b"", "cannot be reached"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_how_it_was_refused(answer: bytes, reason: str):
    with pytest.raises(FetchError, match=reason):
        ask(answer)


def test_a_wait_that_a_hub_asks_for_is_kept_with_the_error():
    with pytest.raises(FetchError) as caught:
        ask(http(status="429 Slow down", Retry_After="90"))
    assert caught.value.retry_after == timedelta(seconds=90)


def test_a_hub_that_does_not_answer_is_left_after_its_time():
    def hang(*_: object) -> None:
        time.sleep(2)

    began = time.monotonic()
    with pytest.raises(FetchError, match=r"did not answer within 0\.3 s"):
        ask(hang, timeout=0.3)
    assert time.monotonic() - began < 1.5


def test_a_private_address_is_not_dialled():
    with origin(http()) as hub, build_client([], timeout_s=5) as client:
        with pytest.raises(FetchError, match="address not allowed"):
            ask_hub(client, hub.url, FORM, timeout=timedelta(seconds=5))
        assert hub.requests == []
