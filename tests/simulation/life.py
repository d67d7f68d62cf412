"""The real flow in a simulated world: what a daemon's ticks do, one unit of work after another, on one moving clock."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.digests.schedule import next_slot, parse_schedule
from monitor.domain import DeliveryState, Document, ParsedFeed
from monitor.errors import ParseError, StorageError
from monitor.feeds.parse import read
from monitor.pipeline import Tools, send_delivery
from monitor.scheduling import compose_due, poll_safely, prune_old
from monitor.storage import feeds, outbox
from monitor.storage.schema import deliveries
from monitor.storage.store import Store
from tests.simulation.world import DAY, HOUR, SECRET, Habit, Killed, World

STORY = {
    "story": "bridge",
    "title": "The bridge",
    "topics": [{"id": "bridge", "name": "Bridge", "strong": ["Arden bridge"]}],
    "storylines": [{"id": "opening", "title": "When it opens", "topics": ["bridge"], "query": "open* OR delay*"}],
}


#: Polls that fall due within this time are done together: a year of moments must pass in a minute.
BUNDLE = 4 * HOUR


class HereParser:
    """Reads documents in this process: what hostile ones can do is tested elsewhere."""

    def read(self, document: Document, feed_url: str, marks: bytes = b"") -> ParsedFeed:
        try:
            return read(document, feed_url, marks)
        except ParseError:
            raise
        except Exception as error:
            raise ParseError(feed_url, f"the parser failed on it ({type(error).__name__})") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large a life is, and how hard."""

    days: int = 365
    origins: int = 200
    receivers: int = 20
    #: Entries that a feed publishes a day, and the share of them that belongs to the story.
    a_day: float = 0.1
    belonging: float = 0.1
    #: Chance that a fetch, a send, an answer or a statement is the last thing a process does.
    deadly: float = 0.0003
    #: Chance that the database refuses a statement: it is full, or locked.
    refused: float = 0.0003
    interval: str = "5d"
    #: Days without news and faults at the end, so that what is owed can arrive.
    calm: int = 30


class Life:
    """One monitor over the database at ``url``, from ``start`` on; it dies and is started again."""

    store: Store
    tools: Tools

    def __init__(self, seed: str, plan: Plan, start: datetime, url: str) -> None:
        self.plan, self.start = plan, start
        self.end = start + plan.days * DAY
        self.chance = random.Random(f"life {seed}")
        self.world = World(seed, start, plan.days, plan.origins, plan.receivers)
        self.url = url
        self.counts: Counter[str] = Counter()
        self.last_news = self.last_prune = start - DAY
        self.calm = False
        self.client = httpx.Client(transport=httpx.MockTransport(self.world.answer))
        self.world.at_fetch = self.world.at_send = self.world.after_send = self.may_die
        self.born()

    @property
    def now(self) -> datetime:
        return self.world.now

    # --- Faults -------------------------------------------------------------------------------------------------------

    def may_die(self) -> None:
        if not self.calm and self.chance.random() < self.plan.deadly:
            self.die()

    def die(self) -> None:
        self.counts["deaths"] += 1
        raise Killed

    def may_fail(self, *_: Any) -> None:
        """At each statement, before it runs."""
        self.counts["statements"] += 1
        if self.calm:
            return
        self.may_die()
        if self.chance.random() < self.plan.refused:
            self.refuse()

    def refuse(self) -> None:
        self.counts["refusals"] += 1
        raise OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))

    # --- Living -------------------------------------------------------------------------------------------------------

    def born(self) -> None:
        """Start the process: open the database, wire everything, and tell the store what is configured."""
        self.store = Store.open(self.url)
        urls = self.world.receivers
        names = [f"desk{n}" for n in range(len(urls))]
        weekly = {"story": "bridge", "zone": "Europe/Berlin"}
        config = Config.model_validate(
            {
                "polling": {"interval": self.plan.interval},
                "feeds": [{"url": url} for url in self.world.origins],
                "channels": [
                    {"id": name, "type": "webhook", "url": url, "secret": SECRET}
                    for name, url in zip(names, urls, strict=True)
                ],
                "digests": [
                    weekly | {"id": "daily", "channels": names[:2], "schedule": "30 2 * * *"},
                    weekly | {"id": "weekly", "channels": names[2:], "schedule": "0 8 * * 1"},
                ],
                "stories": [STORY],
            }
        )
        tools = wire(config, self.store, HereParser(), lambda: self.client)  # type: ignore[arg-type]
        tools = replace(tools, beats={story: replace(beat, meaning=None) for story, beat in tools.beats.items()})
        register(tools, self.now)
        self.tools = tools
        event.listen(self.store.engine, "before_cursor_execute", self.may_fail)

    def live(self) -> None:
        """Live until the end; then a while without news and faults, so that what is owed can arrive."""
        while self.now < self.end:
            self.news()
            self.moment()
            self.world.now = self.next_moment()
        self.calm = True
        for _ in range(2_000):
            self.moment()
            following = self.next_moment()
            if following > self.end + self.plan.calm * DAY:
                return
            self.world.now = following
        raise AssertionError("it never comes to rest")

    def news(self) -> None:
        """What was published since the last moment."""
        share = (self.now - self.last_news) / DAY
        self.last_news = self.now
        for origin in self.world.origins.values():
            ended = origin.habit is Habit.ENDING and origin.turns_at and self.now >= origin.turns_at
            if not ended and self.chance.random() < self.plan.a_day * share:
                self.world.publish(origin, self.chance.random() < self.plan.belonging)

    def moment(self) -> None:
        """All that is due now. A death is followed by a new life a minute later."""
        for tick in (self.poll, self.compose, self.deliver, self.prune):
            try:
                tick()
            except StorageError:
                self.counts["ticks that failed"] += 1  # the next one asks again, as a daemon's does
            except Killed:
                self.world.now += timedelta(minutes=1)
                self.store.close()
                self.born()

    def poll(self) -> None:
        stopped = threading.Event()
        stopped.set()  # nothing is to wait
        with self.store.read() as c:
            due = feeds.due(c, self.now, limit=1_000)
        for feed in due:
            self.counts["polls"] += 1
            poll_safely(feed, self.tools, self.now, stopped)

    def compose(self) -> None:
        self.counts["owed"] += compose_due(self.tools, lambda: self.now)

    def deliver(self) -> None:
        for _ in range(1_000):
            with self.store.read() as c:
                due = outbox.due_deliveries(c, self.now, channels=self.tools.channels)
            if not due:
                return
            for delivery in due:
                self.counts["sends"] += 1
                send_delivery(delivery, self.tools, self.now, jitter=self.chance.uniform(-1, 1))

    def prune(self) -> None:
        if self.now - self.last_prune < DAY:
            return
        self.last_prune = self.now
        prune_old(self.tools, lambda: self.now, threading.Event())

    def next_moment(self) -> datetime:
        """When something is due next: a feed, a delivery, or the digests of the hour."""
        waiting = select(func.min(deliveries.c.next_attempt_at)).where(
            deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.next_attempt_at > self.now
        )
        calm, self.calm = self.calm, True
        with self.store.read() as c:
            polls, retries = feeds.next_due_at(c), c.execute(waiting).scalar()
        self.calm = calm
        slots = [next_slot(parse_schedule(d.schedule), ZoneInfo(d.zone), self.now) for d in self.tools.config.digests]
        soonest = min(at for at in [polls and max(polls, self.now + BUNDLE), retries, *slots] if at is not None)
        return max(soonest, self.now + timedelta(seconds=1))
