"""The world around a monitor that is killed: its feed, its receiver, the next monitor, and a checker from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select

from monitor.app import register, wire
from monitor.config.loading import load
from monitor.feeds.isolation import Parser
from monitor.pipeline import Tools
from monitor.scheduling import compose_due, deliver_due, poll_all, prune_old
from monitor.storage import feeds, outbox
from monitor.storage.schema import attempts, deliveries, entries, reports, told
from monitor.storage.store import Store
from monitor.stories.likeness import Beat
from tests.servers import SECRET, Desk, Site, rss
from tests.test_pipeline import STORY

ROOT = Path(__file__).parent.parent.parent
#: At which a monitor is killed. At the last two the receiver has the message and we do not know it.
POINTS = (
    "after fetch",
    "after parse",
    "before commit",
    "after commit",
    "before commit of the digest",
    "after commit of the digest",
    "before send",
    "sent, no answer",
    "answered, not marked",
    "in prune",
)
REPEATING = ("sent, no answer", "answered, not marked")


class Witness(Desk):
    """A receiver that may kill the sender once it has the message, and before it answers."""

    def __init__(self) -> None:
        super().__init__()
        #: Whom to kill at the next message.
        self.victim: subprocess.Popen[bytes] | None = None

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self.victim is None:
            super().answer(handler)
            return
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.received.append((handler.headers["webhook-id"], body))
        self.victim.kill()
        self.victim = None
        handler.close_connection = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a checker finds that looks at the receiver's log and the database alone."""

    matched: int
    #: Matched entries that the receiver never got and that no failed delivery lists.
    lost: int
    #: Messages that came more than once, and how many of those with other bytes.
    repeated: int
    changed: int
    #: Entries that stand in more than one message.
    twice: int
    bad_signatures: int
    owed: int
    sound: bool


class Life:
    """One database, lived in by many monitors, one after the other."""

    def __init__(self, folder: Path, url: str, site: Site, desk: Witness, parser: Parser) -> None:
        self.folder, self.site, self.desk, self._parser = folder, site, desk, parser
        self.titles: list[str] = []
        #: What the watch begins with, and what is forgotten later.
        self.others = [f"Cat number {number} is well" for number in range(40)]
        self.now = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
        (folder / "stories").mkdir()
        (folder / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
        settings = {
            "storage": {"url": url, "keep": "1d"},
            "network": {"allow": ["127.0.0.1/32"]},
            "feeds": [{"url": f"{site.base}/feed.xml"}],
            "channels": [{"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET}],
            "digests": [{"id": "quick", "story": "bridge", "channels": ["desk"], "schedule": "every 1s"}],
        }
        (folder / "monitor.yaml").write_text(yaml.safe_dump(settings), "utf-8")
        self._config = load(folder, {})
        self._publish()
        self.lives()

    def happens(self, title: str) -> None:
        """The feed brings one more entry of the story."""
        self.titles.append(title)
        self._publish()

    def _publish(self) -> None:
        self.site.documents["/feed.xml"] = rss(*self.titles, *self.others)

    def lives(self, ticks: int = 1) -> None:
        """A monitor that is well works for some ticks, a minute apart. Where its parser found no time, that is none."""
        with Store.open(self._config.storage.url) as store, store.lock_instance():
            # Grouping by words alone: the sentence encoder is not what is killed here.
            tools = replace(wire(self._config, store, self._parser), beats={"bridge": Beat(lines=1)})
            register(tools, self.now)
            for _ in range(10 * ticks):
                self.now += timedelta(minutes=1)
                ticks -= self._tick(tools)
                if not ticks:
                    return
        raise AssertionError("the feed could not be read in so many ticks")

    def _tick(self, tools: Tools) -> bool:
        """Whether the feed was read."""
        now, stop = self.now, threading.Event()
        with tools.store.read() as connection:
            listed = feeds.listed(connection)
        (intake,) = poll_all(listed, tools, lambda: now, stop)
        compose_due(tools, lambda: now)
        deliver_due(tools, lambda: now, stop)
        return intake.poll.error is None

    def kills(self, point: str) -> bool:
        """Whether a monitor was killed at this point. On a busy machine its parser may give up before: then again."""
        return any(self._dies(point) == -signal.SIGKILL for _ in range(5))

    def _dies(self, point: str) -> int:
        """A monitor begins a tick, to be killed at this point; how its process ended, as ``Popen`` says it."""
        self.now += timedelta(days=3) if point == "in prune" else timedelta(minutes=1)
        command = [sys.executable, "-m", "tests.kill.runner", str(self.folder), self.now.isoformat(), point]
        with (self.folder / "killed.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=log, stderr=log)
            if point == "sent, no answer":
                self.desk.victim = process
            return process.wait(300)  # a busy machine takes its time; nothing here depends on it

    def forgets(self) -> int:
        """A monitor that is well prunes what is old; how many entries are left."""
        with Store.open(self._config.storage.url) as store:
            prune_old(wire(self._config, store, self._parser), lambda: self.now, threading.Event())
            with store.read() as connection:
                return connection.execute(select(func.count()).select_from(entries)).scalar_one()

    def verdict(self) -> Verdict:
        bodies: dict[str, list[bytes]] = {}
        for webhook_id, body in self.desk.received:
            bodies.setdefault(webhook_id, []).append(body)
        listed = Counter(title for sent in bodies.values() for title in titles_of(json.loads(sent[0])))
        with Store.open(self._config.storage.url) as store, store.read() as connection:
            matched = connection.execute(
                select(entries.c.title).join(reports, reports.c.entry_id == entries.c.id).where(~entries.c.primed)
            ).scalars()
            wanted = set(matched) | set(self.titles)
            failed = select(entries.c.title).join(told, told.c.entry_id == entries.c.id)
            failed = failed.join(deliveries, deliveries.c.id == told.c.delivery_id).where(
                deliveries.c.state == "failed"
            )
            given_up = set(connection.execute(failed).scalars())
            owed = outbox.count_owed(connection)
            tried = connection.execute(select(func.count()).select_from(attempts)).scalar_one()
            sqlite = connection.dialect.name == "sqlite"
            sound = not sqlite or connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        return Verdict(
            matched=len(wanted),
            lost=len(wanted - set(listed) - given_up),
            repeated=sum(len(sent) > 1 for sent in bodies.values()),
            changed=sum(len(set(sent)) > 1 for sent in bodies.values()),
            twice=sum(count > 1 for count in listed.values()),
            bad_signatures=self.desk.bad_signatures,
            owed=owed,
            sound=sound and tried > 0,
        )


def titles_of(message: dict[str, Any]) -> Sequence[str]:
    """Title of every entry that a message lists."""
    lines = message["data"]["storylines"]
    return [entry["title"] for line in lines for event in line["events"] for entry in event["entries"]]
