"""Slack, Discord and Teams as a receiver on loopback sees them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from monitor.delivery.channels import Answer
from monitor.delivery.channels.chat import ChatChannel, waiting
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from tests.delivery.factories import BODY, a_delivery
from tests.factories import NOON
from tests.servers import Desk

TOKEN = "T000/B000/abcdefghijklmnop"


@pytest.fixture
def channel(desk: Desk) -> Iterator[ChatChannel]:
    with httpx.Client() as client:
        yield ChatChannel(
            id="chat", url=f"{desk.base}/{TOKEN}", client=lambda: client, render=lambda digest: [], timeout_s=5.0
        )


def test_a_message_is_posted_as_it_was_written(desk: Desk, channel: ChatChannel):
    assert channel.send(a_delivery(), NOON) == Answer(status=204)
    assert [body for _, body in desk.received] == [BODY]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        pytest.param(400, Outcome.REJECTED, id="the message is not liked: the same bytes would fare no better"),
        pytest.param(404, Outcome.RETRY, id="the webhook is not known: people may mend it"),
        pytest.param(410, Outcome.GONE, id="the webhook is gone for good"),
        pytest.param(429, Outcome.THROTTLED, id="too fast"),
        pytest.param(500, Outcome.RETRY, id="the service is ill"),
    ],
)
def test_what_an_answer_means(desk: Desk, channel: ChatChannel, status: int, outcome: Outcome):
    desk.answers = [status]
    with pytest.raises(DeliveryError) as caught:
        channel.send(a_delivery(), NOON)
    assert caught.value.outcome is outcome
    assert caught.value.status == status
    assert "abcdef" not in str(caught.value)


def test_the_address_is_shown_nowhere(channel: ChatChannel):
    assert channel.place == "127.0.0.1/...mnop"
    assert TOKEN not in repr(channel)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://discord.test/api/webhooks/1/x", "https://discord.test/api/webhooks/1/x?wait=true"),
        (
            "https://discord.test/api/webhooks/1/x?thread_id=7",
            "https://discord.test/api/webhooks/1/x?thread_id=7&wait=true",
        ),
    ],
)
def test_discord_is_asked_to_look_at_the_message_before_it_answers(url: str, asked: str):
    assert waiting(url) == asked
