"""What is asked every second, or for every poll and digest, never reads a whole table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, Connection, event

from monitor.domain import DeliveryState
from monitor.storage import (
    digests,
    drift,
    edits,
    entries,
    expectations,
    feeds,
    ledger,
    mutes,
    outbox,
    overview,
    pruning,
    search,
    stories,
    subscriptions,
)
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
    "what was put by hand": lambda c: edits.steered(c, "s"),
    "what was told apart by hand": lambda c: edits.apart(c, "s"),
    "events by id": lambda c: stories.events(c, {"e"}),
    "entries reported already": lambda c: stories.reported(c, "s", [1, 2]),
    "events of a storyline": lambda c: stories.list_events(c, "s", storyline="x", limit=9),
    "rhythm of the storylines": lambda c: stories.report_times(c, "s"),
    "names that are open": lambda c: drift.tied(c, "s", NOON),
    "names that rose": lambda c: drift.risen(c, "s", ["a", "b"], NOON, source="o", origins=(6,)),
    "what a name was tied to": lambda c: drift.ties(c, "s", "a", NOON),
    "the latest entries with a name": lambda c: drift.mentions(c, "s", "a"),
    "how many these are of": lambda c: drift.looked_at(c, NOON),
    "what is said of expectations": lambda c: expectations.statements_of(c, "s", NOON),
    "who reports on a storyline": lambda c: expectations.heard_by(c, "s", "x", NOON),
    "what a channel was told beside events": lambda c: ledger.marks(c, "desk", "s"),
    "what a channel was not told": lambda c: ledger.untold(c, channel="desk", story="s"),
    "what it was told last of an event": lambda c: ledger.last_revisions(c, "desk", ["e"]),
    "number of its next digest": lambda c: outbox.next_sequence(c, "desk"),
    "start of a digest's window": lambda c: digests.start_of(c, "morning"),
    "deliveries that are due": lambda c: outbox.due_deliveries(c, NOON, channels=["desk"]),
    "deliveries still owed": outbox.count_owed,
    "attempts of a delivery": lambda c: outbox.attempts_of(c, 1),
}


#: What pages and the API list: from one page of it to the next, however much is stored.
LISTED: dict[str, Callable[[Connection], Any]] = {
    "the latest entries": lambda c: entries.latest(c, limit=9),
    "entries before one": lambda c: entries.latest(c, before=7, limit=9),
    "entries of the last month": lambda c: entries.since(c, NOON, limit=9),
    "entries that were found": lambda c: entries.several(c, [1, 2]),
    "versions of an entry": lambda c: entries.revisions_of(c, 1),
    "latest entries of a feed": lambda c: overview.latest_of_feed(c, "https://news.test/", limit=9),
    "entries with words": lambda c: search.find(c, "quiet words", limit=9),
    "events of a story": lambda c: overview.outlines(c, "s", limit=9),
    "events since": lambda c: overview.outlines(c, "s", since=NOON, limit=9),
    "events before one": lambda c: overview.outlines(c, "s", before=(NOON, "e"), limit=9),
    "events of a thread": lambda c: overview.outlines(c, "s", storyline="x", limit=9),
    "days of the storylines": lambda c: stories.reported_days(c, "s"),
    "days of a storyline": lambda c: stories.reported_days(c, "s", storyline="x"),
    "mutes": lambda c: mutes.of_story(c, "s"),
    "proposed names": lambda c: drift.listed(c, "s"),
    "composed digests": lambda c: overview.archive(c, limit=9),
    "a composed digest": lambda c: overview.archived(c, 1),
    "a digest by its own link": lambda c: overview.sent_in(c, "morning", "slot", "desk"),
    "deliveries": lambda c: outbox.list_deliveries(c, limit=9),
    "deliveries in a state": lambda c: outbox.list_deliveries(c, state=DeliveryState.DELIVERED, limit=9),
    "feeds": lambda c: feeds.browse(c, limit=9),
    "a feed by its handle": lambda c: feeds.by_handle(c, "h"),
    "what is newest": overview.pulse,
}


def asked_by(store: Store, c: Connection, question: Callable[[Connection], Any]) -> list[tuple[str, Any]]:
    """The statements that it makes, with their parameters."""
    asked: list[tuple[str, Any]] = []
    listen = lambda _c, _cursor, statement, parameters, *_: asked.append((statement, parameters))  # noqa: E731
    event.listen(store.engine, "before_cursor_execute", listen)
    question(c)
    event.remove(store.engine, "before_cursor_execute", listen)
    return asked


@pytest.mark.parametrize("question", LISTED)
def test_a_list_is_read_from_where_it_begins(store: Store, question: str):
    """By an index, or in the order of the keys and no further than asked; never a whole table, sorted."""
    whole = []
    with store.read() as c:
        asked = asked_by(store, c, LISTED[question])
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("SET LOCAL enable_seqscan = off")  # what is left of it then could not be done otherwise
            for statement, parameters in asked:
                plan = [line[0].strip() for line in c.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
                whole += [line for line in plan if "Seq Scan on" in line]
        else:
            for statement, parameters in asked:
                plan = [line[3] for line in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
                tables = [line for line in plan if line.startswith("SCAN") and line.split()[1] in METADATA.tables]
                is_sorted = any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
                whole += [line for line in tables if is_sorted and " USING " not in line]
    assert asked
    assert whole == []


@pytest.mark.parametrize("column", pruning.pointers(), ids=str)
def test_what_points_at_an_entry_is_found_from_the_entry(column: Column[int]):
    """Else each entry that is forgotten costs a look through the whole table: its foreign key is checked."""
    table = column.table
    leading = [next(iter(table.primary_key.columns))] + [next(iter(index.columns)) for index in table.indexes]
    assert column in set(leading)


@pytest.mark.parametrize("question", HOT)
def test_a_hot_query_is_answered_from_an_index(question: str):
    with Store.open("sqlite://") as store, store.read() as c:
        asked = asked_by(store, c, HOT[question])
        plans = [
            line[3]
            for statement, parameters in asked
            for line in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert any(plan.startswith("SEARCH") for plan in plans)
    assert [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in METADATA.tables] == []
