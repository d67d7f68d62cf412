from __future__ import annotations

import io
import os

import pytest

from monitor.delivery.channels import Answer
from monitor.delivery.channels.console import ConsoleChannel
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from tests.delivery.factories import a_delivery
from tests.factories import NOON


def channel(out: io.TextIOBase) -> ConsoleChannel:
    return ConsoleChannel(id="tty", out=out, render=lambda digest: [], show=lambda body: body.decode() + "\n")


def test_a_delivery_is_printed():
    out = io.StringIO()
    assert channel(out).send(a_delivery(body="牛油果".encode()), NOON) == Answer(detail="printed")
    assert out.getvalue() == "牛油果\n"


def test_what_the_terminal_cannot_show_becomes_a_question_mark():
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="ascii") as out:
        channel(out).send(a_delivery(body="Avocado 牛油果".encode()), NOON)
        assert raw.getvalue() == b"Avocado ???\n"


def test_a_broken_pipe_is_tried_again():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as pipe:
        out = io.TextIOWrapper(pipe, encoding="utf-8", write_through=True)
        with pytest.raises(DeliveryError, match="Broken pipe") as caught:
            channel(out).send(a_delivery(), NOON)
        out.detach()
    assert caught.value.outcome is Outcome.RETRY


def test_a_closed_stream_is_tried_again():
    out = io.StringIO()
    out.close()
    with pytest.raises(DeliveryError) as caught:
        channel(out).send(a_delivery(), NOON)
    assert caught.value.outcome is Outcome.RETRY
