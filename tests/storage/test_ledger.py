from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.errors import StorageError
from monitor.storage import digests, ledger, outbox
from monitor.storage.schema import told
from monitor.storage.store import Store
from tests.factories import NOON
from tests.storage.owing import BODY, SECOND, STORY, a_digest, begun, composed, reported, untold


@pytest.fixture
def store(store: Store) -> Store:
    """Two channels and a digest, known since NOON."""
    return begun(store)


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
        key = digests.save_digest(c, "morning", "s1", STORY, window=(NOON, NOON), now=NOON, withheld=False)
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
        written = c.execute(select(told.c.entry_id, told.c.delivery_id, told.c.revision)).all()
    assert [(delivery.part, delivery.parts) for delivery in made] == [(1, 2), (2, 2)]
    assert len({delivery.webhook_id for delivery in made}) == 2
    assert written == [(first.entry_id, made[0].id, 1), (second.entry_id, made[1].id, 1)]
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
        assert ledger.last_revisions(c, "desk", ["e1", "e2"]) == {"e1": 2}
        assert ledger.last_revisions(c, "wall", ["e1"]) == {}
        assert ledger.last_revisions(c, "desk", []) == {}


def test_what_was_told_once_cannot_be_told_to_the_channel_again(store: Store):
    report = reported(store, "First")
    composed(store, a_digest(reports=(report,), e1=1))
    with pytest.raises(StorageError, match="nothing was stored"):
        composed(store, a_digest(reports=(report,), sequence=2, e1=2), slot="s2")
    with store.read() as c:
        assert [digest.slot for digest in digests.list_digests(c, limit=10)] == ["s1"]
