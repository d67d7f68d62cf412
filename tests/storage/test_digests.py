from __future__ import annotations

import pytest

from monitor.domain import Window
from monitor.errors import StorageError
from monitor.storage import digests, outbox
from monitor.storage.store import Store
from tests.factories import NOON
from tests.storage.owing import HOUR, STORY, a_digest, begun, composed


@pytest.fixture
def store(store: Store) -> Store:
    """Two channels and a digest, known since NOON."""
    return begun(store)


def test_the_first_sight_of_a_digest_stays_its_start(store: Store):
    with store.write() as c:
        digests.register(c, ["morning", "evening"], NOON + HOUR)
        digests.register(c, [], NOON + HOUR)
        assert digests.start_of(c, "morning") == NOON
        assert digests.start_of(c, "evening") == NOON + HOUR
        assert digests.start_of(c, "unknown") is None


def test_a_digest_goes_on_where_its_last_window_ended(store: Store):
    composed(store, a_digest(), after=HOUR)
    with store.read() as c:
        assert digests.start_of(c, "morning") == NOON + HOUR


def test_a_slot_is_composed_once(store: Store):
    composed(store, a_digest())
    with pytest.raises(StorageError, match="morning was composed for the slot s1 before"):
        composed(store, a_digest(sequence=2))
    with store.read() as c:
        assert len(outbox.list_deliveries(c, limit=10)) == 1


def test_composed_digests_are_listed_latest_first_with_their_channels(store: Store):
    with store.write() as c:
        key = digests.save_digest(c, "morning", "s1", STORY, window=(NOON, NOON + HOUR), now=NOON, withheld=False)
        for channel in ("wall", "desk"):
            outbox.save_delivery(
                c,
                digest_key=key,
                digest=a_digest(channel),
                content_type="text/plain",
                body=b"",
                now=NOON,
            )
        digests.save_digest(c, "morning", "s2", STORY, window=(NOON, NOON + HOUR), now=NOON, withheld=True)
        latest, first = digests.list_digests(c, limit=10)
        assert digests.list_digests(c, limit=1) == [latest]
    assert (latest.slot, latest.withheld, latest.channels) == ("s2", True, ())
    assert first == digests.StoredDigest(
        digest="morning",
        slot="s1",
        story=STORY,
        window=Window(start=NOON, end=NOON + HOUR),
        composed_at=NOON,
        withheld=False,
        channels=("desk", "wall"),
    )
