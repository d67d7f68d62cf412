"""Three ticks and the loop that works them off, nothing else. What is due is asked of the database each time.

    poll_due      poll the feeds whose time has come
    compose_due   compose the digests whose slot has come
    deliver_due   send the deliveries whose next attempt has come

``monitor tick`` calls each once; ``monitor run`` lets APScheduler call each of them every second, and beside them
``pushes.ask_hubs``, which has nothing to do unless hubs can reach us.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TypeVar

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.domain import Attempt, Delivery, Feed, Outcome
from monitor.errors import DeliveryError, FeedError
from monitor.feeds.polling import failed
from monitor.pipeline import Intake, Tools, compose_digest, excuse, poll_feed, record_attempt, send_delivery, take_in
from monitor.pushes import ask_hubs
from monitor.storage import feeds, outbox

log = structlog.get_logger()

#: What time it is: the wall clock of a daemon, the stated time of ``monitor tick --at``.
Clock = Callable[[], datetime]
#: How often each tick asks what is due. Slots and polls are that late at most, so intervals of seconds work.
TICK = timedelta(seconds=1)
#: How long work under way may still take once we are told to stop; SIGTERM must end us within 10 s.
GRACE_S = 7.0
#: One delivery at a time for each channel, so this bounds how many channels are sent to at once.
DELIVERY_THREADS = 16


def wall_clock() -> datetime:
    return datetime.now(UTC)


# --- The three ticks --------------------------------------------------------------------------------------------------


def poll_due(tools: Tools, clock: Clock, stop: threading.Event) -> list[Intake]:
    """Poll every feed that is due, one at a time for each host."""

    def due(busy: Collection[str]) -> list[Feed]:
        with tools.store.read() as connection:
            return feeds.due(connection, clock(), limit=tools.config.polling.concurrency * 4, exclude=busy)

    intakes = _poll(due, lambda feed: _poll_safely(feed, tools, clock()), tools, stop)
    if intakes and all(intake.poll.error for intake in intakes):
        excuse(tools, clock())
    return intakes


def poll_all(listed: Sequence[Feed], tools: Tools, clock: Clock, stop: threading.Event) -> list[Intake]:
    """Poll each of these feeds once, due or not, one at a time for each host."""
    left: dict[str, deque[Feed]] = defaultdict(deque)
    for feed in listed:
        left[feed.host].append(feed)
    hosts = {feed.url: feed.host for feed in listed}

    def next_of_each(busy: Collection[str]) -> list[Feed]:
        taken = {hosts[url] for url in busy}
        free = [host for host in left if host not in taken]
        given = [left[host].popleft() for host in free]
        for host in free:
            if not left[host]:
                del left[host]
        return given

    return _poll(next_of_each, lambda feed: _poll_safely(feed, tools, clock()), tools, stop)


def compose_due(tools: Tools, clock: Clock) -> int:
    """Compose every digest whose slot has come; the number of deliveries that are now owed."""
    owed = 0
    for digest in tools.config.digests:
        try:
            owed += len(compose_digest(digest, tools, clock()) or ())
        except Exception:  # one unit of work: told with its digest, and the next one is composed
            log.exception("digest", digest=digest.id, status="crashed")
    return owed


def deliver_due(tools: Tools, clock: Clock, stop: threading.Event) -> list[Attempt]:
    """Send every delivery that is due, one at a time for each channel."""

    def due(busy: Collection[int]) -> list[Delivery]:
        with tools.store.read() as connection:
            return outbox.due_deliveries(connection, clock(), channels=tools.channels.keys(), exclude=busy)

    def send(delivery: Delivery) -> Attempt:
        jitter = random.uniform(-1, 1)  # noqa: S311 - spreads retries, guards nothing
        try:
            return send_delivery(delivery, tools, clock(), jitter=jitter)
        except Exception as error:  # one unit of work: recorded with its delivery, and the next one is sent
            log.exception("delivery", webhook_id=delivery.webhook_id, channel=delivery.channel, status="crashed")
            crash = DeliveryError(f"unexpected {type(error).__name__}", Outcome.RETRY)
            return record_attempt(delivery, crash, tools, clock(), jitter=jitter)

    return drain(
        due,
        send,
        key=lambda delivery: delivery.id,
        lane=lambda delivery: delivery.channel,
        threads=DELIVERY_THREADS,
        stop=stop,
    )


# --- The loop below them ----------------------------------------------------------------------------------------------

Job = TypeVar("Job")
Key = TypeVar("Key", str, int)
Result = TypeVar("Result")


def drain(
    due: Callable[[Collection[Key]], Sequence[Job]],
    do: Callable[[Job], Result],
    *,
    key: Callable[[Job], Key],
    lane: Callable[[Job], str],
    threads: int,
    stop: threading.Event,
) -> list[Result]:
    """Do what is due until nothing is: ``threads`` jobs at once, and one at a time in each lane.

    due   what is to be done now, most urgent first, given the keys of what is in hand already
    do    does one job; must not raise
    stop  once set nothing more is begun; what is under way has GRACE_S to end, then it is left to its fate

    A slow job holds one thread and its lane, nothing else: whatever falls due meanwhile is begun beside it. ``due`` is
    a query, so it is asked for many jobs at once: the first of each free lane is kept until a thread is free, and the
    others are left for a later question, as the first may change what is due in its lane.
    """
    waiting: deque[Job] = deque()
    running: dict[Future[Result], Job] = {}
    ended: SimpleQueue[Future[Result]] = SimpleQueue()
    results: list[Result] = []
    pool = ThreadPoolExecutor(threads, thread_name_prefix="work")
    try:
        while not stop.is_set():
            if not waiting and len(running) < threads:
                lanes = {lane(job) for job in running.values()}
                for job in due([key(job) for job in running.values()]):
                    if lane(job) not in lanes:
                        lanes.add(lane(job))
                        waiting.append(job)
            asked_enough = not waiting
            while waiting and len(running) < threads:
                job = waiting.popleft()
                future = pool.submit(do, job)
                running[future] = job
                future.add_done_callback(ended.put)
            if not running:
                break
            if not asked_enough and not waiting and len(running) < threads:
                continue  # there may be more in other lanes
            for future in _taken(ended, TICK):
                del running[future]
                results.append(future.result())
        finished = wait(running, timeout=GRACE_S).done
        results += [future.result() for future in finished]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return results


def _taken(queue: SimpleQueue[Job], patience: timedelta) -> Iterator[Job]:
    """All that is in a queue; if it is empty the first thing that comes, unless ``patience`` ends before."""
    try:
        yield queue.get(timeout=patience.total_seconds())
        while True:
            yield queue.get_nowait()
    except Empty:
        return


def _poll(
    due: Callable[[Collection[str]], Sequence[Feed]], do: Callable[[Feed], Intake], tools: Tools, stop: threading.Event
) -> list[Intake]:
    return drain(
        due,
        do,
        key=lambda feed: feed.url,
        lane=lambda feed: feed.host,
        threads=tools.config.polling.concurrency,
        stop=stop,
    )


def _poll_safely(feed: Feed, tools: Tools, now: datetime) -> Intake:
    try:
        return poll_feed(feed, tools, now)
    except Exception as error:  # one unit of work: stored with its feed, and the next one is polled
        log.exception("poll", feed=feed.url, status="crashed")
        crash = FeedError(feed.url, f"unexpected {type(error).__name__}: {error}")
        return take_in(failed(feed, crash, now), tools, now)


# --- The daemon -------------------------------------------------------------------------------------------------------


class Daemon:
    """The three ticks, each called every TICK until ``stop``; a tick never overlaps itself and never holds up another.

    ``tools`` may be replaced while it runs (a reloaded configuration): the next tick uses the new ones.
    """

    def __init__(self, tools: Tools, clock: Clock = wall_clock) -> None:
        self.tools = tools
        self.stop = threading.Event()
        #: When each tick last looked at the clock, which it does whenever it asks what is due: its sign of life.
        self.last: dict[str, datetime] = {}
        self._clock = clock
        self._scheduler = BackgroundScheduler(timezone=UTC)
        for tick in (self._poll, self._compose, self._deliver, self._subscribe):
            self._scheduler.add_job(
                self._run,
                "interval",
                args=(tick,),
                seconds=TICK.total_seconds(),
                next_run_time=clock(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,  # the default drops a job that is one second late
            )

    def start(self) -> None:
        self._scheduler.start()

    def shutdown(self) -> None:
        """Begin nothing more, and wait for what is under way: GRACE_S at most for each tick, side by side."""
        self.stop.set()
        self._scheduler.shutdown(wait=True)

    def _run(self, tick: Callable[[], object]) -> None:
        try:
            tick()
        except Exception:  # the database may be away for a while: say so, and ask again at the next tick
            log.exception("tick", tick=tick.__name__.removeprefix("_"), status="crashed")

    def _poll(self) -> None:
        poll_due(self.tools, self._clock_of("poll"), self.stop)

    def _compose(self) -> None:
        compose_due(self.tools, self._clock_of("compose"))

    def _deliver(self) -> None:
        deliver_due(self.tools, self._clock_of("deliver"), self.stop)

    def _subscribe(self) -> None:
        ask_hubs(self.tools, self._clock, self.stop)

    def _clock_of(self, name: str) -> Clock:
        def clock() -> datetime:
            self.last[name] = self._clock()
            return self.last[name]

        return clock
