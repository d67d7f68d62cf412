from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.domain import (
    Attempt,
    ChannelState,
    Coverage,
    Delivery,
    DeliveryState,
    Digest,
    DigestEntry,
    DigestEvent,
    DigestStoryline,
    Novelty,
    Outcome,
    Report,
    Window,
)
from monitor.errors import StorageError
from monitor.storage import entries, outbox, stories
from monitor.storage.schema import deliveries, digests, told
from monitor.storage.store import Store
from tests.factories import NOON, a_match, an_entry

STORY = "open-source-retreat"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
BODY = b'{"type": "digest.created"}\xff'


@pytest.fixture
def store(store: Store) -> Store:
    """Two channels and a digest, known since NOON."""
    with store.write() as c:
        outbox.register(c, channels=["desk", "wall"], digests=["morning"], now=NOON)
    return store


def reported(store: Store, title: str, event: str = "e1", *, primed: bool = False, after: timedelta = HOUR) -> Report:
    entry = an_entry(title)
    with store.write() as c:
        (stored,) = entries.add(c, [entry], now=NOON + after, primed=primed)
        report = Report(
            entry_id=stored.id,
            entry=entry,
            match=a_match(),
            first_seen=NOON + after,
            event=event,
            novelty=Novelty.FIRST,
            reason="first report",
            primed=primed,
        )
        stories.save_matches(c, [(stored.id, report.match)])
        stories.save_report(c, report)
    return report


def a_digest(channel: str = "desk", sequence: int = 1, reports: tuple[Report, ...] = (), **revisions: int) -> Digest:
    """A digest that lists these events in these revisions, each with those of the reports that are its own."""
    events = tuple(
        DigestEvent(
            id=event,
            revision=revision,
            title="",
            summary="",
            novelty=Novelty.FIRST,
            reason="",
            first_seen=NOON,
            origins=1,
            entries=tuple(
                DigestEntry(
                    id=report.entry_id,
                    title=report.entry.title,
                    url=None,
                    source="",
                    published=None,
                    lang=None,
                    novelty=report.novelty,
                )
                for report in reports
                if report.event == event
            ),
            matched=(),
            score=1.0,
        )
        for event, revision in revisions.items()
    )
    return Digest(
        schema_version=1,
        digest_id="morning",
        sequence=sequence,
        channel=channel,
        story=STORY,
        title="",
        window=Window(start=NOON, end=NOON + HOUR),
        reason="schedule",
        storylines=(DigestStoryline(id="avocado-release", title="", state="", events=events),),
        expectations=(),
        coverage=Coverage(feeds_ok=1, feeds_failing=0),
    )


def composed(store: Store, digest: Digest, *, slot: str = "s1", after: timedelta = HOUR) -> Delivery:
    with store.write() as c:
        key = outbox.save_digest(
            c, "morning", slot, STORY, window=(NOON, NOON + after), now=NOON + after, withheld=False
        )
        return outbox.save_delivery(
            c,
            digest_key=key,
            digest=digest,
            content_type="application/json",
            body=BODY,
            now=NOON + after,
        )


def untold(store: Store, channel: str = "desk", story: str = STORY) -> list[Report]:
    with store.read() as c:
        return outbox.untold(c, channel=channel, story=story)


def due(store: Store, after: timedelta = HOUR, **options: object) -> list[int]:
    with store.read() as c:
        found = outbox.due_deliveries(c, NOON + after, **({"channels": {"desk", "wall"}} | options))
    return [delivery.id for delivery in found]


def attempt(delivery: Delivery, outcome: Outcome, **changes: object) -> Attempt:
    made = Attempt(delivery_id=delivery.id, at=NOON + HOUR, outcome=outcome, duration_ms=12, status=500, detail="no")
    return replace(made, **changes)


# --- What is new to a channel -----------------------------------------------------------------------------------------


def test_a_channel_is_told_what_came_since_we_know_it_and_is_not_told_yet(store: Store):
    reported(store, "Before its time", after=-SECOND)
    reported(store, "There before we watched", primed=True)
    first, second = reported(store, "First", after=timedelta(0)), reported(store, "Second", "e2")
    assert untold(store) == [first, second]
    assert untold(store, "wall") == [first, second]
    assert untold(store, story="another story") == []
    assert untold(store, "never registered") == []
    composed(store, a_digest(reports=(first,), e1=1))
    assert untold(store) == [second]
    assert untold(store, "wall") == [first, second]


def test_what_a_digest_does_not_list_stays_untold(store: Store):
    listed, cut = reported(store, "Listed", "e1"), reported(store, "Cut", "e2")
    composed(store, a_digest(reports=(listed, cut), e1=1))
    assert untold(store) == [cut]


def test_each_part_of_a_digest_is_a_delivery_that_tells_its_own_entries(store: Store):
    first, second = reported(store, "First"), reported(store, "Second")
    with store.write() as c:
        key = outbox.save_digest(c, "morning", "s1", STORY, window=(NOON, NOON), now=NOON, withheld=False)
        made = [
            outbox.save_delivery(
                c,
                digest_key=key,
                digest=replace(a_digest(reports=(report,), e1=1), part=part, parts=2),
                content_type="application/json",
                body=BODY,
                now=NOON,
            )
            for part, report in enumerate((first, second), 1)
        ]
        assert outbox.next_sequence(c, "desk") == 2
        ledger = c.execute(select(told.c.entry_id, told.c.delivery_id, told.c.revision)).all()
    assert [(delivery.part, delivery.parts) for delivery in made] == [(1, 2), (2, 2)]
    assert len({delivery.webhook_id for delivery in made}) == 2
    assert ledger == [(first.entry_id, made[0].id, 1), (second.entry_id, made[1].id, 1)]
    assert untold(store) == []


def test_an_entry_that_came_in_while_the_digest_was_composed_stays_untold(store: Store):
    before, meanwhile = reported(store, "Before"), reported(store, "Meanwhile")
    composed(store, a_digest(reports=(before,), e1=1))
    assert untold(store) == [meanwhile]


def test_a_channel_remembers_the_last_revision_of_an_event(store: Store):
    first, second = reported(store, "First"), reported(store, "Second")
    composed(store, a_digest(reports=(first,), e1=1))
    composed(store, a_digest(reports=(second,), sequence=2, e1=2), slot="s2")
    with store.read() as c:
        assert outbox.last_revisions(c, "desk", ["e1", "e2"]) == {"e1": 2}
        assert outbox.last_revisions(c, "wall", ["e1"]) == {}
        assert outbox.last_revisions(c, "desk", []) == {}


def test_the_first_sight_of_a_channel_and_a_digest_stays_their_start(store: Store):
    reported(store, "First", after=timedelta(0))
    with store.write() as c:
        outbox.register(c, channels=["desk", "new"], digests=["morning", "evening"], now=NOON + HOUR)
        outbox.register(c, channels=[], digests=[], now=NOON + HOUR)
        assert outbox.start_of(c, "morning") == NOON
        assert outbox.start_of(c, "evening") == NOON + HOUR
        assert outbox.start_of(c, "unknown") is None
    assert len(untold(store)) == 1
    assert untold(store, "new") == []


def test_a_digest_goes_on_where_its_last_window_ended(store: Store):
    composed(store, a_digest(), after=HOUR)
    with store.read() as c:
        assert outbox.start_of(c, "morning") == NOON + HOUR


def test_the_digests_of_a_channel_are_counted_from_one(store: Store):
    with store.read() as c:
        assert outbox.next_sequence(c, "desk") == 1
    composed(store, a_digest())
    with store.read() as c:
        assert outbox.next_sequence(c, "desk") == 2
        assert outbox.next_sequence(c, "wall") == 1


# --- Writing down what is owed ----------------------------------------------------------------------------------------


def test_a_slot_is_composed_once(store: Store):
    composed(store, a_digest())
    with pytest.raises(StorageError, match="morning was composed for the slot s1 before"):
        composed(store, a_digest(sequence=2))
    with store.read() as c:
        assert len(outbox.list_deliveries(c, limit=10)) == 1


@pytest.mark.parametrize("step", ["before the ledger", "before the commit"])
def test_digest_delivery_and_ledger_are_written_together_or_not_at_all(store: Store, step: str):
    report = reported(store, "First")

    def crash() -> None:
        with store.write() as c:
            window = (NOON, NOON + HOUR)
            key = outbox.save_digest(c, "morning", "s1", STORY, window=window, now=NOON, withheld=False)
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
        for table in (digests, deliveries, told):
            assert c.execute(select(table)).all() == []
    assert untold(store) == [report]


def test_what_was_told_once_cannot_be_told_to_the_channel_again(store: Store):
    report = reported(store, "First")
    composed(store, a_digest(reports=(report,), e1=1))
    with pytest.raises(StorageError, match="nothing was stored"):
        composed(store, a_digest(reports=(report,), sequence=2, e1=2), slot="s2")
    with store.read() as c:
        assert [digest.slot for digest in outbox.list_digests(c, limit=10)] == ["s1"]


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


def test_composed_digests_are_listed_latest_first_with_their_channels(store: Store):
    with store.write() as c:
        key = outbox.save_digest(c, "morning", "s1", STORY, window=(NOON, NOON + HOUR), now=NOON, withheld=False)
        for channel in ("wall", "desk"):
            outbox.save_delivery(
                c,
                digest_key=key,
                digest=a_digest(channel),
                content_type="text/plain",
                body=b"",
                now=NOON,
            )
        outbox.save_digest(c, "morning", "s2", STORY, window=(NOON, NOON + HOUR), now=NOON, withheld=True)
        latest, first = outbox.list_digests(c, limit=10)
        assert outbox.list_digests(c, limit=1) == [latest]
    assert (latest.slot, latest.withheld, latest.channels) == ("s2", True, ())
    assert first == outbox.StoredDigest(
        digest="morning",
        slot="s1",
        story=STORY,
        window=Window(start=NOON, end=NOON + HOUR),
        composed_at=NOON,
        withheld=False,
        channels=("desk", "wall"),
    )


# --- Sending ----------------------------------------------------------------------------------------------------------


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


def test_a_channel_that_asked_for_a_pause_gets_nothing_until_it_is_over(store: Store):
    first, second = (composed(store, a_digest(sequence=n), slot=f"s{n}") for n in (1, 2))
    wall = composed(store, a_digest("wall"), slot="w")
    with store.write() as c:
        throttled = attempt(first, Outcome.THROTTLED)
        rest = NOON + 2 * HOUR
        outbox.record(c, throttled, state=DeliveryState.PENDING, next_attempt_at=rest)
        outbox.save_channel_state(c, "desk", ChannelState(rests_until=rest, failing_since=NOON))
        assert outbox.channel_state(c, "desk") == ChannelState(rests_until=rest, failing_since=NOON)
    assert due(store, 2 * HOUR - SECOND) == [wall.id]
    assert due(store, 2 * HOUR) == [second.id, wall.id]


def test_what_is_known_of_a_channel_begins_with_nothing_and_ends_when_it_is_opened_again(store: Store):
    with store.write() as c:
        assert outbox.channel_state(c, "desk") == outbox.channel_state(c, "nobody") == ChannelState()
        outbox.save_channel_state(c, "desk", ChannelState(rests_until=NOON + HOUR, failing_since=NOON))
        outbox.disable_channel(c, "desk", NOON, "every try has failed")
        outbox.enable_channel(c, "desk")
        assert outbox.channel_state(c, "desk") == ChannelState()


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


def test_a_disabled_channel_gets_nothing_and_is_owed_it_all_the_same(store: Store):
    delivery = composed(store, a_digest())
    with store.write() as c:
        assert outbox.disable_channel(c, "desk", NOON, "410 Gone") is True
        assert outbox.disable_channel(c, "desk", NOON, "once more") is False
    assert due(store) == []
    with store.write() as c:
        assert outbox.count_owed(c) == 1
        assert outbox.closed_channels(c) == [("desk", NOON, "410 Gone")]
        assert outbox.enable_channel(c, "desk") is True
        assert outbox.closed_channels(c) == []
        assert outbox.enable_channel(c, "desk") is False
    assert due(store) == [delivery.id]


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


# --- Several workers --------------------------------------------------------------------------------------------------


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
