"""Backups, restoring them, and the way from one database to the other: nothing is lost, and nothing is half done."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from monitor.domain import Feed, Subscription
from monitor.errors import StorageError
from monitor.storage import copying, entries, feeds, subscriptions
from monitor.storage.schema import METADATA, digest_starts
from monitor.storage.store import Store
from tests.factories import NOON, an_entry

FEED = Feed(url="https://news.example/feed.xml", title="新闻 — Nachrichten", tags=("新", "ü"))


@pytest.fixture
def full(store: Store) -> Store:
    """A store with a feed, its entries in several languages, an edit, and a subscription."""
    texts = ("Avocado ships", "牛油果模型发布", "アボカド公開 😀", "Zürich – “quoted” \x1f line\u2028end")
    with store.write() as c:
        feeds.sync(c, [FEED], NOON)
        made = [an_entry(feed_url=FEED.url, identity=f"e{n}", title=title) for n, title in enumerate(texts)]
        entries.add(c, made, now=NOON, primed=False)
        entries.revise(c, replace(made[0], title="Avocado ships at last"), NOON + timedelta(hours=1))
        subscriptions.save(
            c,
            Subscription(
                feed_url=FEED.url, hub="https://hub.example/", topic=FEED.url, token="token", secret="its-secret"
            ),
        )
    return store


@pytest.fixture
def other(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store of the other kind."""
    url = request.getfixturevalue("postgres_url") if database == "sqlite" else f"sqlite:///{tmp_path / 'other.db'}"
    with Store.open(url) as opened:
        yield opened


def content(store: Store) -> dict[str, set[tuple[str, ...]]]:
    with store.read() as c:
        return {
            table.name: {tuple(map(repr, row)) for row in c.execute(select(table))} for table in METADATA.sorted_tables
        }


def test_the_other_database_holds_the_same_rows_and_numbers_new_ones_after_them(full: Store, other: Store):
    copied = {table.table: table.rows for table in copying.copy(full, other)}
    assert copied["entries"] == 4
    assert content(other) == content(full)
    with other.write() as c:
        new = entries.add(c, [an_entry(feed_url=FEED.url, identity="new")], now=NOON, primed=False)
    with full.read() as c:
        highest = max(row.id for row in c.execute(select(METADATA.tables["entries"])))
    assert new[0].id > highest


def test_there_and_back_again_is_the_same(full: Store, other: Store, tmp_path: Path):
    copying.copy(full, other)
    with Store.open(f"sqlite:///{tmp_path / 'third.db'}") as third:
        back = copying.copy(other, third)
        assert back == copying.copy(full, third, replace=True)


def test_a_database_that_holds_something_is_left_as_it_is(full: Store, other: Store):
    with other.write() as c:
        c.execute(insert(digest_starts).values(digest="morning", since=NOON))
    before = content(other)
    with pytest.raises(StorageError, match="not empty, it has digest_starts; nothing was changed"):
        copying.copy(full, other)
    assert content(other) == before


def test_rows_that_arrive_changed_are_noticed_and_taken_back(full: Store, other: Store):
    with other.write() as c:
        if c.dialect.name == "sqlite":
            c.execute(
                text("CREATE TRIGGER spoil AFTER INSERT ON entries BEGIN UPDATE entries SET title = 'spoilt'; END")
            )
        else:
            c.execute(
                text(
                    "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN NEW.title := 'spoilt'; RETURN NEW; END $$"
                )
            )
            c.execute(text("CREATE TRIGGER spoil BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION spoil()"))
    with pytest.raises(StorageError, match="entries did not arrive"):
        copying.copy(full, other)
    assert all(rows == set() for rows in content(other).values())


def test_a_backup_is_one_private_file_that_restores_to_the_same(full: Store, other: Store, tmp_path: Path):
    file = tmp_path / "night.backup"
    size = copying.backup(full, file)
    assert size == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "night" in path.name] == ["night.backup"]
    for target in (other, full):
        copying.restore(file, target, replace=True)
        assert content(target) == content(full)


def test_a_backup_never_replaces_a_file(full: Store, tmp_path: Path):
    file = tmp_path / "precious.txt"
    file.write_text("keep me")
    with pytest.raises(StorageError, match="there already"):
        copying.backup(full, file)
    assert file.read_text() == "keep me"


def test_a_backup_that_cannot_be_written_says_where(full: Store, tmp_path: Path):
    with pytest.raises(StorageError, match=r"cannot write .*nowhere/x\.db: No such file"):
        copying.backup(full, tmp_path / "nowhere" / "x.db")


@pytest.mark.parametrize("damage", ["no database", "another's database", "a torn page", "missing"])
def test_a_file_that_is_no_sound_backup_is_refused_and_nothing_changes(full: Store, tmp_path: Path, damage: str):
    file = tmp_path / "night.backup"
    copying.backup(full, file)
    if damage == "no database":
        file.write_text("a diary")
    elif damage == "another's database":
        file.unlink()
        sqlite3.connect(file).executescript("CREATE TABLE diary (day)").close()
    elif damage == "a torn page":
        body = bytearray(file.read_bytes())
        body[4096 * 3 : 4096 * 5] = b"\xff" * 4096 * 2
        file.write_bytes(body)
    else:
        file.unlink()
    before = content(full)
    with pytest.raises(StorageError, match=r"is no backup|is damaged|is not there"):
        copying.restore(file, full, replace=True)
    assert content(full) == before


def test_a_backup_of_a_newer_release_is_refused(full: Store, tmp_path: Path):
    file = tmp_path / "night.backup"
    copying.backup(full, file)
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(StorageError, match="schema 9999"):
        copying.restore(file, full, replace=True)


def test_a_backup_under_load_holds_one_moment(store: Store, tmp_path: Path):
    """A writer adds a pair of rows a transaction: a backup never holds half a pair."""
    stop = threading.Event()

    def write() -> None:
        pair = 0
        while not stop.is_set() and pair < 5_000:
            with store.write() as c:
                c.execute(insert(digest_starts), [{"digest": f"{pair}-{half}", "since": NOON} for half in "ab"])
            pair += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            copying.backup(store, tmp_path / f"{n}.backup")
    finally:
        stop.set()
        writer.join()
    for n in range(5):
        with sqlite3.connect(tmp_path / f"{n}.backup") as made:
            rows = {row[0] for row in made.execute("SELECT digest FROM digest_starts")}
        made.close()
        assert {row[:-1] + "a" for row in rows} == {row[:-1] + "a" for row in rows if row.endswith("b")}
