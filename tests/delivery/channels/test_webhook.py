"""A real receiver on loopback, which verifies what it gets with the package that receivers use."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from monitor.delivery.channels import Answer
from monitor.delivery.channels.webhook import WebhookChannel
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from tests.delivery.factories import BODY, a_delivery
from tests.factories import NOON

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOKEN = "T0KEN-of-this-endpoint"


@dataclass
class Receiver:
    """What came in, and how it is answered."""

    url: str = ""
    answer: Callable[[BaseHTTPRequestHandler], None] = field(default=lambda request: say(request, 200, b"thanks"))
    #: Path, headers and body of each request.
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


def say(request: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            state.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_port}/hooks/{TOKEN}?key=also-secret"
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(follow_redirects=True) as made:  # the channel must not rely on the client's own setting
        yield made


def channel(receiver: Receiver, client: httpx.Client, **changes: Any) -> WebhookChannel:
    fields: dict[str, Any] = {
        "id": "desk",
        "url": receiver.url,
        "secret": SECRET,
        "client": lambda: client,
        "render": lambda digest: [(digest, BODY)],
        "timeout_s": 5.0,
    }
    return WebhookChannel(**(fields | changes))


def refusal(sender: WebhookChannel, now: datetime = NOON) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sender.send(a_delivery(), now)
    return caught.value


# --- What is sent -----------------------------------------------------------------------------------------------------


def test_the_receiver_can_verify_what_it_gets(receiver: Receiver, client: httpx.Client):
    assert channel(receiver, client).send(a_delivery(), datetime.now(UTC)) == Answer(status=200, detail="thanks")
    path, headers, body = receiver.seen[0]
    assert path == f"/hooks/{TOKEN}?key=also-secret"
    assert body == BODY
    assert headers["content-type"] == "application/json"
    assert Webhook(SECRET).verify(body, headers)["type"] == "digest.created"


def test_a_repeat_has_the_same_id_and_bytes_and_a_timestamp_of_its_own(receiver: Receiver, client: httpx.Client):
    now = datetime.now(UTC).replace(microsecond=900_000)
    for moment in (now, now + timedelta(seconds=61)):
        channel(receiver, client, clock=lambda moment=moment: moment).send(a_delivery(), NOON)
    (_, first, body), (_, second, again) = receiver.seen
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert first["webhook-timestamp"] == str(int(now.timestamp()))
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 61
    for headers in (first, second):
        assert Webhook(SECRET).verify(body, headers)


def test_the_receiver_can_verify_it_though_our_time_is_simulated(receiver: Receiver, client: httpx.Client):
    channel(receiver, client).send(a_delivery(), datetime(2031, 1, 1, tzinfo=UTC))
    _, headers, body = receiver.seen[0]
    assert Webhook(SECRET).verify(body, headers)


# --- What the answer means --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (500, Outcome.RETRY),
        (404, Outcome.RETRY),
        (429, Outcome.THROTTLED),
        (413, Outcome.REJECTED),
        (410, Outcome.GONE),
    ],
)
def test_a_refusal_says_its_outcome_and_keeps_the_answer(
    receiver: Receiver, client: httpx.Client, status: int, outcome: Outcome
):
    receiver.answer = lambda request: say(request, status, b"not\x1b[31m now\r\nplease", Retry_After="90")
    error = refusal(channel(receiver, client))
    assert (error.outcome, error.status, error.retry_after) == (outcome, status, timedelta(seconds=90))
    assert error.answer == "not [31m now please"
    assert str(error) == f"127.0.0.1/...cret answered {status}"


def test_a_redirect_is_not_followed(receiver: Receiver, client: httpx.Client):
    receiver.answer = lambda request: say(request, 307, Location="/elsewhere")
    error = refusal(channel(receiver, client))
    assert (error.outcome, error.status) == (Outcome.RETRY, 307)
    assert len(receiver.seen) == 1


def test_an_endless_answer_is_read_to_16_kb_and_a_kilobyte_of_it_is_kept(receiver: Receiver, client: httpx.Client):
    sent = []

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                sent.append(request.wfile.write(b"y" * 1024))
        except OSError:
            request.close_connection = True

    receiver.answer = endless
    assert channel(receiver, client).send(a_delivery(), NOON) == Answer(status=200, detail="y" * 1024)


def test_an_answer_that_breaks_off_after_its_status_was_delivered_all_the_same(
    receiver: Receiver, client: httpx.Client
):
    def broken(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"half")
        request.close_connection = True

    receiver.answer = broken
    assert channel(receiver, client).send(a_delivery(), NOON) == Answer(status=200, detail="half")


def test_a_compressed_answer_is_not_inflated(receiver: Receiver, client: httpx.Client):
    receiver.answer = lambda request: say(request, 200, b"\x1f\x8bbomb", Content_Encoding="gzip")
    assert channel(receiver, client).send(a_delivery(), NOON) == Answer(status=200)
    assert receiver.seen[0][1]["accept-encoding"] == "identity"


def test_a_receiver_that_does_not_answer_is_tried_again(receiver: Receiver, client: httpx.Client):
    done = threading.Event()
    receiver.answer = lambda request: done.wait(10) and None
    error = refusal(channel(receiver, client, timeout_s=0.2))
    done.set()
    assert (error.outcome, error.status) == (Outcome.RETRY, None)
    assert str(error) == "127.0.0.1/...cret did not answer within 0.2 s"


def test_a_connection_cut_before_the_answer_is_tried_again(receiver: Receiver, client: httpx.Client):
    def cut(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True

    receiver.answer = cut
    error = refusal(channel(receiver, client))
    assert (error.outcome, error.status) == (Outcome.RETRY, None)
    assert "cannot be reached" in str(error)


def test_a_receiver_that_is_not_there_is_tried_again(receiver: Receiver, client: httpx.Client):
    error = refusal(channel(receiver, client, url="http://127.0.0.1:1/hook"))
    assert error.outcome is Outcome.RETRY
    assert str(error).startswith("127.0.0.1 cannot be reached")


@pytest.mark.parametrize("url", ["http://[::1/hook", "http://xn--a/hook"])
def test_an_address_that_is_none_is_for_people_to_mend(receiver: Receiver, client: httpx.Client, url: str):
    error = refusal(channel(receiver, client, url=url))
    assert error.outcome is Outcome.REJECTED


# --- Secrets ----------------------------------------------------------------------------------------------------------


def test_neither_address_nor_secret_shows_in_a_message_though_the_receiver_repeats_them(
    receiver: Receiver, client: httpx.Client
):
    echo = f"Cannot POST /hooks/{TOKEN}?key=also-secret ({receiver.url}) with {SECRET} or {TOKEN}"
    receiver.answer = lambda request: say(request, 404, echo.encode())
    sender = channel(receiver, client)
    error = refusal(sender)
    seen = f"{error} {error.answer} {error!r} {sender!r}"
    for secret in (TOKEN, "also-secret", SECRET, SECRET.removeprefix("whsec_")):
        assert secret not in seen
    assert error.answer.startswith("Cannot POST ...")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://hooks.test/services/T000/B000/abcdefghij", "hooks.test/...ghij"),
        ("https://user:word@hooks.test/x", "hooks.test"),
        ("https://hooks.test", "hooks.test"),
        ("/hooks", "the address"),
    ],
)
def test_people_see_the_host_and_at_most_four_characters(
    receiver: Receiver, client: httpx.Client, url: str, place: str
):
    assert channel(receiver, client, url=url).place == place
