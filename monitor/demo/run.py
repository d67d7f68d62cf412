"""``monitor demo``: run the real daemon over the week, then say what came, what was left out and why."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from monitor.demo.servers import DAY_S, Origin, Receiver, serving
from monitor.demo.week import DAYS, Week, load_week, url_of
from monitor.domain import Match
from monitor.storage import entries, stories
from monitor.storage.store import Store

STORY = "open-source-retreat"
#: It takes a quarter of this where nothing else runs; a slow or busy machine is waited for.
LIMIT_S = 80.0


def run(folder: Path) -> int:
    """Run the demo in ``folder``; 0 if the receiver verified digests with exactly the expected events."""
    week = load_week(datetime.now(UTC))
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    origin, receiver = Origin(week), Receiver(secret)
    with serving(origin) as feeds_at, serving(receiver) as hook_at:
        prepare(folder, week, feeds_at)
        print(f"{len(week.feeds)} feeds with {len(week.entries)} entries at {feeds_at}, a receiver at {hook_at}")
        print(f"A week of the story, a day in {DAY_S:g} s:\n")
        watch(folder, {"DEMO_WEBHOOK_URL": f"{hook_at}/hook", "DEMO_WEBHOOK_SECRET": secret}, origin, receiver, week)
        told = told_entries(receiver)
        for line in what_came(receiver):
            print(line)
        for line in what_was_left_out(folder, week, told, feeds_at):
            print(line)
        wrong = list(mistakes(receiver, week, feeds_at))
    asked = f"{origin.requests} polls, {origin.not_modified} answered 304 Not Modified"
    print(
        f"\n{len(receiver.messages)} digests, every signature verified" if not receiver.refused else "\nbad signatures"
    )
    print(f"{asked}\nLook at: {folder}/digests/ (each digest as HTML, JSON and text), {folder}/monitor.log")
    for line in wrong:
        print(f"WRONG: {line}")
    print("The demo " + ("failed." if wrong else "went as it should."))
    return 1 if wrong else 0


def prepare(folder: Path, week: Week, feeds_at: str) -> None:
    """A fresh configuration for the demo's feeds and receiver, with the shipped story."""
    for leftover in ("config", "digests"):
        shutil.rmtree(folder / leftover, ignore_errors=True)
    for file in folder.glob("monitor.*"):
        file.unlink()
    settings = {
        "storage": {"url": f"sqlite:///{folder}/monitor.db"},
        "network": {"allow": ["127.0.0.1/32"]},
        "polling": {"interval": "1s"},
        "web": {"bind": ""},
        "feeds": [{"url": f"{feeds_at}/{feed.name}.feed", "title": feed.title} for feed in week.feeds],
        "channels": [
            {"id": "hook", "type": "webhook", "url": "${DEMO_WEBHOOK_URL}", "secret": "${DEMO_WEBHOOK_SECRET}"},
            {"id": "files", "type": "file", "path": f"{folder}/digests"},
        ],
        "digests": [{"id": "demo", "story": STORY, "channels": ["hook", "files"], "schedule": "every 3s"}],
    }
    (folder / "config/stories").mkdir(parents=True)
    (folder / "config/monitor.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
    story = files("monitor.demo").joinpath("story.yaml").read_text("utf-8")
    (folder / f"config/stories/{STORY}.yaml").write_text(story, "utf-8")


def watch(folder: Path, environ: Mapping[str, str], origin: Origin, receiver: Receiver, week: Week) -> None:
    """Run the daemon until everything expected has come, or time is up."""
    command = [sys.executable, "-m", "monitor", "run", "--config", str(folder / "config")]
    with (folder / "monitor.log").open("w") as log:
        daemon = subprocess.Popen(command, env=os.environ | environ, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own program
        try:
            deadline = time.monotonic() + LIMIT_S
            while origin.requests < 2 * len(week.feeds) and daemon.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            origin.begin()
            wanted = len(week.expected)
            while daemon.poll() is None and time.monotonic() < deadline:
                if origin.day == DAYS and len(told_entries(receiver)) >= wanted:
                    break
                time.sleep(0.2)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=10)


def told_events(receiver: Receiver) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]]:
    """Every digest with each of its storylines and events, in the order of the digests."""
    for message in sorted(receiver.messages.values(), key=lambda message: int(message["data"]["sequence"])):
        for line in message["data"]["storylines"]:
            for event in line["events"]:
                yield message["data"], line, event


def told_entries(receiver: Receiver) -> list[str]:
    """The URL of every entry that was told, as often as it was told."""
    return [entry["url"] for _, _, event in told_events(receiver) for entry in event["entries"]]


def what_came(receiver: Receiver) -> Iterator[str]:
    shown = None
    for digest, line, event in told_events(receiver):
        if digest["sequence"] != shown:
            shown = digest["sequence"]
            yield f"Digest {shown}"
        sources = ", ".join(entry["source"] for entry in event["entries"])
        again = f", revision {event['revision']}" if event["revision"] > 1 else ""
        yield f"  {line['title']}: {event['title']}"
        yield f"      {event['novelty']}{again}: {event['reason']}; {sources}"


def what_was_left_out(folder: Path, week: Week, told: list[str], feeds_at: str) -> Iterator[str]:
    yield "\nLeft out"
    with Store.open(f"sqlite:///{folder}/monitor.db") as store, store.read() as connection:
        for entry in week.entries:
            if url_of(entry, feeds_at) in told:
                continue
            stored = entries.find(connection, url_of(entry, feeds_at))
            match = stories.match_of(connection, stored.id, STORY) if stored else None
            yield f"  {entry.title}\n      {why_left_out(match)}"


def why_left_out(match: Match | None) -> str:
    if match is not None and match.held:
        return "was there before the watch began: known, told to nobody"
    missing = [missing for topic in match.topics for missing in topic.missing] if match else []
    return f"missing: {missing[0]}" if missing else "none of the names that are watched stands in it"


def mistakes(receiver: Receiver, week: Week, feeds_at: str) -> Iterator[str]:
    """What did not come as it should: anything missing, told twice or unwanted, an event in pieces, two in one."""
    told = told_entries(receiver)
    for entry in week.expected:
        times = told.count(url_of(entry, feeds_at))
        if times != 1:
            yield f"told {times} times, not once: {entry.title}"
    for entry in week.unwanted:
        if url_of(entry, feeds_at) in told:
            yield f"told, but it is not of the story ({entry.left_out or 'old'}): {entry.title}"
    if receiver.refused:
        yield f"{receiver.refused} messages had a bad signature"
    yield from wrong_events(receiver, week, feeds_at)


def wrong_events(receiver: Receiver, week: Week, feeds_at: str) -> Iterator[str]:
    event_of = {entry["url"]: event["id"] for _, _, event in told_events(receiver) for entry in event["entries"]}
    came_as: dict[str, set[str]] = defaultdict(set)
    for entry in week.expected:
        came_as[str(entry.event)].add(event_of.get(url_of(entry, feeds_at), "none"))
    for name, ids in came_as.items():
        if len(ids) != 1:
            yield f"event {name} came as {len(ids)} events"
        for other in (other for other, theirs in came_as.items() if other > name and theirs & ids - {"none"}):
            yield f"events {name} and {other} came as one"
