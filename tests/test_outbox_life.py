"""Deliveries over days, with real receivers: what waits, what is closed, what is opened again, who never suffers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.domain import DeliveryState, Feed, Outcome
from monitor.feeds.isolation import Parser
from monitor.feeds.polling import OUR_NETWORK
from monitor.pipeline import Tools, request_digest
from monitor.scheduling import deliver_due
from monitor.storage import channels, feeds, outbox
from monitor.storage.store import Store
from tests.hostile import Hostile
from tests.servers import SECRET, Desk, serve
from tests.test_pipeline import STORY

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
OLD_SECRET = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w="


@pytest.fixture
def house(store: Store, parser: Parser) -> Callable[..., Tools]:
    """A house whose one digest goes to these receivers, and says that there is nothing new."""

    def build(*desks: Desk, **settings: Any) -> Tools:
        names = [f"desk{number}" for number in range(len(desks))]
        config = Config.model_validate(
            {
                "network": {"allow": ["127.0.0.1/32"]},
                "channels": [
                    {"id": name, "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET, **settings}
                    for name, desk in zip(names, desks, strict=True)
                ],
                "digests": [
                    {"id": "d", "story": "bridge", "channels": names, "schedule": "0 8 * * *", "empty": "send"}
                ],
                "stories": [STORY],
            }
        )
        tools = wire(config, store, parser)
        register(tools, NOON)
        return tools

    return build


def deliver(tools: Tools, now: datetime):
    return deliver_due(tools, lambda: now, threading.Event())


def owe(tools: Tools, count: int, since: datetime = NOON) -> None:
    for number in range(count):
        request_digest(tools.config.digests[0], tools, since + timedelta(seconds=number))


def states(tools: Tools) -> list[DeliveryState]:
    with tools.store.read() as connection:
        return [row.state for row in outbox.list_deliveries(connection, limit=99)]


def test_a_channel_that_fails_for_five_days_is_closed_and_can_be_resumed_and_replayed(
    house: Callable[..., Tools], desk: Desk, capsys: pytest.CaptureFixture[str]
):
    tools = house(desk)
    desk.answers = [500] * 99
    for day in range(6):
        request_digest(tools.config.digests[0], tools, NOON + timedelta(days=day))
        for hours in range(0, 24, 4):
            deliver(tools, NOON + timedelta(days=day, hours=hours))
    asked = len(desk.received)
    with tools.store.read() as connection:
        ((channel, since, reason),) = channels.closed_channels(connection)
    assert (channel, reason) == ("desk0", "every try since 2026-03-12 has failed")
    assert since >= NOON + timedelta(hours=120)
    assert capsys.readouterr().out.count("status=closed") == 1
    deliver(tools, NOON + timedelta(days=9))
    assert len(desk.received) == asked
    desk.answers = []
    with tools.store.write() as connection:
        channels.enable_channel(connection, "desk0")
        outbox.make_due_since(connection, NOON, NOON + timedelta(days=9))
    deliver(tools, NOON + timedelta(days=9))
    assert set(states(tools)) == {DeliveryState.DELIVERED}
    assert len({webhook_id for webhook_id, _ in desk.received[asked:]}) == 6
    assert len(set(desk.received)) == 6


def test_while_our_own_network_is_down_no_channel_is_blamed(house: Callable[..., Tools]):
    away = Desk()
    away.base = "http://127.0.0.1:9"  # nobody listens there
    tools = house(away)
    feed = Feed(url="http://news.test/feed.xml")
    with tools.store.write() as connection:
        feeds.sync(connection, [feed], NOON)

    def closed(days: range, **answered: datetime) -> bool:
        state = replace(feed.state, error=OUR_NETWORK, last_poll_at=NOON, **answered)
        with tools.store.write() as connection:
            feeds.save_state(connection, feed.url, state)
        for day in days:
            owe(tools, 1, NOON + timedelta(days=day))
            deliver(tools, NOON + timedelta(days=day, hours=1))
        with tools.store.read() as connection:
            return bool(channels.closed_channels(connection))

    assert not closed(range(9))
    assert closed(range(9, 18), answered_at=NOON)  # a server has answered since


def test_a_channel_gets_no_more_than_its_rate_and_the_others_do_not_wait_for_it(house: Callable[..., Tools]):
    slow, free = Desk(), Desk()
    with serve(slow), serve(free):
        tools = house(slow, rate="30/m")
        owe(tools, 5)
        begin = NOON + timedelta(minutes=1)
        counts = []
        for second in range(9):
            deliver(tools, begin + timedelta(seconds=second))
            counts.append(len(slow.received))
        assert counts == [1, 1, 2, 2, 3, 3, 4, 4, 5]


def test_a_receiver_that_hangs_holds_up_no_other(house: Callable[..., Tools]):
    """Twenty that hang, and one that is well: what is owed to the well one arrives at once."""
    with ExitStack() as stack:
        ill, well = [Desk() for _ in range(20)], Desk()
        for desk in (*ill, well):
            stack.enter_context(serve(desk))
        for desk in ill:
            desk.gate.close()
        tools = house(*ill, well)
        owe(tools, 5)
        arrived: list[float] = []
        all_there, stop, answer = threading.Event(), threading.Event(), well.answer

        def timed(handler: Any) -> None:
            answer(handler)
            arrived.append(time.monotonic())
            if len(arrived) == 5:
                all_there.set()

        well.answer = timed
        now, began = NOON + timedelta(minutes=1), time.monotonic()
        worker = threading.Thread(target=deliver_due, args=(tools, lambda: now, stop))
        worker.start()
        assert all_there.wait(120)
        stop.set()
        for desk in ill:
            assert desk.gate.waiting.is_set()
            desk.gate.open()
        worker.join(10)
        assert arrived[-1] - began < 2


def test_every_message_arrives_at_ill_receivers_with_one_id_and_one_body(house: Callable[..., Tools]):
    """They refuse, lose answers, ask for rest and are late; the standardwebhooks package judges the signatures."""
    ill = [Hostile(mood) for mood in ("ok", "fail", "lost", "ratelimit", "timeout")]
    with ExitStack() as stack:
        for receiver in ill:
            stack.enter_context(serve(receiver))
            receiver.gate.close()
            stack.callback(receiver.gate.open)
        tools = house(*ill, timeout="1s")
        owe(tools, 3)
        for minute in range(1, 30):
            deliver(tools, NOON + timedelta(minutes=minute))
    assert set(states(tools)) == {DeliveryState.DELIVERED}
    assert [len(receiver.taken) for receiver in ill] == [3] * 5
    assert [max(map(len, receiver.bodies.values())) for receiver in ill] == [1, 3, 2, 2, 2]
    assert [(receiver.bad_signatures, receiver.changed) for receiver in ill] == [(0, 0)] * 5


def test_while_the_secret_changes_both_sign_and_a_receiver_may_know_either(house: Callable[..., Tools], desk: Desk):
    old = Desk(secret=OLD_SECRET)
    with serve(old):
        tools = house(desk, old, previous_secret=OLD_SECRET)
        owe(tools, 1)
        deliver(tools, NOON + timedelta(minutes=1))
        assert (len(desk.received), desk.bad_signatures) == (1, 0)
        assert (len(old.received), old.bad_signatures) == (1, 0)


def test_the_previous_secret_stops_to_sign_when_it_was_told_to(house: Callable[..., Tools]):
    old = Desk(secret=OLD_SECRET)
    with serve(old):
        tools = house(old, previous_secret=OLD_SECRET, previous_until="2020-01-01")
        owe(tools, 1)
        deliver(tools, NOON + timedelta(minutes=1))
        assert (len(old.received), old.bad_signatures) == (1, 1)


def test_a_receiver_too_slow_to_answer_is_left_alone_for_a_minute(house: Callable[..., Tools], desk: Desk):
    tools = house(desk, timeout="1s")
    desk.gate.close()
    owe(tools, 1)
    (attempt,) = deliver(tools, NOON + timedelta(minutes=1))
    desk.gate.open()
    assert attempt.outcome is Outcome.RETRY
    assert deliver(tools, NOON + timedelta(minutes=1, seconds=59)) == []
    assert len(deliver(tools, NOON + timedelta(minutes=2))) == 1
