"""Half a year of digests in a few minutes: writes docs/replay.md from items, through the whole of the monitor.

    python benchmarks/replay.py ITEMS.jsonl [--out docs/replay.md]

Items are those of ``monitor backtest``. Each comes at its ``published`` as a feed's new entry, is matched, grouped and
told by the very functions that ``monitor run`` calls, with the time handed in. One channel is there from the start,
another is added in March. The process that lives through it is killed (SIGKILL) three times, and the next one begins
anew at the first day: what was taken in and told stands in the database.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
import yaml
from pydantic import TypeAdapter
from sqlalchemy import select

from monitor.app import register, wire
from monitor.backtest import entry_of, read_items
from monitor.config.models import Config
from monitor.domain import Document, Entry, ParsedFeed, Story
from monitor.feeds.isolation import Parser
from monitor.feeds.polling import succeeded
from monitor.pipeline import Tools, take_in
from monitor.scheduling import compose_due, deliver_due
from monitor.storage import drift, feeds, stories
from monitor.storage.schema import channels, deliveries, digests, entries, matches, reports, told
from monitor.storage.store import Store

HERE = Path(__file__).parent
STORY = HERE.parent / "config" / "stories" / "open-source-retreat.yaml"
BEGIN = datetime(2025, 12, 1, 8, tzinfo=UTC)
SECOND_CHANNEL = datetime(2026, 3, 1, 8, tzinfo=UTC)
END = datetime(2026, 8, 1, 8, tzinfo=UTC)
#: Days after which the process is killed.
KILLS = ("2025-12-11", "2026-02-05", "2026-04-08")
NEWS = {"first", "new-fact"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("items", type=Path)
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "replay.md")
    parser.add_argument("--live", type=Path, help="Live through it in this folder; the command calls itself so.")
    options = parser.parse_args()
    if options.live:
        live(read_items(options.items), options.live)
        return
    with tempfile.TemporaryDirectory() as folder:
        kills = [lived(options.items, folder, until=day) for day in (*KILLS, None)].count(True)
        with Store.open(f"sqlite:///{folder}/monitor.db") as store:
            options.out.write_text("\n".join(page(store, kills)) + "\n", "utf-8")
    print(f"wrote {options.out}")


def lived(items: Path, folder: str, until: str | None) -> bool:
    """Live through it in a process of its own; True: it was killed on that day, in the middle of its work."""
    command = [sys.executable, __file__, str(items), "--live", folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if until is not None and line.strip() >= until:
                process.kill()
                return True
    assert process.returncode == 0
    return False


# --- Living through it ------------------------------------------------------------------------------------------------


def live(items: Sequence[Mapping[str, Any]], folder: Path) -> None:
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()], logger_factory=lambda *_: _Silent())
    story = TypeAdapter(Story).validate_python(yaml.safe_load(STORY.read_text("utf-8")))
    arriving = sorted((entry_of(item) for item in items), key=lambda entry: entry.published or BEGIN)
    with Store.open(f"sqlite:///{folder}/monitor.db") as store, Parser() as parser:
        tools = wire(config(story, arriving, folder, ["desk"]), store, parser)
        register(tools, BEGIN)
        day, waiting = BEGIN - timedelta(days=1), list(arriving)
        while day <= END:
            print(f"{day:%Y-%m-%d}", flush=True)
            if day == SECOND_CHANNEL:
                tools = replace(
                    wire(config(story, arriving, folder, ["desk", "wall"]), store, parser), beats=tools.beats
                )
                register(tools, day)
            while waiting and (waiting[0].published or BEGIN) < day:
                arrive(waiting.pop(0), tools)
            compose_due(tools, lambda: day)  # noqa: B023 - used at once
            deliver_due(tools, lambda: day, threading.Event())  # noqa: B023 - used at once
            day += timedelta(days=1)


class _Silent:
    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: None


def config(story: Story, arriving: Sequence[Entry], folder: Path, names: Sequence[str]) -> Config:
    urls = sorted({address(entry) for entry in arriving})
    return Config.model_validate(
        {
            "polling": {"prime": False},
            "feeds": [{"url": url} for url in urls],
            "channels": [{"id": name, "type": "file", "path": str(folder / name)} for name in names],
            "digests": [{"id": "morning", "story": story.story, "channels": names, "schedule": "0 8 * * *"}],
            "stories": [TypeAdapter(Story).dump_python(story, mode="json")],
        }
    )


def address(entry: Entry) -> str:
    return f"https://{entry.source.encode().hex()[:50] or 'none'}.replay.test/feed"


def arrive(entry: Entry, tools: Tools) -> None:
    """The entry as a poll of its feed brings it."""
    now = entry.published or BEGIN
    entry = replace(entry, feed_url=address(entry), identity=f"{entry.identity} {entry.url}")
    with tools.store.read() as connection:
        feed = next(feed for feed in feeds.listed(connection) if feed.url == entry.feed_url)
    document = Document(url=feed.url, status=200, body=entry.identity.encode())
    take_in(succeeded(feed, document, ParsedFeed(title=entry.source, entries=(entry,)), now), tools, now)


# --- What came of it --------------------------------------------------------------------------------------------------


def page(store: Store, kills: int) -> Iterator[str]:
    with store.read() as c:
        since = dict(c.execute(select(channels.c.id, channels.c.since)).all())
        sent = {name: [json.loads(row.body)["data"] for row in c.execute(owed(name))] for name in since}
        slots = c.execute(select(digests.c.withheld)).scalars().all()
        lost = {name: missing(c, name, start) for name, start in since.items()}
        story = sent["desk"][0]["story"]
        known = {
            report.entry_id: report for event in stories.list_events(c, story, limit=10_000) for report in event.reports
        }
        names = drift.listed(c, story)
    yield from INTRODUCTION.format(kills=kills, days=(END - BEGIN).days, begin=BEGIN, end=END).splitlines()
    yield from ("", "| | " + " | ".join(sent) + " |", "|---|" + "---|" * len(sent))
    for title, counted in ledger(sent, lost).items():
        yield f"| {title} | {' | '.join(map(str, counted))} |"
    yield from ("", f"{len(slots)} slots, {sum(slots)} of them withheld: nothing was new.")
    yield from ("", "## Events that came back to `desk`", "")
    yield from ("| day | event | update | what is new |", "|---|---|---|---|")
    for data in sent["desk"]:
        for event in told_events(data):
            if event["revision"] > 1 and event["novelty"] in NEWS:
                fact = known[event["entries"][0]["id"]].reason.partition("; joins")[0]
                yield f"| {data['window']['to'][:10]} | {cell(event['title'])} | {event['revision']} | {cell(fact)} |"
    yield from ("", "## Expectations", "", *expectations(sent["desk"]))
    yield from ("", "## New names", "")
    yield from [f"- {one.term} for {one.topic}: {one.reason}" for one in names] or [
        "None was proposed: the story file knows them."
    ]


def owed(channel: str) -> Any:
    return (
        select(deliveries.c.body)
        .where(deliveries.c.channel == channel)
        .order_by(deliveries.c.sequence, deliveries.c.part)
    )


def missing(connection: Any, channel: str, start: datetime) -> int:
    """Entries that belong, came since the channel is there, and were never told."""
    query = (
        select(reports.c.entry_id)
        .join(entries, entries.c.id == reports.c.entry_id)
        .join(matches, (matches.c.entry_id == reports.c.entry_id) & (matches.c.story == reports.c.story))
        .where(matches.c.held, ~entries.c.primed, entries.c.first_seen >= start)
        .where(reports.c.entry_id.not_in(select(told.c.entry_id).where(told.c.channel == channel)))
    )
    return len(connection.execute(query).all())


def told_events(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for line in data["storylines"]:
        yield from line["events"]


def ledger(sent: Mapping[str, Sequence[Mapping[str, Any]]], lost: Mapping[str, int]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for name, bodies in sent.items():
        listed = [event for data in bodies for event in told_events(data)]
        heard = Counter(entry["id"] for event in listed for entry in event["entries"])
        again = [event for event in listed if event["revision"] > 1]
        fresh = [event for event in again if any(entry["novelty"] in NEWS for entry in event["entries"])]
        alone = [data for data in bodies if not any(is_news(event) for event in told_events(data))]
        led = sum(
            not is_news(before) and is_news(after)
            for data in bodies
            for line in data["storylines"]
            for before, after in zip(line["events"], line["events"][1:], strict=False)
        )
        for title, number in (
            ("digests", len(bodies)),
            ("events", len({event["id"] for event in listed})),
            ("entries told", len(heard)),
            ("entries told twice", sum(count - 1 for count in heard.values())),
            ("entries lost", lost[name]),
            ("events that came back with a new fact", len(fresh)),
            ("events that came back as news without one", sum(is_news(event) for event in again) - len(fresh)),
            ("events that rode along folded, nothing new", len(again) - len(fresh)),
            ("of these before an event that was news", led),
            ("digests of nothing but these, after two slots without any", len(alone)),
        ):
            rows[title].append(number)
    return rows


def is_news(event: Mapping[str, Any]) -> bool:
    return bool(event["revision"] == 1 or event["novelty"] in NEWS)


def expectations(bodies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How each stood in the digests, as often as that changed, and its history as the last of them tells it."""
    stood: dict[str, list[tuple[str, str]]] = defaultdict(list)
    last: dict[str, Mapping[str, Any]] = {}
    for data in bodies:
        for one in data["expectations"]:
            last[one["claim"]] = one
            if one["state"] not in [state for _, state in stood[one["claim"]][-1:]]:
                stood[one["claim"]].append((data["window"]["to"][:10], one["state"]))
    yield from ("| claim | in the digests | its history |", "|---|---|---|")
    for claim, states in stood.items():
        told = "; ".join(f"{day} {state}" for day, state in states)
        yield f"| {cell(claim)} | {told} | {'; '.join(map(step, last[claim]['history']))} |"


def step(one: Mapping[str, Any]) -> str:
    """What was said of an expectation, by whom and when."""
    if one["state"] == "open":
        return f"promised for {one['said']}" if one["said"] else "no date"
    due = f", now due {one['said']}" if one["said"] else ""
    sources = f"{one['origins']} source{'s' if one['origins'] > 1 else ''}"
    return (
        f"{one['state']}{due} ({cell(one['source'])}, {one['reported'][:10]}, {sources}: “{cell(one['title'][:80])}”)"
    )


def cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


INTRODUCTION = """# A half year of digests, replayed

Made by `python benchmarks/replay.py ITEMS.jsonl`, from the items of [quality.md](quality.md), each at its time: {days}
days, {begin:%Y-%m-%d} to {end:%Y-%m-%d}, a digest each morning, through the functions that `monitor run` calls. `wall`
was added in March. The process was killed {kills} times in the middle of its work, and the next one began at the first
day again. "Lost" are entries that belong, came after the channel and were not told by the end."""

if __name__ == "__main__":
    main()
