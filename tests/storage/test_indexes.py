"""What is asked every second, or for every poll and digest, never reads a whole table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, Connection, event

from monitor.storage import drift, entries, expectations, feeds, outbox, pruning, stories, subscriptions
from monitor.storage.schema import METADATA
from monitor.storage.store import Store
from tests.factories import NOON, an_entry

HOT: dict[str, Callable[[Connection], Any]] = {
    "feeds that are due": lambda c: feeds.due(c, NOON, limit=9),
    "when the next feed is due": feeds.next_due_at,
    "hubs that are to be asked": lambda c: subscriptions.due(c, NOON, limit=9),
    "the subscription of a callback": lambda c: subscriptions.by_token(c, "t"),
    "entries known already": lambda c: entries.known(c, "https://news.test/", ["a", "b"]),
    "entries with a known face": lambda c: entries.familiar(c, "https://news.test/", [an_entry()]),
    "feeds of a host": lambda c: feeds.crowd(c, "news.test"),
    "feeds of a host that wants to rest": lambda c: feeds.rest_host(c, "news.test", NOON, NOON),
    "entries to forget": lambda c: pruning.prune(c, NOON, limit=9),
    "an entry by its link": lambda c: entries.find(c, "https://news.test/1"),
    "reports to remember": lambda c: list(stories.reports_since(c, "s", NOON)),
    "what was reported since": lambda c: stories.numbers_after(c, "s", 1),
    "number of the last report": lambda c: stories.last_number(c, "s"),
    "what was put by hand": lambda c: stories.steered(c, "s"),
    "events by id": lambda c: stories.events(c, {"e"}),
    "entries reported already": lambda c: stories.reported(c, "s", [1, 2]),
    "events of a storyline": lambda c: stories.list_events(c, "s", storyline="x", limit=9),
    "rhythm of the storylines": lambda c: stories.report_times(c, "s"),
    "names that are open": lambda c: drift.tied(c, "s", NOON),
    "names that rose": lambda c: drift.risen(c, "s", ["a", "b"], NOON, origins=6),
    "what a name was tied to": lambda c: drift.ties(c, "s", "a", NOON),
    "the latest entries with a name": lambda c: drift.mentions(c, "s", "a"),
    "how many these are of": lambda c: drift.looked_at(c, NOON),
    "what is said of expectations": lambda c: expectations.statements_of(c, "s", NOON),
    "who reports on a storyline": lambda c: expectations.heard_by(c, "s", "x", NOON),
    "what a channel was told beside events": lambda c: expectations.told(c, "desk", "s"),
    "what a channel was not told": lambda c: outbox.untold(c, channel="desk", story="s"),
    "what it was told last of an event": lambda c: outbox.last_revisions(c, "desk", ["e"]),
    "number of its next digest": lambda c: outbox.next_sequence(c, "desk"),
    "start of a digest's window": lambda c: outbox.start_of(c, "morning"),
    "deliveries that are due": lambda c: outbox.due_deliveries(c, NOON, channels=["desk"]),
    "deliveries still owed": outbox.count_owed,
    "attempts of a delivery": lambda c: outbox.attempts_of(c, 1),
}


@pytest.mark.parametrize("column", pruning.pointers(), ids=str)
def test_what_points_at_an_entry_is_found_from_the_entry(column: Column[int]):
    """Else each entry that is forgotten costs a look through the whole table: its foreign key is checked."""
    table = column.table
    leading = [next(iter(table.primary_key.columns))] + [next(iter(index.columns)) for index in table.indexes]
    assert column in set(leading)


@pytest.mark.parametrize("question", HOT)
def test_a_hot_query_is_answered_from_an_index(question: str):
    asked: list[tuple[str, Any]] = []
    with Store.open("sqlite://") as store, store.read() as c:
        listen = lambda _c, _cursor, statement, parameters, *_: asked.append((statement, parameters))  # noqa: E731
        event.listen(store.engine, "before_cursor_execute", listen)
        HOT[question](c)
        event.remove(store.engine, "before_cursor_execute", listen)
        plans = [
            line[3]
            for statement, parameters in asked
            for line in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert any(plan.startswith("SEARCH") for plan in plans)
    assert [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in METADATA.tables] == []
