"""Opening, transactions, and one monitor at a time."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from monitor.errors import StorageError
from monitor.storage.schema import digest_starts
from monitor.storage.store import Store
from tests.factories import NOON


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(digest_starts).values(digest=name, since=NOON))


def names(store: Store) -> list[str]:
    with store.read() as c:
        return list(c.execute(select(digest_starts.c.digest).order_by(digest_starts.c.digest)).scalars())


def together(jobs: Iterable[Callable[[], None]]) -> None:
    """Do these at the same time, a thread each."""
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- Opening ----------------------------------------------------------------------------------------------------------


def test_what_was_written_is_there_when_the_store_is_opened_again(database_url: str):
    with Store.open(database_url) as store, store.write() as c:
        put(c, "kept")
    with Store.open(database_url) as store:
        assert names(store) == ["kept"]


def test_the_folder_of_a_new_database_is_made(tmp_path: Path):
    Store.open(f"sqlite:///{tmp_path}/var/lib/monitor.db").close()
    assert (tmp_path / "var/lib/monitor.db").is_file()


def test_a_scratch_database_is_empty_each_time():
    for _ in range(2):
        with Store.open("sqlite://") as store:
            assert names(store) == []
            with store.write() as c:
                put(c, "scratch")
            assert names(store) == ["scratch"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("no address", "cannot be read; write sqlite:///var/monitor.db"),
        ("mysql://root:hush@db.test/monitor", "mysql is not supported; use sqlite:///path or postgresql://"),
        ("postgresql://me:hush@127.0.0.1:1/monitor", "cannot use the database at 127.0.0.1:1/monitor: .*refused"),
        ("postgres://me@127.0.0.1:1/monitor?password=hush", "cannot use the database at 127.0.0.1:1/monitor"),
        ("sqlite:////dev/null/monitor.db", "cannot make the folder /dev/null for the database"),
        ("sqlite:////dev", "/dev is a folder; name a file in it, as in sqlite:////dev/monitor.db"),
    ],
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(url: str, message: str):
    with pytest.raises(StorageError, match=message) as caught:
        Store.open(url)
    assert "hush" not in f"{caught.value} {caught.value.__cause__}"


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("Remember the milk. " * 100)
    with pytest.raises(StorageError, match=r"notes\.txt: file is not a database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_text() == "Remember the milk. " * 100


def test_the_name_of_a_store_holds_no_password(postgres_url: str):
    with Store.open(postgres_url.replace("postgres@", "postgres:hush@") + "&application_name=hush") as store:
        assert store.name.endswith("/postgres")
        assert "hush" not in store.name


def test_sqlite_is_set_up_for_readers_beside_a_writer(tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path}/monitor.db") as store, store.read() as c:
        settings = {
            name: c.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 5000}


@pytest.mark.parametrize(("durable", "expected"), [(True, 2), (False, 1)], ids=["FULL", "NORMAL"])
def test_sqlite_waits_for_the_disk_only_where_a_commit_must_outlive_a_power_cut(
    tmp_path: Path, durable: bool, expected: int
):
    with Store.open(f"sqlite:///{tmp_path / 'monitor.db'}") as opened:
        for value in (not durable, durable):  # one connection serves both
            with opened.write(durable=value) as connection:
                found = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    assert found == expected


def test_whoever_opens_a_fresh_database_at_the_same_time_finds_it_whole(database_url: str):
    found: list[list[str]] = []
    ready = threading.Barrier(4)

    def work() -> None:
        ready.wait()
        with Store.open(database_url) as store:
            found.append(names(store))

    together(work for _ in range(4))
    assert found == [[], [], [], []]


# --- Transactions -----------------------------------------------------------------------------------------------------


def test_after_an_exception_nothing_of_the_transaction_is_kept(store: Store):
    def cut_short() -> None:
        with store.write() as c:
            put(c, "first")
            put(c, "second")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut_short()
    assert names(store) == []
    with store.write() as c:
        put(c, "third")
    assert names(store) == ["third"]


def test_a_reader_sees_nothing_of_a_transaction_that_is_not_over(database_url: str):
    with Store.open(database_url) as store:
        with store.write() as c:
            put(c, "unfinished")
            assert names(store) == []
        assert names(store) == ["unfinished"]


def test_a_write_while_reading_is_refused(store: Store):
    with pytest.raises(StorageError, match=r"read-?only"), store.read() as c:
        put(c, "sneaked in")
    with store.write() as c:  # and the connection may write again afterwards
        put(c, "proper")
    assert names(store) == ["proper"]


def test_a_broken_rule_of_the_schema_is_an_error_of_ours_and_shows_no_values(store: Store):
    with store.write() as c:
        put(c, "twice")
    with pytest.raises(StorageError, match="nothing was stored") as caught, store.write() as c:
        put(c, "twice")
    assert "2026" not in f"{caught.value} {caught.value.__cause__}"
    assert names(store) == ["twice"]


def test_eight_threads_write_fifty_times_each_without_a_lock_error(store: Store):
    errors = []

    def work(thread: int) -> None:
        try:
            for number in range(50):
                with store.write() as c:
                    c.execute(select(digest_starts.c.digest).limit(1)).all()  # read first: a plain BEGIN fails here
                    put(c, f"{thread}-{number}")
        except StorageError as error:
            errors.append(error)

    together(partial(work, n) for n in range(8))
    assert errors == []
    assert len(names(store)) == 400


def test_threads_may_share_a_scratch_database():
    with Store.open("sqlite://") as store:

        def work(thread: int) -> None:
            for number in range(20):
                with store.write() as c:
                    put(c, f"{thread}-{number}")
                names(store)

        together(partial(work, n) for n in range(4))
        assert len(names(store)) == 80


# --- One monitor at a time --------------------------------------------------------------------------------------------

HOLD = """
import sys
from monitor.storage.store import Store
with Store.open(sys.argv[1]) as store, store.lock_instance():
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_second_monitor_is_refused_until_the_first_ends(store: Store):
    with store.lock_instance():
        with pytest.raises(StorageError, match="another monitor is running on this database"), store.lock_instance():
            pytest.fail("two monitors hold the lock")
        with store.write() as c:  # a command may still write beside it
            put(c, "beside")
    with store.lock_instance():
        assert names(store) == ["beside"]


def test_the_lock_of_another_process_ends_with_its_death(database_url: str, store: Store):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(StorageError, match="another monitor"), store.lock_instance():
            pytest.fail("two monitors hold the lock")
        other.kill()
        assert other.wait() == -signal.SIGKILL
        until_free(store)


def until_free(store: Store) -> None:
    """PostgreSQL notices a dead client in a moment, not at once."""
    for _ in range(100):
        try:
            with store.lock_instance():
                return
        except StorageError:
            threading.Event().wait(0.05)
    pytest.fail("the lock outlived its process by 5 s")


def test_after_a_copy_a_reading_transaction_still_refuses_to_write(tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path}/monitor.db") as store:
        names(store)  # the connection that the copy will use has only read
        store.vacuum_into(tmp_path / "copy.db")
        with pytest.raises(StorageError, match="readonly"), store.read() as c:
            put(c, "not allowed")
