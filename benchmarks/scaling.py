"""How far it goes: workers, database and disk for a million feeds and more, simulated from what the stages cost.

    python benchmarks/scaling.py [--feeds 100000,1000000,10000000,100000000]

A poll waits for a thread of a worker, for the network, for a core of that worker, and for a connection of the database;
each is a queue. What one poll costs there is below, with what it rests on. For each size the
smallest number of workers is sought with which nobody waits a second, and then the database is looked at by itself.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import simpy

#: Mean time between two polls of a feed: most slow down to a day, few are asked hourly (30 days of manners.py).
INTERVAL_H = 8.0
#: Share of polls that bring something new.
CHANGED = 0.08
#: CPU of a worker for a poll, in ms: answered 304, and read and matched with one new entry (poll.py, a quiet machine).
UNCHANGED_CPU_MS, CHANGED_CPU_MS = 1.6, 12.0
#: A server's answer, in ms: the median and the spread of a log-normal; one in fifty takes the whole deadline.
NETWORK_MS, NETWORK_SIGMA, SLOW, DEADLINE_MS = 180.0, 0.9, 0.02, 30_000.0
#: Of the database's server, for a poll, in ms of one of its cores: claim, state, job. Measured
#: by throughput.py with workers: 1.7 to 2.2 for a 304; 11 for a first poll of 30 entries, so 3.5 for one or two.
UNCHANGED_DB_MS, CHANGED_DB_MS = 2.0, 3.5
#: A worker has two cores and so many threads; the database sixteen cores.
WORKER_CORES, THREADS, DB_CORES = 2, 64, 16
#: Bytes of a feed's own row with its index entries, and of an entry: 90 days of them are kept.
FEED_BYTES, ENTRY_BYTES, KEPT_DAYS, ENTRIES_A_POLL = 2_400, 1_300, 90, 1.6


@dataclass(frozen=True)
class Seen:
    """What came of some simulated minutes."""

    waited_p95_ms: float
    worker_busy: float
    db_busy: float


def simulate(polls_a_second: float, workers: int, *, seconds: float, seed: int = 1) -> Seen:
    """Polls fall due at random; each takes a thread, the network, a core and the database, in that order."""
    chance = random.Random(seed)
    world = simpy.Environment()
    threads = simpy.Resource(world, workers * THREADS)
    cores = simpy.Resource(world, workers * WORKER_CORES)
    database = simpy.Resource(world, DB_CORES)
    waited: list[float] = []
    busy = {"worker": 0.0, "database": 0.0}

    def poll() -> Iterator[simpy.Event]:
        changed = chance.random() < CHANGED
        due = world.now
        with threads.request() as thread:
            yield thread
            network = DEADLINE_MS if chance.random() < SLOW else chance.lognormvariate(0, NETWORK_SIGMA) * NETWORK_MS
            yield world.timeout(network)
            computing = CHANGED_CPU_MS if changed else UNCHANGED_CPU_MS
            with cores.request() as core:
                yield core
                busy["worker"] += computing
                yield world.timeout(computing)
            storing = CHANGED_DB_MS if changed else UNCHANGED_DB_MS
            with database.request() as connection:
                yield connection
                busy["database"] += storing
                yield world.timeout(storing)
            waited.append(world.now - due - network - computing - storing)

    def arrivals() -> Iterator[simpy.Event]:
        while True:
            yield world.timeout(chance.expovariate(polls_a_second / 1000))
            world.process(poll())

    world.process(arrivals())
    world.run(until=seconds * 1000)
    span = seconds * 1000
    return Seen(
        waited_p95_ms=statistics.quantiles(waited, n=20)[-1] if len(waited) > 20 else 0.0,
        worker_busy=busy["worker"] / (span * workers * WORKER_CORES),
        db_busy=busy["database"] / (span * DB_CORES),
    )


def enough(polls_a_second: float, seconds: float) -> tuple[int, Seen]:
    """The fewest workers with which 95 of 100 polls wait less than a second, and what is seen then."""
    mean_ms = CHANGED * CHANGED_CPU_MS + (1 - CHANGED) * UNCHANGED_CPU_MS
    workers = max(1, int(polls_a_second * mean_ms / 1000 / WORKER_CORES))
    while (seen := simulate(polls_a_second, workers, seconds=seconds)).waited_p95_ms > 1000 and seen.db_busy < 0.97:
        workers = max(workers + 1, int(workers * 1.15))
    return workers, seen


def limit(seen: Seen) -> str:
    if seen.db_busy > 0.7:
        return "the database: parts by host"
    return "workers" if seen.worker_busy > 0.5 else "threads that wait for servers"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--feeds", default="100000,1000000,10000000,100000000")
    asked = words.parse_args()
    heads = ["feeds", "polls/s", "workers of 2 cores", "busy", "waits p95", "DB transactions/s", "DB of 16 cores busy"]
    heads += ["disk", "next limit"]
    print(f"| {' | '.join(heads)} |")
    print("|---" * len(heads) + "|")
    for feeds in map(int, asked.feeds.split(",")):
        rate = feeds / (INTERVAL_H * 3600)
        # Beyond what one database holds, its parts are alike: one of them is simulated.
        parts = 1
        while rate / parts * (CHANGED * CHANGED_DB_MS + (1 - CHANGED) * UNCHANGED_DB_MS) / 1000 / DB_CORES > 0.65:
            parts += 1
        workers, seen = enough(rate / parts, seconds=90 if rate / parts < 1000 else 45)
        entries = feeds * 24 / INTERVAL_H * CHANGED * ENTRIES_A_POLL * KEPT_DAYS
        disk = (feeds * FEED_BYTES + entries * ENTRY_BYTES) / 1e9
        print(
            f"| {feeds:,} | {rate:,.0f} | {workers * parts} | {seen.worker_busy:.0%} | {seen.waited_p95_ms:,.0f} ms "
            f"| {rate * 3:,.0f} | {seen.db_busy:.0%}{f' of {parts} parts' if parts > 1 else ''} | {disk:,.0f} GB "
            f"| {limit(seen)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
