"""Fetch again and again, and see what is left behind: memory, open files, threads.

    python -m tests.leaks [--fetches 100000]

Everything is real: a client on loopback, the parser's processes, SQLite. The suite does it for a short while.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psutil

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.feeds.isolation import Parser
from monitor.logs import configure
from monitor.scheduling import compose_due, deliver_due, poll_all, prune_old
from monitor.storage import feeds
from monitor.storage.store import Store
from tests.servers import SECRET, rss, serve
from tests.test_pipeline import STORY

FEEDS = 20
#: A feed brings something new at every so many polls; the others are answered with 304.
NEWS_EVERY = 20
#: After this share of the fetches everything is warm: pools are full, caches are filled.
WARM = 0.1


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
        return self.say(handler, 200, rss(f"Arden bridge delayed {issue} times", *titles), f'"{issue}"')

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


def held(fetches: int) -> Held:
    gc.collect()
    process = psutil.Process()
    return Held(
        fetches=fetches,
        rss_mb=process.memory_info().rss / 1e6,
        files=process.num_fds(),
        threads=process.num_threads(),
    )


def fetch_on(folder: Path, fetches: int) -> tuple[Held, Held]:
    """What is held when it is warm, and at the end."""
    stream, stop = Stream(), threading.Event()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with serve(stream), Parser(workers=1) as parser, Store.open(f"sqlite:///{folder}/monitor.db") as store:
        config = Config.model_validate(
            {
                "storage": {"keep": "1d"},
                "network": {"allow": ["127.0.0.1/32"]},
                "feeds": [{"url": f"{stream.base}/{number}"} for number in range(FEEDS)],
                "channels": [{"id": "desk", "type": "webhook", "url": f"{stream.base}/hook", "secret": SECRET}],
                "digests": [{"id": "hourly", "story": "bridge", "channels": ["desk"], "schedule": "0 * * * *"}],
                "stories": [STORY],
            }
        )
        tools = wire(config, store, parser)
        register(tools, now)
        warm = None
        while stream.fetches < fetches:
            now += timedelta(hours=1)
            with store.read() as connection:
                listed = feeds.listed(connection)
            poll_all(listed, tools, lambda now=now: now, stop)  # type: ignore[misc]
            compose_due(tools, lambda now=now: now)  # type: ignore[misc]
            deliver_due(tools, lambda now=now: now, stop)  # type: ignore[misc]
            prune_old(tools, lambda now=now: now, stop)  # type: ignore[misc]
            if warm is None and stream.fetches >= fetches * WARM:
                warm = held(stream.fetches)
        assert warm is not None
        return warm, held(stream.fetches)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--fetches", type=int, default=100_000)
    asked = words.parse_args()
    configure(sys.stderr, level="CRITICAL", fmt="text")
    with tempfile.TemporaryDirectory() as folder:
        warm, end = fetch_on(Path(folder), asked.fetches)
    for one in (warm, end):
        print(f"{one.fetches:7} fetches: {one.rss_mb:.1f} MB, {one.files} files, {one.threads} threads")
    grown, files, threads = end.rss_mb - warm.rss_mb, end.files - warm.files, end.threads - warm.threads
    print(f"{end.fetches} fetches: {grown:+.1f} MB, {files:+} files, {threads:+} threads")
    sys.exit(grown > 20 or files > 5 or threads > 5)


if __name__ == "__main__":
    main()
