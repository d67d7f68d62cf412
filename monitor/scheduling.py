"""Three ticks and the loop that works them off, nothing else. What is due is asked of the database each time.

    poll_due      poll the feeds whose time has come
    compose_due   compose the digests whose slot has come
    deliver_due   send the deliveries whose next attempt has come

``monitor tick`` calls each once; ``monitor run`` lets APScheduler call each of them every second, and beside them
``pushes.ask_hubs``, which has nothing to do unless hubs can reach us. Once an hour old entries are forgotten.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TypeVar

import structlog

from monitor.domain import Attempt, Delivery, Feed
from monitor.errors import FeedError, StorageError
from monitor.feeds.polling import failed
from monitor.pipeline import Intake, Tools, compose_alert, compose_digest, excuse, poll_feed, send_delivery, take_in
from monitor.pushes import ask_hubs
from monitor.storage import drift, feeds, outbox, pruning

log = structlog.get_logger()

#: What time it is: the wall clock of a daemon, the stated time of ``monitor tick --at``.
Clock = Callable[[], datetime]
#: The tools as they are now: a daemon replaces them when its configuration is read again.
GetTools = Callable[[], Tools]
#: How often each tick asks what is due. Slots and polls are that late at most, so intervals of seconds work.
TICK = timedelta(seconds=1)
#: How often what is too old is forgotten.
PRUNE_EVERY = timedelta(hours=1)
#: Entries that one transaction forgets: on SQLite nobody else writes for these 30 ms.
PRUNED_AT_ONCE = 500
#: How long work under way may still take once we are told to stop; SIGTERM must end us within 10 s.
GRACE_S = 7.0
#: One delivery at a time for each channel, and a thread for each, made when it is needed: so many must hang before
#: another channel waits.
DELIVERY_THREADS = 256
#: While every thread has work, results may wait so long: woken by each of them, the thread that hands out the work took
#: a quarter of a second of every thousand polls from the others.
BREATH_S = 0.01
#: A feed whose poll could not be stored holds its thread and its host for so long, lest it be asked again at once.
STORAGE_PAUSE_S = 10.0


def wall_clock() -> datetime:
    return datetime.now(UTC)


# --- The three ticks --------------------------------------------------------------------------------------------------


def poll_due(tools: Tools, clock: Clock, stop: threading.Event) -> list[Intake]:
    """Poll every feed that is due, one at a time for each host."""
    return list(polls_due(lambda: tools, clock, stop))


def polls_due(tools: GetTools, clock: Clock, stop: threading.Event) -> Iterator[Intake]:
    """``poll_due``, giving each poll as it ends: a daemon with many feeds may never see the last one.

    tools  asked for anew by each job, so that a reloaded configuration is used from the next one on
    """
    limit = tools().config.polling.concurrency * 4

    def due(busy: Collection[str]) -> list[Feed]:
        with tools().store.read() as connection:
            return feeds.due(connection, clock(), limit=limit, exclude=busy)

    return _polls(due, tools, clock, stop)


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

    return list(_polls(next_of_each, lambda: tools, clock, stop))


def compose_due(tools: Tools, clock: Clock) -> int:
    """Compose every digest whose slot has come, and what cannot wait for one; the number of deliveries now owed."""
    owed = 0
    for digest in tools.config.digests:
        try:
            owed += len(compose_digest(digest, tools, clock()) or ())
            owed += len(compose_alert(digest, tools, clock()) or ())
        except Exception:  # one unit of work: told with its digest, and the next one is composed
            log.exception("digest", digest=digest.id, status="crashed")
    return owed


def deliver_due(tools: Tools, clock: Clock, stop: threading.Event) -> list[Attempt]:
    """Send every delivery that is due, one at a time for each channel."""
    return list(deliveries_due(lambda: tools, clock, stop))


def deliveries_due(tools: GetTools, clock: Clock, stop: threading.Event) -> Iterator[Attempt]:
    """``deliver_due``, giving each attempt as it ends."""

    def due(busy: Collection[int]) -> list[Delivery]:
        with tools().store.read() as connection:
            return outbox.due_deliveries(connection, clock(), channels=tools().channels.keys(), exclude=busy)

    return drain(
        due,
        lambda delivery: send(delivery, tools, clock, stop),
        key=lambda delivery: delivery.id,
        lane=lambda delivery: delivery.channel,
        threads=DELIVERY_THREADS,
        stop=stop,
    )


def prune_old(tools: Tools, clock: Clock, stop: threading.Event) -> int:
    """Forget the entries that were kept long enough, a transaction for each batch; how many. Names likewise."""
    with tools.store.write() as connection:
        drift.forget(connection, clock())
    total, last = 0, PRUNED_AT_ONCE
    while last == PRUNED_AT_ONCE and not stop.is_set():
        with tools.store.write() as connection:
            last = pruning.prune(connection, clock() - tools.config.storage.keep, limit=PRUNED_AT_ONCE)
        total += last
    if total:
        log.info("prune", entries=total)
    return total


def send(delivery: Delivery, tools: GetTools, clock: Clock, stop: threading.Event) -> Attempt:
    """Try once to send a delivery; what came of it is recorded, though the database be away for a while."""
    jitter = random.uniform(-1, 1)  # noqa: S311 - spreads retries, guards nothing
    return send_delivery(delivery, tools(), clock(), jitter=jitter, again=lambda: not stop.wait(TICK.total_seconds()))


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
) -> Iterator[Result]:
    """Do what is due until nothing is, and give each result as it comes: one job at a time in each lane.

    due   what is to be done now, most urgent first, given the keys of what is in hand already
    do    does one job; if it raises, that is logged, and there is no result
    stop  once set nothing more is begun; what is under way has GRACE_S to end, then it is left to its fate

    A slow job holds one thread and its lane, nothing else: whatever falls due meanwhile is begun beside it. ``due`` is
    a query, so it is asked for many jobs at once: the first of each free lane waits for a thread, and the others are
    left for a later question, as the first may change what is due in its lane. Should it raise while jobs are under
    way, it is asked again after them.
    """
    in_hand: dict[Future[tuple[Result, ...]], Job] = {}
    ended: SimpleQueue[Future[tuple[Result, ...]]] = SimpleQueue()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="work")

    def begin(job: Job) -> tuple[Result, ...]:
        return () if stop.is_set() else (do(job),)

    try:
        while not stop.is_set():
            free = _free(due, in_hand, key, lane) if len(in_hand) < threads else []
            for job in free:
                future = pool.submit(begin, job)
                in_hand[future] = job
                future.add_done_callback(ended.put)
            if not in_hand:
                break
            if free:
                continue  # there may be more in other lanes
            for future in _taken(ended, TICK):
                del in_hand[future]
                yield from _result(future)
            if len(in_hand) > threads:
                stop.wait(BREATH_S)
        for future in wait(in_hand, timeout=GRACE_S).done:
            yield from _result(future)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _free(
    due: Callable[[Collection[Key]], Sequence[Job]],
    in_hand: Mapping[Future[tuple[Result, ...]], Job],
    key: Callable[[Job], Key],
    lane: Callable[[Job], str],
) -> list[Job]:
    """The first due job of each lane in which nothing is in hand."""
    try:
        jobs = due([key(job) for job in in_hand.values()])
    except Exception:
        if not in_hand:
            raise  # nothing is lost: the next tick asks again
        log.exception("due", status="crashed")
        return []
    lanes = {lane(job) for job in in_hand.values()}
    free = []
    for job in jobs:
        if lane(job) not in lanes:
            lanes.add(lane(job))
            free.append(job)
    return free


def _result(future: Future[tuple[Result, ...]]) -> Iterator[Result]:
    try:
        yield from future.result()
    except Exception:  # one unit of work, and it was not foreseen: said, and the others go on
        log.exception("work", status="crashed")


def _taken(queue: SimpleQueue[Job], patience: timedelta) -> Iterator[Job]:
    """All that is in a queue; if it is empty the first thing that comes, unless ``patience`` ends before."""
    try:
        yield queue.get(timeout=patience.total_seconds())
        while True:
            yield queue.get_nowait()
    except Empty:
        return


def _polls(
    due: Callable[[Collection[str]], Sequence[Feed]], tools: GetTools, clock: Clock, stop: threading.Event
) -> Iterator[Intake]:
    """Poll what is due; where many polls in a row fail, or the last one did, see whether it is our own network."""
    many = tools().config.polling.concurrency * 4
    failed_in_a_row = 0
    for intake in drain(
        due,
        lambda feed: poll_safely(feed, tools(), clock(), stop),
        key=lambda feed: feed.url,
        lane=lambda feed: feed.host,
        threads=tools().config.polling.concurrency,
        stop=stop,
    ):
        failed_in_a_row = failed_in_a_row + 1 if intake.poll.error else 0
        if failed_in_a_row % many == many - 1:
            excuse(tools(), clock())
        yield intake
    if failed_in_a_row:
        excuse(tools(), clock())


def poll_safely(feed: Feed, tools: Tools, now: datetime, stop: threading.Event) -> Intake:
    """Poll a feed; what was not foreseen is stored with it as well. It stays due when nothing can be stored."""
    try:
        return poll_feed(feed, tools, now)
    except StorageError:  # no fault of the feed's, which stays due: not asked again before the database had a rest
        log.exception("poll", feed=feed.label, status="not-stored")
        stop.wait(STORAGE_PAUSE_S)
        return Intake(poll=failed(feed, FeedError(feed.url, "what it brought could not be stored"), now))
    except Exception as error:  # one unit of work: stored with its feed, and the next one is polled
        log.exception("poll", feed=feed.label, status="crashed")
        with tools.store.read() as connection:
            feed = feeds.get(connection, feed.url) or feed  # as it is now: the crash may have come after it was stored
        return take_in(failed(feed, FeedError(feed.url, f"unexpected {type(error).__name__}"), now), tools, now)


# --- The daemon -------------------------------------------------------------------------------------------------------


class Daemon:
    """The three ticks, each called every TICK until ``stop``; a tick never overlaps itself and never holds up another.

    ``tools`` may be replaced while it runs (a reloaded configuration): the next job uses the new ones.
    """

    def __init__(self, tools: Tools, clock: Clock = wall_clock) -> None:
        self.tools = tools
        self.stop = threading.Event()
        self._clock = clock
        ticks = {"poll": self._poll, "compose": self._compose, "deliver": self._deliver, "subscribe": self._subscribe}
        #: When each tick last showed a sign of life: it began, ended, or looked at the clock.
        self.last: dict[str, datetime] = dict.fromkeys(ticks, clock())
        # Slow to load, and of no use to a single tick.
        from apscheduler.schedulers.background import BackgroundScheduler

        self._scheduler = BackgroundScheduler(timezone=UTC)
        for name, tick in ticks.items():
            self._call(self._run, name, tick, every=TICK)
        self._call(self._prune, every=PRUNE_EVERY)

    def _call(self, job: Callable[..., None], *args: object, every: timedelta) -> None:
        self._scheduler.add_job(
            job,
            "interval",
            args=args,
            seconds=every.total_seconds(),
            next_run_time=self._clock(),
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

    def _run(self, name: str, tick: Callable[[Clock], None]) -> None:
        def clock() -> datetime:
            self.last[name] = self._clock()
            return self.last[name]

        clock()
        try:
            if self.tools.store.is_ours():
                tick(clock)
            else:
                log.error("tick", tick=name, status="passed-over", reason="another monitor works on this database")
        except Exception:  # the database may be away for a while: say so, and ask again at the next tick
            log.exception("tick", tick=name, status="crashed")
        clock()

    def _poll(self, clock: Clock) -> None:
        for _ in polls_due(lambda: self.tools, clock, self.stop):
            pass

    def _compose(self, clock: Clock) -> None:
        compose_due(self.tools, clock)

    def _deliver(self, clock: Clock) -> None:
        for _ in deliveries_due(lambda: self.tools, clock, self.stop):
            pass

    def _prune(self) -> None:
        try:
            prune_old(self.tools, self._clock, self.stop)
        except Exception:  # what is too old stays until the next time
            log.exception("prune", status="crashed")

    def _subscribe(self, clock: Clock) -> None:
        ask_hubs(self.tools, clock, self.stop)
