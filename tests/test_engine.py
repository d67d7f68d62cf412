"""The watch split over processes: what a clock hands out, and that workers do it once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import procrastinate
import pytest
from procrastinate.jobs import Status

from monitor import engine
from monitor.app import register, wire
from monitor.config.models import Config
from monitor.errors import StorageError
from monitor.feeds.isolation import Parser
from monitor.pipeline import Tools
from monitor.storage import feeds
from monitor.storage.store import Store
from tests.servers import Desk, Site, rss
from tests.test_daemon import House, wait_for
from tests.test_pipeline import NOON, STORY


@pytest.fixture
def tools(postgres_url: str) -> Iterator[Tools]:
    """Three feeds on two hosts, all due."""
    urls = ("https://a.test/1", "https://a.test/2", "https://b.test/1")
    config = Config.model_validate({"feeds": [{"url": url} for url in urls], "stories": [STORY]})
    with Store.open(postgres_url) as store, Parser() as parser:
        tools = wire(config, store, parser)
        register(tools, NOON)
        yield tools


@pytest.fixture
def app(postgres_url: str, tools: Tools) -> procrastinate.App:
    made = engine.build(postgres_url, engine.Jobs(lambda: tools, threading.Event(), lambda: NOON))
    engine.make_tables(made, tools.store)
    return made


def test_a_host_is_handed_out_once_however_often_the_clock_looks(app: procrastinate.App, tools: Tools):
    with app.open():
        for _ in range(3):
            engine.plan(app, lambda: tools, lambda: NOON)
        jobs = list(app.job_manager.list_jobs())
    assert [(job.task_name, job.task_kwargs, job.lock) for job in jobs] == [
        ("poll", {"host": "a.test"}, "poll a.test"),
        ("poll", {"host": "b.test"}, "poll b.test"),
    ]


def test_the_tables_of_the_engine_are_made_once(app: procrastinate.App, tools: Tools):
    engine.make_tables(app, tools.store)
    with app.open():
        assert app.check_connection()


def test_sqlite_is_told_what_to_do_instead(tmp_path: Path):
    jobs = engine.Jobs(lambda: pytest.fail("nothing is worked on"), threading.Event())
    with pytest.raises(StorageError, match=r"set DATABASE_URL=postgresql://.*`monitor run` does everything in one"):
        engine.build(f"sqlite:///{tmp_path}/monitor.db", jobs)


def test_the_job_of_a_worker_that_fell_silent_stands_in_nobody_s_way(app: procrastinate.App, tools: Tools):
    """It was doing a host when it died; the clock has handed the host out again since."""

    async def one_dies_and_another_comes() -> procrastinate.jobs.Job | None:
        async with app.open_async():
            manager = app.job_manager
            first = await manager.register_worker()
            await asyncio.to_thread(engine.plan, app, lambda: tools, lambda: NOON)
            assert await manager.fetch_job(queues=["poll"], worker_id=first) is not None
            await asyncio.to_thread(engine.plan, app, lambda: tools, lambda: NOON)
            with tools.store.write() as c:
                c.exec_driver_sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
            second = await manager.register_worker()
            others = await manager.fetch_job(queues=["poll"], worker_id=second)
            assert others is not None
            assert others.lock == "poll b.test"
            assert await manager.fetch_job(queues=["poll"], worker_id=second) is None
            await engine.rescue(manager)
            return await manager.fetch_job(queues=["poll"], worker_id=second)

    rescued = asyncio.run(one_dies_and_another_comes())
    assert rescued is not None
    assert rescued.lock == "poll a.test"


def test_the_jobs_of_silent_workers_are_looked_for_every_ten_seconds(app: procrastinate.App):
    looked = app.periodic_registry.periodic_tasks
    assert {task for task, _ in looked} == {"rescue-poll", "rescue-deliver"}
    for one in looked.values():
        one.croniter.set_current(NOON.timestamp() + 61)
        assert [one.croniter.get_next(float) - NOON.timestamp() for _ in range(3)] == [70, 80, 90]


def test_the_end_of_a_job_is_written_down_though_the_connection_was_cut_meanwhile(app: procrastinate.App, tools: Tools):
    """Its worker lives on, so nobody would take it for dead, and its host would wait for ever."""
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND position('procrastinate_finish_job' in query) > 0"
    )

    async def cut_while_it_ends() -> set[str | None]:
        async with app.open_async():
            manager = app.job_manager
            worker = await manager.register_worker()
            await asyncio.to_thread(engine.plan, app, lambda: tools, lambda: NOON)
            job = await manager.fetch_job(queues=["poll"], worker_id=worker)
            assert job is not None
            with tools.store.write() as c:
                c.exec_driver_sql("SELECT id FROM procrastinate_jobs FOR UPDATE")
                ending = asyncio.create_task(manager.finish_job(job, status=Status.SUCCEEDED, delete_job=True))
                for _ in range(1_000):
                    await asyncio.sleep(0.01)
                    c.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
                    if c.exec_driver_sql(cut).all():
                        break
            await ending
            return {left.lock for left in await manager.list_jobs_async()}

    assert asyncio.run(cut_while_it_ends()) == {"poll b.test"}


def test_processes_that_start_together_take_up_the_configuration_in_turn(postgres_url: str):
    config = Config.model_validate({"feeds": [{"url": f"https://a.test/{n}"} for n in range(200)], "stories": [STORY]})
    together = threading.Barrier(4)

    def start() -> int:
        with Store.open(postgres_url) as store, Parser() as parser:
            tools = wire(config, store, parser)
            together.wait(30)
            register(tools, NOON)
            with store.read() as connection:
                return len(feeds.listed(connection))

    with ThreadPoolExecutor(4) as pool:
        listed = [began.result() for began in [pool.submit(start) for _ in range(4)]]
    assert listed == [200] * 4


def test_clocks_and_workers_live_a_day_in_seconds(tmp_path: Path, site: Site, desk: Desk, postgres_url: str):
    site.documents["/feed.xml"] = rss("Cats")
    house = House(tmp_path, site, desk, postgres_url)

    def start(verb: str) -> subprocess.Popen[bytes]:
        with house.log.open("ab") as log:
            command = [sys.executable, "-m", "monitor", verb, "--config", str(house.folder)]
            return subprocess.Popen(command, stdout=log, stderr=log)

    started = [start(verb) for verb in ("worker", "worker", "clock", "clock")]
    try:
        wait_for(lambda: house.log.read_text("utf-8").count("waiting for the lead") == 2)
        wait_for(lambda: len(site.requests) >= 2)
        site.documents["/feed.xml"] = rss("Arden bridge delayed", "Cats")
        wait_for(lambda: desk.received)
        assert start("run").wait(timeout=30) == 1
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(timeout=120) for process in started]
    assert codes == [0, 0, 0, 0]
    assert desk.titles == ["Arden bridge delayed"]
    log = house.log.read_text("utf-8")
    assert "another monitor is running on this database" in log
    assert log.count("clock status=leads") == 1
