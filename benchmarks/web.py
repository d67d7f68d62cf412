"""How long each page takes over a large database: `python -m benchmarks.web --entries 100000`.

Every tenth entry belongs to the story; events have four reports on average. Times are those of a client in the same
process, one request after another, over one connection; the CPU's are of both, and tell more on a busy machine.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.screenshots import hosted
from monitor.app import register, wire
from monitor.config.loading import load
from monitor.domain import Entry, Match, Novelty, Part, Report, StorylineMatch, TopicMatch
from monitor.feeds.isolation import Parser
from monitor.pipeline import Tools, hand_over, record_attempt, request_digest
from monitor.storage import entries, feeds, outbox, stories
from monitor.storage.store import Store
from tests.seeding import STORY, configured

WORDS = (
    *("meta", "avocado", "model", "launch", "delay", "qwen", "alibaba", "open", "closed", "weights", "lab", "may"),
    *("researcher", "june", "share", "price", "牛油果", "模型", "开源", "闭源", "发布", "推迟", "阿里", "千问"),
)
CHUNK = 2000
FEEDS = 1000


def filled(folder: Path, store: Store, parser: Parser, number: int) -> Tools:
    """A story of a year, with this many entries read."""
    chance, now = random.Random(1), datetime.now(UTC).replace(microsecond=0)
    listed = [{"url": f"https://site{n}.test/feed.xml", "title": f"Site {n}"} for n in range(FEEDS)]
    tools = wire(load(configured(folder, now, feeds=listed), {}), store, parser)
    register(tools, now - timedelta(days=2))  # the channels begin here: a digest tells of two days
    lines = [line.id for line in tools.config.story(STORY).storylines]
    step = timedelta(days=365) / number
    at, serial = now - timedelta(days=365), 0
    for _ in range(0, number, CHUNK):
        made = []
        for _ in range(CHUNK):
            serial += 1
            at += step
            made.append(an_entry(serial, at, chance))
        with store.write() as connection:
            stored = entries.add(connection, made, now=at, primed=False)
            for one in stored[::10]:
                match = a_match(chance.sample(lines, chance.choice((1, 1, 2))))
                stories.save_matches(connection, [(one.id, match)])
                stories.save_report(connection, a_report(one, match, chance))
    digest = tools.config.digests[0]
    with store.write() as connection:
        connection.exec_driver_sql("ANALYZE")
        for feed in feeds.listed(connection):
            feeds.save_state(
                connection, feed.url, replace(feed.state, primed=True, last_success_at=now, last_poll_at=now)
            )
    for delivery in request_digest(digest, tools, now):
        answer, elapsed = hand_over(delivery, tools, now)
        record_attempt(delivery, answer, tools, now, jitter=0, elapsed=elapsed)
    return tools


def an_entry(serial: int, at: datetime, chance: random.Random) -> Entry:
    return Entry(
        feed_url=f"https://site{serial % FEEDS}.test/feed.xml",
        identity=str(serial),
        url=f"https://site{serial % FEEDS}.test/{serial}",
        title=" ".join(chance.choices(WORDS, k=9)),
        summary=" ".join(chance.choices(WORDS, k=60)),
        source=f"Site {serial % FEEDS}",
        lang="en",
        published=at,
    )


def a_match(lines: list[str]) -> Match:
    parts = (
        Part(name="prior", weight=-2.0, because="most entries belong elsewhere"),
        Part(name="query", weight=3.5, because="avocado, launch"),
    )
    return Match(
        story=STORY,
        topics=(TopicMatch(topic="avocado", held=True, score=0.9),),
        storylines=tuple(StorylineMatch(storyline=line, held=True, score=0.9, parts=parts) for line in lines),
    )


def a_report(one: entries.StoredEntry, match: Match, chance: random.Random) -> Report:
    number = one.id // 40 if chance.random() < 0.95 else one.id
    return Report(
        entry_id=one.id,
        entry=one.entry,
        match=match,
        first_seen=one.first_seen,
        event=f"e{number}",
        novelty=chance.choice((Novelty.FIRST, Novelty.CORROBORATES, Novelty.REHASH)),
        reason="joins what was known: launch",
    )


def pages(tools: Tools) -> Iterator[tuple[str, str]]:
    with tools.store.read() as connection:
        feed = feeds.listed(connection)[0].handle
        event = stories.list_events(connection, STORY, limit=1)[0]
        (delivery, *_) = outbox.list_deliveries(connection, limit=1)
    line = event.reports[0].match.held_storylines[0]
    yield "story", f"/stories/{STORY}"
    yield "story, a year", f"/stories/{STORY}?span=1y"
    yield "storyline", f"/stories/{STORY}/storylines/{line}"
    yield "storyline, Atom", f"/stories/{STORY}/storylines/{line}.atom"
    yield "topics", f"/stories/{STORY}/topics"
    yield "event", f"/events/{event.id}"
    yield "entry", f"/entries/{event.reports[0].entry_id}"
    yield "search, common", "/search?q=avocado"
    yield "search, phrase", '/search?q="avocado model launch"'
    yield "search, two characters", "/search?q=阿里"
    yield "search, nothing", "/search?q=zebra"
    yield "digests", "/digests"
    yield "deliveries", "/deliveries"
    yield "delivery", f"/deliveries/{delivery.id}"
    yield "feeds", "/feeds"
    yield "feeds, by word", "/feeds?words=site9"
    yield "feed", f"/feeds/{feed}"
    yield "settings", "/settings"
    yield "expectations", f"/stories/{STORY}/expectations.ics"
    yield "metrics", "/metrics"
    yield "health", "/healthz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        store = stack.enter_context(Store.open(f"sqlite:///{folder}/monitor.db"))
        began = time.monotonic()
        tools = filled(folder, store, stack.enter_context(Parser(workers=1)), options.entries)
        print(f"{options.entries:,} entries in {time.monotonic() - began:.0f} s; each page {options.times} times")
        base = stack.enter_context(hosted(tools, folder))
        gc.freeze()  # as ``monitor run`` does when its page is open
        client = stack.enter_context(httpx.Client(base_url=base, timeout=60, trust_env=False))
        print(f"{'page':24} {'median':>8} {'p95':>8} {'cpu p95':>8} {'bytes':>9}")
        worst = 0.0
        for title, path in pages(tools):
            spent, worked = [], []
            for _ in range(options.times + 2):
                begins, cpu = time.perf_counter(), time.process_time()
                answer = client.get(path)
                spent.append((time.perf_counter() - begins) * 1000)
                worked.append((time.process_time() - cpu) * 1000)
                answer.raise_for_status()
            spent = sorted(spent[2:])
            p95 = spent[int(len(spent) * 0.95)]
            busy = sorted(worked[2:])[int(len(spent) * 0.95)]
            worst = max(worst, p95)
            print(f"{title:24} {statistics.median(spent):6.1f}ms {p95:6.1f}ms {busy:6.1f}ms {len(answer.content):9,}")
        print(f"worst p95: {worst:.1f} ms")


if __name__ == "__main__":
    main()
