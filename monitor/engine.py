"""Several machines on one PostgreSQL database: the same units of work, handed out by Procrastinate as jobs.

    clock   asks what is due, as the ticks of the daemon do, and defers a job for each host and each channel;
            composes the digests itself, as the unique key of a slot lets only one of them do. One clock leads, by an
            advisory lock; the others wait for it to fall free.
    worker  polls the feeds of a host one after the other, and sends the deliveries of a channel one after the other:
            a job holds the lock of its host or channel, so manners hold across machines.

A job says only where to look. What is due there is asked when it runs, and claimed in the database before the outside
world is touched, so it does no harm when a job runs twice, or comes back to life after others have taken over.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any, LiteralString

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from sqlalchemy import make_url

from monitor.errors import StorageError
from monitor.pipeline import excuse
from monitor.pushes import ask_hubs
from monitor.scheduling import GRACE_S, TICK, Clock, GetTools, compose_due, poll_safely, prune_old, send, wall_clock
from monitor.storage import feeds, outbox, subscriptions
from monitor.storage.locks import Held
from monitor.storage.store import Store

log = structlog.get_logger()

QUEUES = ("poll", "deliver")
#: A job ends after so many feeds or deliveries, and the next one goes on: others want their turn as well.
AT_ONCE = 100
#: Hosts for which a clock defers jobs in one tick.
HOSTS_AT_ONCE = 1_000
#: A worker says that it lives this often; its jobs are given to others once it has been silent for so long.
HEARTBEAT_S, SILENCE_S = 5, 20
#: How often the jobs of silent workers are looked for: every ten seconds, which stand last, as croniter reads it.
RESCUE_CRON = "* * * * * */10"
#: A delivery is sent by nobody else for so long. Longer than any receiver may take.
LEASE = timedelta(minutes=2)
#: A worker whose database went away comes back after so long.
PAUSE_S = 2.0
#: Between tries to write down what came of a job while the database is away: 7.5 s in all, as a stop may take ten.
AGAIN_S = (0.5, 1.0, 2.0, 4.0)


class Jobs:
    """What a worker can be asked to do. Each job asks the database what is due, so a second one finds nothing to do.

    tools  asked for anew by each job
    stop   once set, nothing more is begun
    """

    def __init__(self, tools: GetTools, stop: threading.Event, clock: Clock = wall_clock) -> None:
        self.tools = tools
        self.stop = stop
        self.clock = clock

    def poll(self, host: str) -> None:
        """Poll the feeds of a host that are due, one after the other."""
        for _ in range(AT_ONCE):
            now = self.clock()
            with self.tools().store.write() as connection:
                feed = None if self.stop.is_set() else feeds.claim(connection, host, now)
            if feed is None:
                return
            poll_safely(feed, self.tools(), now, self.stop)

    def deliver(self, channel: str) -> None:
        """Send what a channel is owed and is due, one after the other."""
        for _ in range(AT_ONCE):
            now = self.clock()
            with self.tools().store.write() as connection:
                owed = None if self.stop.is_set() else outbox.claim(connection, channel, now, until=now + LEASE)
            if owed is None:
                return
            send(owed, self.tools, self.clock, self.stop)

    def hubs(self) -> None:
        """Ask the WebSub hubs that are to be asked."""
        ask_hubs(self.tools(), self.clock, self.stop)

    def upkeep(self) -> None:
        """Forget what is too old, and take the blame off the feeds when our own network is down."""
        excuse(self.tools(), self.clock())
        prune_old(self.tools(), self.clock, self.stop)


class Connector(procrastinate.PsycopgConnector):
    """Writes again where a connection was cut.

    A job whose end is not written down counts as under way as long as its worker lives, and its host has no other.
    """

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        for pause in AGAIN_S:
            try:
                await super().execute_query_async(query, **arguments)
            except ConnectorException:
                await asyncio.sleep(pause)
            else:
                return
        await super().execute_query_async(query, **arguments)


def build(url: str, jobs: Jobs) -> procrastinate.App:
    """Procrastinate on the database at this address, with its tables. StorageError: it is not PostgreSQL."""
    place = make_url(url)
    if place.get_backend_name() != "postgresql":
        raise StorageError(
            "several processes need PostgreSQL: set DATABASE_URL=postgresql://user@host/name; "
            "on SQLite `monitor run` does everything in one"
        )
    conninfo = place.set(drivername="postgresql").render_as_string(hide_password=False)
    app = procrastinate.App(connector=Connector(conninfo=conninfo, min_size=1, max_size=4))
    app.task(name="poll", queue="poll")(jobs.poll)
    app.task(name="deliver", queue="deliver")(jobs.deliver)
    app.task(name="hubs", queue="poll")(jobs.hubs)
    app.task(name="upkeep", queue="poll")(jobs.upkeep)

    async def look_after_the_dead(timestamp: int) -> None:  # noqa: ARG001 - a periodic job is told when it was due
        await rescue(app.job_manager)

    for queue in QUEUES:  # whatever queue a worker takes
        name = f"rescue-{queue}"
        app.periodic(cron=RESCUE_CRON)(app.task(name=name, queue=queue, queueing_lock=name)(look_after_the_dead))
    return app


async def rescue(manager: JobManager) -> None:
    """End the jobs of workers that fell silent: what is still due, the clock hands out again.

    Retrying them, as Procrastinate's guide has it, fails where the clock has handed out another of that name meanwhile.
    """
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE_S):
        await manager.finish_job(job, status=Status.FAILED, delete_job=True)
        log.warning("rescue", job=job.lock or job.task_name)


def make_tables(app: procrastinate.App, store: Store) -> None:
    """Make the engine's tables where they are not there yet."""
    with store.lock_upgrade(), app.open():
        if not app.check_connection():
            app.schema_manager.apply_schema()


# --- Workers ----------------------------------------------------------------------------------------------------------


async def work(app: procrastinate.App, stop: threading.Event, *, queues: Iterable[str], concurrency: int) -> None:
    """Work until ``stop``; what is under way then has GRACE_S to end, and after that it is given to others."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(concurrency, thread_name_prefix="work"))  # jobs run in its threads
    while not stop.is_set():
        try:
            async with app.open_async():
                await _work_until(app, stop, queues, concurrency)
        except (ConnectorException, OSError) as error:
            log.warning("worker", status="database-away", error=str(error))
            await asyncio.to_thread(stop.wait, PAUSE_S)


async def _work_until(app: procrastinate.App, stop: threading.Event, queues: Iterable[str], concurrency: int) -> None:
    working = asyncio.create_task(
        app.run_worker_async(
            queues=list(queues),
            concurrency=concurrency,
            delete_jobs="always",  # what came of a feed or a delivery is in its own row
            install_signal_handlers=False,
            shutdown_graceful_timeout=GRACE_S,
            fetch_job_polling_interval=TICK.total_seconds(),
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=SILENCE_S,
        )
    )
    while not working.done() and not stop.is_set():
        await asyncio.wait([working], timeout=0.2)
    working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        return


# --- The clock --------------------------------------------------------------------------------------------------------


def lead(app: procrastinate.App, tools: GetTools, stop: threading.Event, clock: Clock = wall_clock) -> None:
    """Wait until no other clock leads, then defer what is due, each TICK, until ``stop``."""
    while not stop.is_set():
        try:
            with tools().store.lock_clock() as held:
                if held():
                    log.info("clock", status="leads")
                    _tick(app, tools, stop, clock, held)
        except (StorageError, ConnectorException) as error:
            log.warning("clock", status="database-away", error=str(error))
        stop.wait(TICK.total_seconds())


def _tick(app: procrastinate.App, tools: GetTools, stop: threading.Event, clock: Clock, held: Held) -> None:
    pruned = None
    with app.open():
        while not stop.is_set() and held():
            now = clock()
            compose_due(tools(), clock)
            plan(app, tools, clock)
            if pruned is None or now - pruned >= timedelta(minutes=1):
                pruned = now
                defer(app, "upkeep", {"": {}})
            stop.wait(TICK.total_seconds())


def plan(app: procrastinate.App, tools: GetTools, clock: Clock) -> None:
    """Defer a job for each host with a feed that is due, and for each channel with a delivery that is."""
    now = clock()
    with tools().store.read() as connection:
        hosts = feeds.due_hosts(connection, now, limit=HOSTS_AT_ONCE)
        owed = outbox.due_deliveries(connection, now, channels=tools().channels.keys())
        hubs = subscriptions.due(connection, now, limit=1)
    defer(app, "poll", {host: {"host": host} for host in hosts})
    defer(app, "deliver", {delivery.channel: {"channel": delivery.channel} for delivery in owed})
    if hubs:
        defer(app, "hubs", {"": {}})


def defer(app: procrastinate.App, task: str, jobs: Mapping[str, Mapping[str, str]]) -> None:
    """Defer a job for each name, unless one of that name waits already; those of one name run one after the other."""
    waiting = {job.queueing_lock for job in app.job_manager.list_jobs(task=task, status="todo")} if jobs else set()
    for name, arguments in jobs.items():
        lock = f"{task} {name}".strip()
        if lock not in waiting:
            with suppress(AlreadyEnqueued):  # by a clock that led before
                app.configure_task(task, lock=lock, queueing_lock=lock).defer(**arguments)
