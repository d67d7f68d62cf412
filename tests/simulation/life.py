"""The real flow in a simulated world: what a daemon's ticks do, one unit of work after another, on one moving clock."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
from monitor.pipeline import Tools, excuse, send_delivery
from monitor.scheduling import compose_due, poll_safely, prune_old
from monitor.storage import feeds, outbox
from monitor.storage.schema import deliveries
from monitor.storage.store import Store
from tests.simulation.world import DAY, HOUR, SECRET, Habit, Killed, World

STORY = {
    "story": "bridge",
    "title": "The bridge",
    "topics": [{"id": "bridge", "name": "Bridge", "strong": ["Arden bridge"]}],
    "storylines": [
        {"id": "opening", "title": "When it opens", "topics": ["bridge"], "query": "open* OR delay*"},
        {"id": "money", "title": "Who pays", "topics": ["bridge"], "query": "toll*"},
        {"id": "people", "title": "Who leaves", "topics": ["bridge"], "query": "resign*"},
    ],
}


#: Polls that fall due within this time are done together: a year of moments must pass in a minute.
BUNDLE = 4 * HOUR
#: In turn. A clock that is set back is put right the next time.
TROUBLES = ("clock", "disk", "sleep", "clock", "network")


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
    a_day: float = 0.06
    belonging: float = 0.12
    #: Chance that a fetch, a send, an answer or a statement is the last thing a process does.
    deadly: float = 0.0003
    #: Chance that the database refuses a statement: it is full, or locked.
    refused: float = 0.0003
    #: Chance that a moment is the last before something happens to time, our network or the disk: see ``shake``.
    shaken: float = 0.01
    interval: str = "12d"
    #: When most receivers get their digest, and at most so many days apart.
    seldom: str = "0 8 1,15 * *"
    apart: int = 17
    #: Days without news and faults at the end, so that what is owed can arrive: repeats may wait for the third digest.
    calm: int = 50


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
        self.troubles: Counter[str] = Counter()
        #: What the monitor's clock is ahead of the world's: an hour behind, or right.
        self.skew = timedelta(0)
        self.full_until = start  # nothing can be written before
        self.slept = timedelta(0)
        self.refused = False  # the last moment could not write something
        #: Feeds that are taken out of the configuration, and all that ever were.
        self.unlisted: set[str] = set()
        self.once_unlisted: set[str] = set()
        self.last_news = self.last_prune = start - DAY
        self.calm = False
        self.client = httpx.Client(transport=httpx.MockTransport(self.world.answer))
        self.world.slack = HOUR if plan.shaken else timedelta(0)
        self.world.at_fetch = self.world.at_send = self.world.after_send = self.may_die
        self.born()

    @property
    def now(self) -> datetime:
        return self.world.now + self.skew

    # --- Faults -------------------------------------------------------------------------------------------------------

    def may_die(self) -> None:
        if not self.calm and self.chance.random() < self.plan.deadly:
            self.die()

    def die(self) -> None:
        self.counts["deaths"] += 1
        raise Killed

    def may_fail(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        """At each statement, before it runs."""
        self.counts["statements"] += 1
        if self.calm:
            return
        self.may_die()
        if self.world.now < self.full_until and statement.startswith(("INSERT", "UPDATE")):
            self.refuse()
        if self.chance.random() < self.plan.refused:
            self.refuse()

    def refuse(self) -> None:
        self.counts["refusals"] += 1
        raise OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """No fault strikes: somebody looks at the database, and not the monitor."""
        calm, self.calm = self.calm, True
        try:
            yield
        finally:
            self.calm = calm

    def shake(self) -> None:
        """Its clock is set back or put right, the machine sleeps, its disk is full or its network down."""
        what = TROUBLES[self.troubles.total() % len(TROUBLES)]
        self.troubles[what] += 1
        match what:
            case "clock":
                self.skew = -HOUR - self.skew
            case "sleep":
                self.sleep(timedelta(days=7))
            case "network":
                self.world.cut_off_until = self.world.now + DAY
            case "disk":
                self.full_until = self.world.now + 6 * HOUR

    def sleep(self, span: timedelta) -> None:
        """Nobody polls or sends: the clock leaps."""
        self.slept += span
        self.world.now += span

    # --- Living -------------------------------------------------------------------------------------------------------

    def born(self) -> None:
        """Start the process: open the database, wire everything, and tell the store what is configured."""
        self.store = Store.open(self.url)
        urls = self.world.receivers
        names = [f"desk{n}" for n in range(len(urls))]
        any_digest = {"story": "bridge", "zone": "Europe/Berlin"}
        config = Config.model_validate(
            {
                "polling": {"interval": self.plan.interval},
                "feeds": [{"url": url} for url in self.world.origins if url not in self.unlisted],
                "channels": [
                    {"id": name, "type": "webhook", "url": url, "secret": SECRET}
                    for name, url in zip(names, urls, strict=True)
                ],
                "digests": [
                    any_digest
                    | {"id": "daily", "channels": names[:2], "schedule": "30 2 * * *"}
                    | {"alert": [{"query": "resign*"}], "alert_gap": "5d"},
                    any_digest | {"id": "seldom", "channels": names[2:], "schedule": self.plan.seldom},
                ],
                "stories": [STORY],
            }
        )
        tools = wire(config, self.store, HereParser(), lambda: self.client)  # type: ignore[arg-type]
        tools = replace(tools, beats={story: replace(beat, meaning=None) for story, beat in tools.beats.items()})
        register(tools, self.now)
        self.tools = tools
        event.listen(self.store.engine, "before_cursor_execute", self.may_fail)

    def configure(self, *, unlisted: set[str]) -> None:
        """Start again with a configuration that lacks these feeds."""
        self.counts["put back"] += len(self.unlisted - unlisted)
        self.unlisted = unlisted
        self.once_unlisted |= unlisted
        self.store.close()
        self.born()

    def live(self) -> None:
        """Live until the end; then a while without news and faults, so that what is owed can arrive."""
        while self.world.now < self.end:
            self.news()
            self.moment()
            self.pass_time()
            if self.chance.random() < self.plan.shaken:
                self.shake()
        self.rest()

    def rest(self) -> None:
        """Some time without news and faults, so that what is owed can arrive."""
        self.calm = self.world.calm = True
        self.end = self.world.now
        for _ in range(2_000):
            self.moment()
            self.pass_time()
            if self.world.now > self.end + self.plan.calm * DAY:
                return
        raise AssertionError("it never comes to rest")

    def pass_time(self) -> None:
        """Until something is due next."""
        self.world.now = self.next_moment() - self.skew

    def news(self) -> None:
        """What was published since the last moment."""
        share = (self.world.now - self.last_news) / DAY
        self.last_news = self.world.now
        for origin in self.world.origins.values():
            ended = origin.habit is Habit.ENDING and origin.turns_at and self.world.now >= origin.turns_at
            if not ended and self.chance.random() < self.plan.a_day * share:
                self.world.publish(origin, self.chance.random() < self.plan.belonging)

    def moment(self) -> None:
        """All that is due now. A death is followed by a new life a minute later."""
        before = self.counts["refusals"]
        for tick in (self.poll, self.compose, self.deliver, self.prune):
            try:
                tick()
            except StorageError:
                self.counts["ticks that failed"] += 1  # the next one asks again, as a daemon's does
            except Killed:
                self.world.now += timedelta(minutes=1)
                self.store.close()
                self.born()
        self.refused = self.counts["refusals"] > before

    def poll(self) -> None:
        stopped = threading.Event()
        stopped.set()  # nothing is to wait
        with self.store.read() as c:
            due = feeds.due(c, self.now, limit=1_000)
        for feed in due:
            self.counts["polls"] += 1
            last = poll_safely(feed, self.tools, self.now, stopped)
        if due and last.poll.error:
            excuse(self.tools, self.now)

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
        if self.world.now - self.last_prune < DAY:
            return
        self.last_prune = self.world.now
        prune_old(self.tools, lambda: self.now, threading.Event())

    def next_moment(self) -> datetime:
        """When something is due next: a feed, a delivery, the digests of the hour, or what could not be written."""
        waiting = select(func.min(deliveries.c.next_attempt_at)).where(
            deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.next_attempt_at > self.now
        )
        with self.unharmed(), self.store.read() as c:
            polls, retries = feeds.next_due_at(c), c.execute(waiting).scalar()
        slots = [next_slot(parse_schedule(d.schedule), ZoneInfo(d.zone), self.now) for d in self.tools.config.digests]
        again = self.now + HOUR if self.refused else None
        soonest = min(at for at in [polls and max(polls, self.now + BUNDLE), retries, again, *slots] if at is not None)
        return max(soonest, self.now + timedelta(seconds=1))
