"""Apprise speaking to a receiver on loopback by its own means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.delivery.channels import Answer
from monitor.delivery.channels.apprise import AppriseChannel, longest
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from tests.delivery.factories import a_delivery
from tests.factories import NOON
from tests.servers import Desk

#: Apprise still imports a module that Python 3.13 has not.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

BODY = "Meta's open-source retreat\n1 event\n\n- [New] Avocado 牛油果\n  https://news.test/1".encode()


def channel(url: str) -> AppriseChannel:
    return AppriseChannel(id="phone", url=url, render=lambda digest: [])


def address(desk: Desk) -> str:
    return f"json://{desk.base.removeprefix('http://')}/token-of-this-desk"


def test_the_first_line_is_the_title_and_the_rest_the_text(desk: Desk):
    assert channel(address(desk)).send(a_delivery(body=BODY), NOON) == Answer(detail="taken by Apprise")
    ((_, body),) = desk.received
    got: dict[str, Any] = json.loads(body)
    title, _, text = BODY.decode().partition("\n")
    assert (got["title"], got["message"]) == (title, text)


@pytest.mark.parametrize("status", [500, 302], ids=["an error", "a redirect"])
def test_what_the_service_did_not_take_is_tried_again(desk: Desk, status: int):
    desk.answers = [status]
    with pytest.raises(DeliveryError, match="json by Apprise did not take it") as caught:
        channel(address(desk)).send(a_delivery(body=BODY), NOON)
    assert caught.value.outcome is Outcome.RETRY
    assert "token-of-this-desk" not in f"{caught.value} {caught.value.answer}"
    assert len(desk.received) == 1


def test_an_address_that_apprise_does_not_know_is_for_people_to_mend():
    with pytest.raises(DeliveryError, match="does not know this address") as caught:
        channel("nonsense://x").send(a_delivery(body=BODY), NOON)
    assert caught.value.outcome is Outcome.REJECTED
    assert longest("nonsense://x") is None


def test_the_service_says_how_much_it_takes():
    assert longest("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js") == 2000


def test_the_address_is_shown_nowhere():
    made = channel("tgram://123456789:abcdefg_hijklmnop/12315544/")
    assert made.place == "tgram by Apprise"
    assert "abcdefg" not in repr(made)
