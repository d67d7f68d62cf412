"""Locks between processes: who may hold one, and what becomes of it when the connection that holds it is cut."""

from __future__ import annotations

import time

import psycopg
import pytest

from monitor.errors import StorageError
from monitor.storage.locks import NUMBERS, ServerLock
from monitor.storage.store import Store


def test_of_several_clocks_one_leads_and_the_next_one_when_it_ends(database_url: str):
    with Store.open(database_url) as first, Store.open(database_url) as second:
        with first.lock_clock() as leads:
            assert leads()
            with second.lock_clock() as follows:
                assert not follows()
        with second.lock_clock() as leads:
            assert leads()


def test_those_that_share_the_work_refuse_one_that_wants_to_be_alone(postgres_url: str):
    with Store.open(postgres_url) as first, Store.open(postgres_url) as second, Store.open(postgres_url) as alone:
        refused = pytest.raises(StorageError, match="another monitor is running")
        with first.lock_instance(shared=True), second.lock_instance(shared=True), refused, alone.lock_instance():
            pytest.fail("it works beside two others")
        with alone.lock_instance(), refused, first.lock_instance(shared=True):
            pytest.fail("it works beside one that is alone")


def cut(postgres_server: psycopg.Connection) -> None:
    """Cut every connection but this one."""
    postgres_server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )


def test_a_lock_whose_connection_was_cut_is_taken_again(postgres_url: str, postgres_server: psycopg.Connection):
    with Store.open(postgres_url) as store, Store.open(postgres_url) as other, store.lock_instance() as held:
        cut(postgres_server)
        assert held()
        with pytest.raises(StorageError, match="another monitor"), other.lock_instance():
            pytest.fail("two hold it")


def test_a_lock_that_another_took_meanwhile_is_lost(postgres_url: str, postgres_server: psycopg.Connection):
    with Store.open(postgres_url) as store, Store.open(postgres_url) as other, store.lock_instance() as held:
        cut(postgres_server)
        with other.lock_instance():
            assert not held()


def test_a_monitor_that_lost_its_database_to_another_passes_its_ticks_over(
    postgres_url: str, postgres_server: psycopg.Connection
):
    with Store.open(postgres_url) as store, Store.open(postgres_url) as other, store.lock_instance():
        assert store.is_ours()
        cut(postgres_server)
        with other.lock_instance():
            assert not store.is_ours()
        assert not store.is_ours()


def test_a_holder_that_stands_still_is_cut_off_and_another_gets_the_lock(postgres_url: str):
    with Store.open(postgres_url) as store:
        still = ServerLock(store.engine, NUMBERS["clock"], shared=False, standstill_s=1)
        other = ServerLock(store.engine, NUMBERS["clock"], shared=False)
        still.take()
        other.take()
        assert not other.held()
        deadline = time.monotonic() + 120
        while not other.held() and time.monotonic() < deadline:
            time.sleep(0.2)
            other.take()
        assert other.held()
        assert not still.held()
        other.release()
