"""Everything outside: origins with the habits of real ones, receivers with theirs, and what they wrote down."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#: Entries that a feed lists, the newest.
LISTED = 10
#: What each feed had published before we came.
BACKLOG = 8
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: What happens to the bridge, in words of the story's storylines; the rest of a title is of its own.
HAPPENINGS = (
    "Arden bridge opening delayed by {}",
    "Arden bridge toll to pay for {}",
    "Arden bridge engineer resigns over {}",
    "Arden bridge opens after {}",
)
EDITED = " (updated)"
SYLLABLES = ("ka", "lo", "mir", "ten", "sol", "vas", "pe", "ru", "din", "gor")


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


class Habit(StrEnum):
    STEADY = "steady"  # answers 304 where nothing changed
    FORGETFUL = "forgetful"  # has no validators: the same bytes again and again
    FLAKY = "flaky"  # 503, resets and time-outs
    LIMITED = "limited"  # 429 with a Retry-After
    RESTLESS = "restless"  # other ids at each fetch
    EDITING = "editing"  # rewrites its newest title now and then
    MOVING = "moving"  # moves for good after a while
    ENDING = "ending"  # 410 after a while
    CAPTIVE = "captive"  # a login page now and then
    CUT = "cut"  # its body ends too early now and then


class Mood(StrEnum):
    KIND = "kind"
    SICK = "sick"  # 500 now and then
    SLOW = "slow"  # hangs now and then
    BUSY = "busy"  # 429 with a Retry-After
    LOSSY = "lossy"  # takes it, and the answer is lost
    AWAY = "away"  # down for two days, now and then
    CLOSING = "closing"  # 410 after a while


@dataclass(slots=True)
class Origin:
    """One feed: what it has published, and how it was asked."""

    url: str
    habit: Habit
    #: (when, title) of everything that it published so far.
    published: list[tuple[datetime, str]] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    #: Not before this, it said.
    rests_until: datetime | None = None
    impolite: int = 0
    #: When it changes its address or ends.
    turns_at: datetime | None = None
    #: It answers nothing but 503.
    down: bool = False


@dataclass(slots=True)
class Receiver:
    """One endpoint, and what it was sent: id -> the bodies with a right signature, as often as they came."""

    url: str
    mood: Mood
    taken: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    #: Ids that we accepted though the sender could not know it.
    lost_answers: int = 0
    closes_at: datetime | None = None
    away_until: datetime | None = None
    bad_signatures: int = 0


def said(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> httpx.Response:
    """An answer that is still to be read."""
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


class World:
    """Answers every request of the monitor; ``now`` is moved by the simulation."""

    def __init__(self, seed: str, start: datetime, days: int, origins: int, receivers: int) -> None:
        self.chance = random.Random(f"world {seed}")
        self.now = start
        habits, moods = list(Habit), list(Mood)
        when = lambda first, last: start + days * DAY * self.chance.uniform(first, last)  # noqa: E731
        self.origins = {
            url: Origin(url=url, habit=habits[n % len(habits)], turns_at=when(0.2, 0.8))
            for n, url in enumerate(f"http://origin{n}.test/feed" for n in range(origins))
        }
        self.receivers = {
            url: Receiver(url=url, mood=moods[n % len(moods)], closes_at=when(0.5, 0.9))
            for n, url in enumerate(f"http://desk{n}.test/hook" for n in range(receivers))
        }
        self.serial = 0
        self.listed = LISTED
        #: Nobody edits, and no origin is in trouble any more.
        self.calm = False
        #: Until then nobody at all can be reached: it is our own network.
        self.cut_off_until = start
        #: The monitor's clock may be wrong by so much, and its manners with it.
        self.slack = timedelta(0)
        for origin in self.origins.values():
            for _ in range(BACKLOG):
                self.publish(origin, belongs=False)
        #: Set by the simulation: called at each request, and may kill.
        self.at_fetch = lambda: None
        self.at_send = lambda: None
        self.after_send = lambda: None

    # --- News ---------------------------------------------------------------------------------------------------------

    def publish(self, origin: Origin, belongs: bool) -> str:
        """One more entry; one that belongs has words of the story."""
        self.serial += 1
        words = " ".join("".join(self.chance.choices(SYLLABLES, k=3)) for _ in range(4)) + f" {self.serial}"
        title = self.chance.choice(HAPPENINGS).format(words) if belongs else f"Ferry {words}"
        origin.published.append((self.now, title))
        return title

    def edit(self, origin: Origin) -> None:
        """The newest entry gets another title."""
        at, title = origin.published[-1]
        origin.published[-1] = (at, title.removesuffix(EDITED) + EDITED)

    def document(self, origin: Origin) -> bytes:
        newest = origin.published[-self.listed :][::-1]
        items = []
        for at, title in newest:
            first = title.removesuffix(EDITED)
            guid = f"{first} {len(origin.asked)}" if origin.habit is Habit.RESTLESS else first
            link = f"http://news.test/{first.replace(' ', '-')}"
            items.append(
                f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>{link}</link>"
                f"<pubDate>{format_datetime(at)}</pubDate></item>"
            )
        channel = f"<channel><title>{urlsplit(origin.url).hostname}</title>{''.join(items)}</channel>"
        return f"<?xml version='1.0'?><rss version='2.0'>{channel}</rss>".encode()

    # --- Answers ------------------------------------------------------------------------------------------------------

    def answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if self.now < self.cut_off_until:
            raise httpx.ConnectError("no route to host", request=request)
        if url in self.receivers:
            return self.take(self.receivers[url], request)
        origin = self.origins[url.replace("/new", "/feed")]
        response = self.give(origin, request)
        response.headers["Date"] = format_datetime(self.now, usegmt=True)
        return response

    def give(self, origin: Origin, request: httpx.Request) -> httpx.Response:
        self.at_fetch()
        if request.url.path == "/feed" or origin.habit is not Habit.MOVING:
            origin.asked.append(self.now)
            origin.impolite += bool(origin.rests_until and self.now < origin.rests_until - self.slack)
        trouble = self.trouble(origin, request)
        if trouble is not None:
            return trouble
        if origin.habit is Habit.EDITING and not self.calm and self.chance.random() < 0.1:
            self.edit(origin)
        body = self.document(origin)
        if origin.habit is Habit.CUT and not self.calm and self.chance.random() < 0.1:
            return said(200, gzip.compress(body)[:-20], {"Content-Encoding": "gzip"})
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        if origin.habit is Habit.FORGETFUL:
            return said(200, body)
        known = request.headers.get("If-None-Match") == tag
        return said(304, headers={"ETag": tag}) if known else said(200, body, {"ETag": tag})

    def trouble(self, origin: Origin, request: httpx.Request) -> httpx.Response | None:
        """What an origin of this habit answers instead of its feed; None: nothing this time."""
        chance, turned = (
            1.0 if self.calm else self.chance.random(),
            bool(origin.turns_at and self.now >= origin.turns_at),
        )
        if origin.down and not self.calm:
            return said(503)
        match origin.habit:
            case Habit.FLAKY if chance < 0.1:
                return said(503)
            case Habit.FLAKY if chance < 0.15:
                raise httpx.ReadTimeout("no answer", request=request)
            case Habit.FLAKY if chance < 0.2:
                raise httpx.ConnectError("refused", request=request)
            case Habit.LIMITED if chance < 0.1:
                origin.rests_until = self.now + 36 * HOUR
                return said(429, headers={"Retry-After": str(36 * 3600)})
            case Habit.MOVING if turned and request.url.path == "/feed":
                return said(301, headers={"Location": origin.url.replace("/feed", "/new")})
            case Habit.ENDING if turned:
                return said(410)
            case Habit.CAPTIVE if chance < 0.1:
                return said(200, b"<html><body>Please log in</body></html>")
        return None

    def take(self, receiver: Receiver, request: httpx.Request) -> httpx.Response:
        self.at_send()
        chance = self.chance.random()
        if receiver.mood is Mood.AWAY:
            if receiver.away_until is None or self.now > receiver.away_until + 20 * DAY:
                receiver.away_until = self.now + 2 * DAY
            if self.now < receiver.away_until:
                raise httpx.ConnectError("refused", request=request)
        if receiver.mood is Mood.CLOSING and receiver.closes_at and self.now >= receiver.closes_at:
            return said(410)
        if receiver.mood is Mood.SICK and chance < 0.3:
            return said(500, b"out of order")
        if receiver.mood is Mood.SLOW and chance < 0.2:
            raise httpx.ReadTimeout("no answer", request=request)
        if receiver.mood is Mood.BUSY and chance < 0.3:
            return said(429, headers={"Retry-After": "600"})
        try:
            Webhook(SECRET).verify(request.content, dict(request.headers))
        except WebhookVerificationError:
            receiver.bad_signatures += 1
        receiver.taken[request.headers["webhook-id"]].append(request.content)
        if receiver.mood is Mood.LOSSY and chance < 0.2:
            receiver.lost_answers += 1
            raise httpx.ReadError("connection reset", request=request)
        self.after_send()
        return said(204)
