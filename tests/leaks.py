"""Fetch again and again, and see what is left behind: memory, open files, threads.

    python -m tests.leaks [--fetches 100000]

Everything is real: a client on loopback, the parser's processes, SQLite, digests that are sent. The origin has its own
process, so that what is measured is the monitor alone. The suite does it for a short while.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.feeds.isolation import Parser
from monitor.logs import configure
from monitor.pipeline import Tools
from monitor.scheduling import compose_due, deliver_due, poll_all, prune_old
from monitor.storage import feeds
from monitor.storage.store import Store
from tests.servers import SECRET, rss, serve
from tests.test_pipeline import STORY

FEEDS = 50
#: Time between two polls of a feed, and two slots of the digest: 100,000 fetches are 250 days.
ROUND = timedelta(hours=3)
#: A feed brings something new at every so many polls; the others are answered with 304.
NEWS_EVERY = 20
#: What happens, one after the other, in all the feeds; a month later it happens again. The first is a word on what the
#: story expects.
NEWS = (
    "Arden bridge is delayed by {} months",
    "Opening of the museum at Arden bridge, with {} paintings",
    "Opening of a cycle lane on Arden bridge: {} riders on its first day",
    "Choir of {} voices to sing when Arden bridge is open at night",
    "Strike of {} welders on the open Arden bridge ends the concert",
    "Toll of {} pence on the open Arden bridge, says the mayor",
    "Fog over the airport; Arden bridge stays open to {} buses",
    "Salmon are back: {} counted where Arden bridge opened the weir",
    "Court hears the case of {} cables stolen when Arden bridge was opened",
    "Marathon over the open Arden bridge draws {} runners",
    "Open letter of {} architects praises the lamps of Arden bridge",
    "School of engineers at Arden bridge is open to {} students",
)
#: Tenths of the fetches after which pools and caches are full; and after which the board of events, which reaches 52
#: days back at most, holds as much as it ever will.
WARM, FULL = 1, 3


class Stream:
    """An origin with a memory of numbers alone: feeds that change now and then. It takes messages too."""

    def __init__(self) -> None:
        self.base = ""
        self.fetches = 0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "POST":
            handler.rfile.read(int(handler.headers["Content-Length"]))
            return self.say(handler, 204)
        issue = self.fetches // (FEEDS * NEWS_EVERY)
        self.fetches += 1
        if handler.headers.get("If-None-Match") == f'"{issue}"':
            return self.say(handler, 304)
        titles = [f"{handler.path} {n} of the ferry" for n in range(issue, issue + 10)]
        return self.say(handler, 200, rss(NEWS[issue % len(NEWS)].format(issue), *titles), f'"{issue}"')

    @staticmethod
    def say(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", tag: str = "") -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        if tag:
            handler.send_header("ETag", tag)
        handler.end_headers()
        handler.wfile.write(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a process holds."""

    fetches: int
    rss_mb: float
    files: int
    threads: int

    def __str__(self) -> str:
        return f"{self.fetches:7} fetches: {self.rss_mb:.1f} MB, {self.files} files, {self.threads} threads"


def held(fetches: int) -> Held:
    gc.collect()
    process = psutil.Process()
    return Held(
        fetches=fetches,
        rss_mb=process.memory_info().rss / 1e6,
        files=process.num_fds(),
        threads=process.num_threads(),
    )


def fetch_on(folder: Path, fetches: int) -> Iterator[Held]:
    """What is held after each tenth of the fetches."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with origin() as base, Parser(workers=1) as parser, Store.open(f"sqlite:///{folder}/monitor.db") as store:
        config = Config.model_validate(
            {
                "storage": {"keep": "1d"},
                "network": {"allow": ["127.0.0.1/32"]},
                "feeds": [{"url": f"{base}/{number}"} for number in range(FEEDS)],
                "channels": [{"id": "desk", "type": "webhook", "url": f"{base}/hook", "secret": SECRET}],
                "digests": [{"id": "news", "story": "bridge", "channels": ["desk"], "schedule": "0 */3 * * *"}],
                "stories": [STORY],
            }
        )
        tools = wire(config, store, parser)
        register(tools, now)
        done = 0
        for tenth in range(1, 11):
            while done < fetches * tenth / 10:
                now += ROUND
                done += go_round(tools, now)
            yield held(done)


def go_round(tools: Tools, now: datetime) -> int:
    """All that a daemon does, once, at this moment; how many feeds were fetched."""
    stop = threading.Event()
    with tools.store.read() as connection:
        listed = feeds.listed(connection)
    fetched = poll_all(listed, tools, lambda: now, stop)
    compose_due(tools, lambda: now)
    deliver_due(tools, lambda: now, stop)
    prune_old(tools, lambda: now, stop)
    return len(fetched)


@contextmanager
def origin() -> Iterator[str]:
    """A stream in a process of its own; its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_flow, args=(theirs,))
    process.start()
    theirs.close()  # so that its death is the end of the pipe
    try:
        yield ours.recv()
    finally:
        ours.send("end")
        process.join()
        ours.close()


def _flow(asked: Connection) -> None:
    stream = Stream()
    with serve(stream):
        asked.send(stream.base)
        asked.recv()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--fetches", type=int, default=100_000)
    asked = words.parse_args()
    configure(sys.stderr, level="CRITICAL", fmt="text")
    tenths = []
    with tempfile.TemporaryDirectory() as folder:
        for one in fetch_on(Path(folder), asked.fetches):
            tenths.append(one)
            print(one, flush=True)
    warm, full, end = tenths[WARM - 1], tenths[FULL - 1], tenths[-1]
    grown, files, threads = end.rss_mb - warm.rss_mb, end.files - warm.files, end.threads - warm.threads
    print(
        f"{end.fetches} fetches: {grown:+.1f} MB, {files:+} files, {threads:+} threads since {warm.fetches}, "
        f"{end.rss_mb - full.rss_mb:+.1f} MB since {full.fetches}"
    )
    sys.exit(grown > 20 or files > 5 or threads > 5)


if __name__ == "__main__":
    main()
