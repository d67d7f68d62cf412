"""What is forgotten, what stays, and that nothing forgotten comes back as new."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from monitor.domain import Feedback
from monitor.storage import entries, feedback, pruning, stories
from monitor.storage.schema import METADATA, forgotten
from monitor.storage.store import Store
from tests.factories import NOON, a_match, a_report, an_entry

DAY = timedelta(days=1)


def put(store: Store, *identities: str, at: int = 0) -> list[entries.StoredEntry]:
    """Entries that were first seen ``at`` days after the start."""
    with store.write() as c:
        new = [an_entry(title=identity, identity=identity, url=None) for identity in identities]
        return entries.add(c, new, now=NOON + at * DAY, primed=False)


def prune(store: Store, day: int, limit: int = 100) -> int:
    with store.write() as c:
        return pruning.prune(c, NOON + day * DAY, limit=limit)


def left(store: Store) -> set[str]:
    with store.read() as c:
        return set(c.execute(select(METADATA.tables["entries"].c.identity)).scalars())


def test_what_is_old_is_forgotten_oldest_first_and_a_batch_at_a_time(store: Store):
    put(store, "c", at=3)
    put(store, "a", "b", at=1)
    put(store, "d", at=4)
    assert prune(store, 4, limit=2) == 2
    assert left(store) == {"c", "d"}
    assert prune(store, 4, limit=2) == 1
    assert prune(store, 4, limit=2) == 0
    assert left(store) == {"d"}


def test_a_forgotten_entry_is_known_and_is_neither_new_nor_edited(store: Store):
    (old,) = put(store, "old")
    put(store, "kept", at=9)
    prune(store, 5)
    with store.read() as c:
        known = entries.known(c, old.entry.feed_url, ["old", "kept", "never seen"])
    assert known == {"old": "", "kept": entries.content_hash(an_entry(title="kept", url=None))}


def test_its_near_misses_and_earlier_words_go_with_it(store: Store):
    (old,) = put(store, "old")
    with store.write() as c:
        stories.save_matches(c, [(old.id, a_match())])
        entries.revise(c, replace(old.entry, title="older"), NOON)
    assert prune(store, 5) == 1
    with store.read() as c:
        assert [c.execute(select(func.count()).select_from(table)).scalar() for table in pruning.PARTS] == [0] * 4


@pytest.mark.parametrize("reason", ["a report", "a reader's answer"])
def test_what_the_story_or_a_reader_speaks_of_stays(store: Store, reason: str):
    (old,) = put(store, "old")
    with store.write() as c:
        if reason == "a report":
            stories.save_report(c, a_report(old.entry, entry_id=old.id))
        else:
            said = Feedback(entry=old.entry, kind="topic", target="avocado", belongs=False)
            feedback.save(c, "open-source-retreat", old.id, said, now=NOON)
    assert prune(store, 500) == 0
    assert left(store) == {"old"}


def test_a_mark_is_16_bytes(store: Store):
    put(store, "https://news.test/a/very/long/identity" * 20)
    prune(store, 5)
    with store.read() as c:
        assert [len(key) for key in c.execute(select(forgotten.c.key)).scalars()] == [16]
