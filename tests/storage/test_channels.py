from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.domain import ChannelState, DeliveryState, Outcome
from monitor.storage import channels, outbox
from monitor.storage.store import Store
from tests.factories import NOON
from tests.storage.owing import HOUR, SECOND, a_digest, attempt, begun, composed, due, reported, untold


@pytest.fixture
def store(store: Store) -> Store:
    """Two channels and a digest, known since NOON."""
    return begun(store)


def test_the_first_sight_of_a_channel_stays_its_start(store: Store):
    reported(store, "First", after=timedelta(0))
    with store.write() as c:
        channels.register(c, ["desk", "new"], NOON + HOUR)
        channels.register(c, [], NOON + HOUR)
        assert [channels.known_since(c, name) for name in ("desk", "new", "nobody")] == [NOON, NOON + HOUR, None]
    assert len(untold(store)) == 1
    assert untold(store, "new") == []


def test_a_channel_that_asked_for_a_pause_gets_nothing_until_it_is_over(store: Store):
    first, second = (composed(store, a_digest(sequence=n), slot=f"s{n}") for n in (1, 2))
    wall = composed(store, a_digest("wall"), slot="w")
    with store.write() as c:
        throttled = attempt(first, Outcome.THROTTLED)
        rest = NOON + 2 * HOUR
        outbox.record(c, throttled, state=DeliveryState.PENDING, next_attempt_at=rest)
        channels.save_channel_state(c, "desk", ChannelState(rests_until=rest, failing_since=NOON))
        assert channels.channel_state(c, "desk") == ChannelState(rests_until=rest, failing_since=NOON)
    assert due(store, 2 * HOUR - SECOND) == [wall.id]
    assert due(store, 2 * HOUR) == [second.id, wall.id]


def test_what_is_known_of_a_channel_begins_with_nothing_and_ends_when_it_is_opened_again(store: Store):
    with store.write() as c:
        assert channels.channel_state(c, "desk") == channels.channel_state(c, "nobody") == ChannelState()
        channels.save_channel_state(c, "desk", ChannelState(rests_until=NOON + HOUR, failing_since=NOON))
        channels.disable_channel(c, "desk", NOON, "every try has failed")
        channels.enable_channel(c, "desk")
        assert channels.channel_state(c, "desk") == ChannelState()


def test_a_disabled_channel_gets_nothing_and_is_owed_it_all_the_same(store: Store):
    delivery = composed(store, a_digest())
    with store.write() as c:
        assert channels.disable_channel(c, "desk", NOON, "410 Gone") is True
        assert channels.disable_channel(c, "desk", NOON, "once more") is False
    assert due(store) == []
    with store.write() as c:
        assert outbox.count_owed(c) == 1
        assert channels.closed_channels(c) == [("desk", NOON, "410 Gone")]
        assert channels.enable_channel(c, "desk") is True
        assert channels.closed_channels(c) == []
        assert channels.enable_channel(c, "desk") is False
    assert due(store) == [delivery.id]
