from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.domain import Delivery, DeliveryState, Outcome
from monitor.errors import StorageError
from monitor.storage import digests, outbox
from monitor.storage.schema import deliveries, told
from monitor.storage.schema import digests as digests_table
from monitor.storage.store import Store
from tests.factories import NOON
from tests.storage.owing import BODY, HOUR, SECOND, STORY, a_digest, attempt, begun, composed, due, reported, untold


@pytest.fixture
def store(store: Store) -> Store:
    """Two channels and a digest, known since NOON."""
    return begun(store)


def test_the_digests_of_a_channel_are_counted_from_one(store: Store):
    with store.read() as c:
        assert outbox.next_sequence(c, "desk") == 1
    composed(store, a_digest())
    with store.read() as c:
        assert outbox.next_sequence(c, "desk") == 2
        assert outbox.next_sequence(c, "wall") == 1


@pytest.mark.parametrize("step", ["before the ledger", "before the commit"])
def test_digest_delivery_and_ledger_are_written_together_or_not_at_all(store: Store, step: str):
    report = reported(store, "First")

    def crash() -> None:
        with store.write() as c:
            window = (NOON, NOON + HOUR)
            key = digests.save_digest(c, "morning", "s1", STORY, window=window, now=NOON, withheld=False)
            if step == "before the commit":
                outbox.save_delivery(
                    c,
                    digest_key=key,
                    digest=a_digest(reports=(report,), e1=1),
                    content_type="application/json",
                    body=BODY,
                    now=NOON,
                )
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        crash()
    with store.read() as c:
        for table in (digests_table, deliveries, told):
            assert c.execute(select(table)).all() == []
    assert untold(store) == [report]


def test_two_digests_of_a_channel_cannot_take_the_same_number(store: Store):
    composed(store, a_digest())
    with pytest.raises(StorageError, match="nothing was stored"):
        composed(store, a_digest(), slot="s2")


def test_a_new_delivery_is_owed_at_once_with_an_id_of_its_own(store: Store):
    first = composed(store, a_digest())
    second = composed(store, a_digest("wall"), slot="s2")
    assert first == Delivery(
        id=first.id,
        webhook_id=first.webhook_id,
        channel="desk",
        digest="morning",
        slot="s1",
        content_type="application/json",
        body=BODY,
        state=DeliveryState.PENDING,
        created_at=NOON + HOUR,
        attempts=0,
        next_attempt_at=NOON + HOUR,
    )
    assert first.webhook_id != second.webhook_id
    assert "." not in first.webhook_id
    with store.read() as c:
        assert outbox.delivery(c, first.id) == first
        assert outbox.delivery(c, 404) is None


def test_of_each_channel_the_longest_due_delivery_is_next(store: Store):
    desk = [composed(store, a_digest(sequence=n), slot=f"d{n}").id for n in (1, 2)]
    wall = composed(store, a_digest("wall"), slot="w1", after=HOUR + SECOND).id
    assert due(store, HOUR - SECOND) == []
    assert due(store, HOUR) == [desk[0]]
    assert due(store, 2 * HOUR) == [desk[0], wall]
    assert due(store, 2 * HOUR, limit=1) == [desk[0]]
    assert due(store, 2 * HOUR, channels=["wall"]) == [wall]
    assert due(store, 2 * HOUR, channels=[]) == []


def test_a_channel_with_a_delivery_under_way_waits_for_it_and_the_others_do_not(store: Store):
    desk = [composed(store, a_digest(sequence=n), slot=f"d{n}").id for n in (1, 2)]
    wall = composed(store, a_digest("wall"), slot="w1").id
    assert due(store, exclude=[desk[0]]) == [wall]
    assert due(store, exclude=[desk[0], wall]) == []


def test_an_attempt_is_kept_and_says_when_the_next_one_is_due(store: Store):
    delivery = composed(store, a_digest())
    failed = attempt(delivery, Outcome.RETRY)
    took = attempt(delivery, Outcome.DELIVERED, at=NOON + 2 * HOUR, status=200, detail="")
    with store.write() as c:
        outbox.record(c, failed, state=DeliveryState.PENDING, next_attempt_at=NOON + 2 * HOUR)
    assert due(store, HOUR) == []
    assert due(store, 2 * HOUR) == [delivery.id]
    with store.write() as c:
        outbox.record(c, took, state=DeliveryState.DELIVERED, next_attempt_at=None)
        assert outbox.attempts_of(c, delivery.id) == [failed, took]
        assert outbox.delivery(c, delivery.id) == replace(
            delivery, state=DeliveryState.DELIVERED, attempts=2, next_attempt_at=None
        )
    assert due(store, 9 * HOUR) == []


def test_all_since_a_time_is_sent_again_and_what_is_owed_keeps_its_place(store: Store):
    old = composed(store, a_digest(), after=HOUR)
    new, owed = (composed(store, a_digest(sequence=n), slot=f"s{n}", after=3 * HOUR) for n in (2, 3))
    wall = composed(store, a_digest("wall"), slot="w", after=3 * HOUR)
    with store.write() as c:
        for delivery in (old, new, wall):
            outbox.record(c, attempt(delivery, Outcome.RETRY), state=DeliveryState.FAILED, next_attempt_at=None)
        outbox.record(c, attempt(owed, Outcome.RETRY), state=DeliveryState.PENDING, next_attempt_at=NOON + 9 * HOUR)
        assert outbox.make_due_since(c, NOON + 2 * HOUR, NOON + 4 * HOUR, channel="desk") == 1
        assert outbox.make_due_since(c, NOON + 2 * HOUR, NOON + 4 * HOUR) == 1
        states = {row.id: (row.state, row.attempts) for row in outbox.list_deliveries(c, limit=9)}
    assert states[old.id] == (DeliveryState.FAILED, 1)
    assert states[new.id] == states[wall.id] == (DeliveryState.PENDING, 0)
    assert states[owed.id] == (DeliveryState.PENDING, 1)


def test_what_was_given_up_is_counted_until_somebody_has_seen_it(store: Store):
    first, second = (composed(store, a_digest(sequence=n), slot=f"s{n}") for n in (1, 2))
    with store.write() as c:
        outbox.record(c, attempt(first, Outcome.REJECTED), state=DeliveryState.FAILED, next_attempt_at=None)
        assert outbox.dismiss(c, second.id) == 0
        assert outbox.count_failed(c) == 1
        assert outbox.dismiss(c) == 1
        assert outbox.count_failed(c) == 0
        assert outbox.make_due(c, first.id, NOON) is not None


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.DELIVERED, DeliveryState.PENDING])
def test_whatever_came_of_a_delivery_it_can_be_sent_again_with_its_id_and_bytes(store: Store, state: DeliveryState):
    delivery = composed(store, a_digest())
    tried = attempt(delivery, Outcome.RETRY)
    with store.write() as c:
        outbox.record(c, tried, state=state, next_attempt_at=None)
        again = outbox.make_due(c, delivery.id, NOON + 3 * HOUR)
        assert again == replace(delivery, next_attempt_at=NOON + 3 * HOUR)
        assert outbox.attempts_of(c, delivery.id) == [tried]
        assert outbox.make_due(c, 404, NOON) is None
    assert due(store, 3 * HOUR) == [delivery.id]


def test_deliveries_are_listed_latest_first_and_by_state(store: Store):
    first, second = (composed(store, a_digest(sequence=n), slot=f"s{n}") for n in (1, 2))
    with store.write() as c:
        outbox.record(c, attempt(first, Outcome.REJECTED), state=DeliveryState.FAILED, next_attempt_at=None)
        assert [delivery.id for delivery in outbox.list_deliveries(c, limit=10)] == [second.id, first.id]
        assert [delivery.id for delivery in outbox.list_deliveries(c, limit=1)] == [second.id]
        assert [d.id for d in outbox.list_deliveries(c, state=DeliveryState.FAILED, limit=10)] == [first.id]
        assert (outbox.count_owed(c), outbox.count_failed(c)) == (1, 1)


def test_a_claimed_delivery_is_sent_by_nobody_else_until_its_lease_ends(store: Store):
    first, second = (composed(store, a_digest(sequence=n), slot=f"s{n}") for n in (1, 2))
    now, lease = NOON + HOUR, timedelta(minutes=2)
    with store.write() as c:
        taken = [outbox.claim(c, "desk", now, until=now + lease) for _ in range(3)]
        assert [delivery and delivery.id for delivery in taken] == [first.id, second.id, None]
        later = outbox.claim(c, "desk", now + lease, until=now + 2 * lease)
    assert later is not None
    assert later.id == first.id


@pytest.mark.parametrize("late", [Outcome.RETRY, Outcome.REJECTED, Outcome.DELIVERED])
def test_what_comes_late_never_undoes_a_delivery(store: Store, late: Outcome):
    delivery = composed(store, a_digest())
    with store.write() as c:
        outbox.record(c, attempt(delivery, Outcome.DELIVERED), state=DeliveryState.DELIVERED, next_attempt_at=None)
        outbox.record(c, attempt(delivery, late), state=DeliveryState.PENDING, next_attempt_at=NOON + HOUR)
        found = outbox.delivery(c, delivery.id)
        assert found is not None
        assert len(outbox.attempts_of(c, delivery.id)) == 2
    assert (found.state is DeliveryState.DELIVERED) == (late is not Outcome.DELIVERED)
