"""A month of polling in simulated time, judged by an origin that keeps score: docs/polling.md, line by line."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from statistics import median

import httpx
import pytest
from sqlalchemy import func, select

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.domain import Document, Feed, ParsedFeed
from monitor.feeds.isolation import Parser
from monitor.feeds.parse import read
from monitor.feeds.polling import OUR_NETWORK, notices
from monitor.pipeline import Tools
from monitor.scheduling import poll_all, poll_due
from monitor.storage import feeds
from monitor.storage.schema import entries, revisions
from monitor.storage.store import Store

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: A public name: Retry-After counts for all of its feeds.
BASE = "https://news.test"
LONG_AGO = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)


def rss(*entries: str, head: str = "") -> bytes:
    items = "".join(f"<item>{entry}</item>" for entry in entries)
    return f"<rss version='2.0'><channel><title>News</title>{head}{items}</channel></rss>".encode()


def entry(title: str, *, guid: str = "", link: str = "", date: str = LONG_AGO, text: str = "") -> str:
    named = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    place = f"<link>{link or f'{BASE}/{title}'.replace(' ', '-')}</link>"
    return f"<title>{title}</title>{named}{place}<pubDate>{date}</pubDate><description>{text}</description>"


class InlineParser(Parser):
    """Reads in this process: what it reads here is our own."""

    def read(self, document: Document, feed_url: str, marks: bytes = b"") -> ParsedFeed:
        return read(document, feed_url, marks)


Answer = tuple[int, dict[str, str], bytes]
#: What a page answers to its n-th request, n from 0.
Page = Callable[[int], Answer]


class Origin:
    """Answers conditional requests rightly, and keeps score of each page's guests by the simulated clock."""

    def __init__(self) -> None:
        self.now = START
        self.pages: dict[str, Page] = {}
        self.asked: dict[str, list[datetime]] = defaultdict(list)
        self.faults: dict[str, Counter[str]] = defaultdict(Counter)
        self.agents: set[str] = set()
        self.down = False
        self._given: dict[str, dict[str, str | None]] = {}
        self._once: dict[str, set[str]] = defaultdict(set)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("no route to host")
        path = request.url.raw_path.decode()
        n = len(self.asked[path])
        self.asked[path].append(self.now)
        self.agents.add(request.headers["user-agent"])
        self._judge(path, request.headers, request.method)
        status, headers, body = self.pages[path](n)
        if status == 200:
            if headers.get("etag") and request.headers.get("if-none-match") == headers["etag"]:
                status, body = 304, b""
            given = {"if-none-match": headers.get("etag"), "if-modified-since": headers.get("last-modified")}
            self._given[path] = given
            self._once[path] |= {value for value in given.values() if value}
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    def _judge(self, path: str, headers: httpx.Headers, method: str) -> None:
        given = self._given.get(path, {})
        for name in ("if-none-match", "if-modified-since"):
            sent = headers.get(name)
            if sent and sent != given.get(name):
                self.faults[path]["old" if sent in self._once[path] else "invented"] += 1
            if given.get(name) and not sent:
                self.faults[path]["unconditional"] += 1
        for name in ("cookie", "referer"):
            self.faults[path][name] += name in headers
        self.faults[path]["no gzip"] += headers.get("accept-encoding") != "gzip"
        self.faults[path]["not GET"] += method != "GET"

    def gaps(self, path: str) -> list[timedelta]:
        asked = self.asked[path]
        return [later - earlier for earlier, later in pairwise(asked)]

    def on_day(self, path: str, day: int) -> int:
        return sum(START + (day - 1) * DAY <= at < START + day * DAY for at in self.asked[path])


class Month:
    """The whole poll tick over a simulated clock."""

    def __init__(self, store: Store, origin: Origin, *urls: str, interval: str = "1h") -> None:
        config = Config.model_validate({"polling": {"interval": interval}, "feeds": [{"url": url} for url in urls]})
        client = httpx.Client(
            transport=httpx.MockTransport(origin), headers={"user-agent": "monitor/1", "accept-encoding": "gzip"}
        )
        self.tools: Tools = replace(wire(config, store, InlineParser()), client=lambda: client)
        self.origin = origin
        register(self.tools, START)

    def run(self, days: float, *, since: datetime = START) -> None:
        """Each tick at the moment at which something falls due."""
        now = since
        while now <= since + days * DAY:
            self.origin.now = now
            poll_due(self.tools, lambda now=now: now, threading.Event())
            with self.tools.store.read() as connection:
                coming = feeds.next_due_at(connection)
            if coming is None:
                break
            now = max(coming, now + timedelta(seconds=1))

    def feed(self, path: str) -> Feed:
        with self.tools.store.read() as connection:
            found = feeds.get(connection, f"{BASE}{path}")
        assert found is not None
        return found

    def stored(self, path: str) -> int:
        with self.tools.store.read() as connection:
            query = select(func.count()).where(entries.c.feed_url == f"{BASE}{path}")
            return connection.execute(query).scalar_one()


def page(version: Callable[[int], int] = lambda n: 0, /, *, body: Callable[[int], bytes] | None = None, **headers: str):
    """A page with validators; ``version`` says how often it has changed by the n-th request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(n: int) -> Answer:
        v = version(n)
        document = body(v) if body else rss(*(entry(f"Entry {i}") for i in range(v, v + 5)))
        changed = format_datetime(datetime(2025, 1, 1, tzinfo=UTC) + v * HOUR, usegmt=True)
        return 200, {"etag": f'W/"{v}"', "last-modified": changed} | named, document

    return answer


def always(status: int, body: bytes = b"", **headers: str) -> Page:
    return lambda n: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def first_then(first: Answer, then: Page) -> Page:
    return lambda n: first if n == 0 else then(n - 1)


STATIC = rss(*(entry(f"Entry {n}") for n in range(5)))
PAGES: dict[str, Page] = {
    "/quiet": page(),
    "/touched": page(lambda n: n // 5, body=lambda v: STATIC),
    "/flapping": lambda n: (500, {}, b"") if 2 <= n < 8 else page()(n),
    "/max-age": page(cache_control="max-age=14400"),
    "/ttl": page(body=lambda v: rss(entry("Entry"), head="<ttl>300</ttl>")),
    "/plain": always(200, STATIC),
    "/html": always(200, b"<html><title>Sign in</title></html>"),
    "/gone": always(410),
    "/missing": always(404),
    "/failing": always(500),
    "/moved": always(301, location="/moved-to"),
    "/elsewhere": always(302, location="/elsewhere-to"),
    "/portal": always(301, location="/html"),
    "/moved-to": page(),
    "/elsewhere-to": page(),
}


@pytest.fixture
def memory() -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        yield store


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    """Thirty days of all pages, lived once and judged by many tests."""
    origin = Origin()
    origin.pages = dict(PAGES)
    with Store.open("sqlite://") as store:
        month = Month(store, origin, *(f"{BASE}{path}" for path in PAGES if not path.endswith("-to")))
        month.run(30)
        yield month


CONDITIONAL = ["/quiet", "/touched", "/flapping", "/max-age", "/ttl"]


@pytest.mark.parametrize("path", CONDITIONAL)
def test_validators_are_those_of_the_last_200_every_time_and_never_made_up(month: Month, path: str):
    """Errors, unchanged bodies and weeks without a change do not make them forgotten."""
    assert +month.origin.faults[path] == Counter()


def test_nothing_is_sent_that_nobody_asked_for(month: Month):
    found = sum(month.origin.faults.values(), Counter())
    assert [found[fault] for fault in ("cookie", "referer", "no gzip", "not GET")] == [0] * 4
    assert len(month.origin.agents) == 1
    assert set(month.origin.asked) == set(PAGES)


def test_no_feed_is_asked_more_than_hourly_nor_less_than_daily(month: Month):
    for path in ("/quiet", "/touched", "/max-age", "/ttl"):
        assert min(month.origin.gaps(path)) >= HOUR
        assert max(month.origin.gaps(path)) <= 1.1 * DAY


def test_a_feed_that_never_changes_is_asked_less_and_less(month: Month):
    assert 4 * month.origin.on_day("/quiet", 30) <= month.origin.on_day("/quiet", 2)
    assert len(month.origin.asked["/quiet"]) < 80


def test_a_busy_feed_stays_at_its_interval(memory: Store):
    origin = Origin()
    origin.pages["/busy"] = page(lambda n: n)
    Month(memory, origin, f"{BASE}/busy").run(4)
    assert all(HOUR <= gap <= 1.1 * HOUR for gap in origin.gaps("/busy"))
    assert +origin.faults["/busy"] == Counter()


def test_a_server_without_validators_is_asked_daily(month: Month):
    assert median(month.origin.gaps("/plain")) >= DAY


def test_max_age_and_ttl_lengthen_every_gap(month: Month):
    assert min(month.origin.gaps("/max-age")) >= 4 * HOUR
    assert min(month.origin.gaps("/ttl")) >= 5 * HOUR


def test_errors_double_the_gap_up_to_a_day_and_a_success_ends_that(month: Month):
    gaps = month.origin.gaps("/failing")
    assert all(later > earlier for earlier, later in pairwise(gaps[:5]))
    assert 0.9 * DAY <= max(gaps) <= DAY
    assert month.feed("/flapping").state.failures == 0
    assert month.origin.gaps("/flapping")[8] < 12 * HOUR


def test_a_server_that_says_304_for_ever_is_asked_for_everything_after_a_month(memory: Store):
    origin = Origin()
    origin.pages["/stuck"] = lambda n: (200, {"etag": str(min(n, 3))}, rss(*(entry(f"{i}") for i in range(n, n + 5))))
    month = Month(memory, origin, f"{BASE}/stuck")
    month.run(40)
    assert +origin.faults["/stuck"] == Counter({"unconditional": 1})
    assert month.stored("/stuck") > 3 + 5


def test_410_is_asked_once_and_404_for_three_weeks(month: Month):
    assert len(month.origin.asked["/gone"]) == 1
    assert month.feed("/missing").state.gone
    assert timedelta(weeks=3) <= month.origin.asked["/missing"][-1] - START < timedelta(weeks=3, days=2)
    assert "polled no more" in (month.feed("/missing").state.error or "")


def test_a_permanent_move_is_adopted_after_a_week_and_its_old_address_is_left_alone(month: Month):
    assert timedelta(days=7) <= month.origin.asked["/moved"][-1] - START < timedelta(days=9)
    assert month.feed("/moved").address == f"{BASE}/moved-to"
    assert notices(month.feed("/moved")) == [f"moved to {BASE}/moved-to: change it in monitor.yaml"]
    assert month.origin.asked["/moved-to"][-1] > START + 28 * DAY


def test_neither_a_temporary_move_nor_one_to_no_feed_is_adopted(month: Month):
    for path in ("/elsewhere", "/portal"):
        assert month.feed(path).address == f"{BASE}{path}"
        assert month.origin.asked[path][-1] > START + 28 * DAY


@pytest.mark.parametrize("path", ["/moved", "/moved-to", "/elsewhere", "/elsewhere-to"])
def test_validators_go_to_the_page_that_gave_them_only(month: Month, path: str):
    assert +month.origin.faults[path] == Counter()


# --- What a server says to us in particular ---------------------------------------------------------------------------

AFTER = {
    "seconds": ({"retry-after": "90000"}, timedelta(hours=25)),
    "a date": (
        {"date": format_datetime(START, usegmt=True), "retry-after": format_datetime(START + 25 * HOUR, usegmt=True)},
        timedelta(hours=25),
    ),
    "absurd": ({"retry-after": "999999999"}, timedelta(days=7)),
    "a word": ({"retry-after": "soon"}, timedelta(hours=4)),
    "nothing": ({}, timedelta(hours=4)),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("headers", "wait"), AFTER.values(), ids=AFTER)
def test_retry_after_is_kept_to(memory: Store, status: int, headers: dict[str, str], wait: timedelta):
    origin = Origin()
    origin.pages["/limited"] = first_then((status, headers, b""), page())
    Month(memory, origin, f"{BASE}/limited").run(8)
    told = headers.get("retry-after", "soon") != "soon"
    expected = wait if told or status == 429 else 2 * HOUR  # a bare 429 slows down fourfold, a bare 503 twofold
    assert expected <= origin.gaps("/limited")[0] <= 1.1 * expected


def test_retry_after_counts_for_the_whole_host_and_outlives_a_restart(store: Store):
    origin = Origin()
    origin.pages = {f"/{n}": page() for n in range(5)} | {
        "/0": first_then((200, {}, STATIC), always(429, retry_after="36000"))
    }
    urls = [f"{BASE}/{n}" for n in range(5)]
    Month(store, origin, *urls).run(0.2)
    told = origin.asked["/0"][1]
    Month(store, origin, *urls).run(1, since=START + 0.21 * DAY)
    later = [at for n in range(5) for at in origin.asked[f"/{n}"] if at > told + timedelta(minutes=10)]
    assert min(later) >= told + 10 * HOUR


def test_neither_a_restart_nor_asking_often_asks_again(memory: Store):
    origin = Origin()
    origin.pages["/feed"] = page()
    for minute in range(0, 60, 3):
        month = Month(memory, origin, f"{BASE}/feed")
        origin.now = START + minute * timedelta(minutes=1)
        poll_due(month.tools, lambda: origin.now, threading.Event())
    assert len(origin.asked["/feed"]) == 1


def test_when_our_own_network_is_down_no_feed_is_blamed(store: Store):
    origin = Origin()
    names = [f"https://{n}.test" for n in range(5)]
    origin.pages["/"] = page(lambda n: n)
    month = Month(store, origin, *(f"{name}/" for name in names))
    month.run(0.1)
    origin.down = True
    month.run(0.5, since=START + 0.11 * DAY)
    with store.read() as connection:
        states = [feed.state for feed in feeds.listed(connection)]
    assert {(state.failures, state.gone, state.error) for state in states} == {(0, False, OUR_NETWORK)}
    origin.down = False
    month.run(0.1, since=START + 0.7 * DAY)
    with store.read() as connection:
        assert {feed.state.error for feed in feeds.listed(connection)} == {None}


def test_nor_is_any_when_they_are_all_polled_at_once(memory: Store):
    origin = Origin()
    origin.down = True
    month = Month(memory, origin, *(f"https://{n}.test/" for n in range(5)))
    with memory.read() as connection:
        listed = feeds.listed(connection)
    polled = poll_all(listed, month.tools, lambda: START, threading.Event())
    assert [bool(intake.poll.error) for intake in polled] == [True] * 5
    with memory.read() as connection:
        assert {(feed.state.failures, feed.state.error) for feed in feeds.listed(connection)} == {(0, OUR_NETWORK)}


def test_three_dead_hosts_beside_a_living_one_are_their_own_fault(memory: Store):
    class Half(Origin):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.host.startswith("dead"):
                raise httpx.ConnectError("no route to host")
            return super().__call__(request)

    origin = Half()
    origin.pages["/"] = page()
    month = Month(memory, origin, *(f"https://dead{n}.test/" for n in range(5)), "https://news.test/")
    month.run(0)
    with memory.read() as connection:
        assert [feed.state.failures for feed in feeds.listed(connection)] == [1, 1, 1, 1, 1, 0]


def test_a_trial_of_seconds_is_not_slowed_down(memory: Store):
    origin = Origin()
    origin.pages = {"/plain": always(200, STATIC), "/quiet": page()}
    Month(memory, origin, f"{BASE}/plain", f"{BASE}/quiet", interval="1s").run(60 / 86_400)
    assert len(origin.asked["/plain"]) > 20
    assert len(origin.asked["/quiet"]) > 20


# --- What comes back is no news ---------------------------------------------------------------------------------------


def ten(make: Callable[[int, int], str]) -> Page:
    """Ten entries, made of the number of the request and of the entry."""
    return lambda n: (200, {}, rss(*(make(n, i) for i in range(10))))


def now_of(n: int) -> str:
    return format_datetime(START + n * HOUR, usegmt=True)


FLOODS: dict[str, tuple[Page, bool]] = {
    "new guids each time": (ten(lambda n, i: entry(f"Entry {i}", guid=f"{n}-{i}")), True),
    "new guids and dates": (ten(lambda n, i: entry(f"Entry {i}", guid=f"{n}-{i}", date=now_of(n))), True),
    "a token in each link": (ten(lambda n, i: entry(f"Entry {i}", link=f"{BASE}/{i}?v={n}x{i}")), True),
    "the same, undated": (ten(lambda n, i: entry(f"E {i}", link=f"{BASE}/{i}?v={n}", date="", text=f"T{i}")), True),
    "one guid for all": (ten(lambda n, i: entry(f"Entry {i}", guid="same")), False),
    "no guid at all": (ten(lambda n, i: entry(f"Entry {i}")), False),
    "titles that are edited": (
        ten(lambda n, i: entry(f"Entry {i}, edit {n}", guid=f"id {i}", link=f"{BASE}/{i}")),
        False,
    ),
    "dates of the far future": (ten(lambda n, i: entry(f"Entry {i}", date="Fri, 31 Dec 2999 23:59:59 GMT")), False),
    "dates of the epoch": (ten(lambda n, i: entry(f"Entry {i}", date="Thu, 01 Jan 1970 00:00:00 GMT")), False),
    "the time of the request": (ten(lambda n, i: entry(f"Entry {i}", guid=f"id {i}", date=now_of(n))), False),
}


@pytest.mark.parametrize(("answer", "believed_no_more"), FLOODS.values(), ids=FLOODS)
def test_ten_polls_of_ten_entries_are_ten_entries(store: Store, answer: Page, believed_no_more: bool):
    origin = Origin()
    origin.pages["/flood"] = answer
    month = Month(store, origin, f"{BASE}/flood", interval="1m")
    month.run(12 / 1440)
    assert len(origin.asked["/flood"]) >= 10
    assert month.stored("/flood") == 10
    assert bool(notices(month.feed("/flood"))) == believed_no_more


def test_what_is_new_in_a_feed_that_is_believed_no_more_is_told(store: Store):
    origin = Origin()
    origin.pages["/flood"] = ten(lambda n, i: entry(f"Entry {i + n // 6}", guid=f"{n}-{i}"))
    month = Month(store, origin, f"{BASE}/flood", interval="1m")
    month.run(13 / 1440)
    assert len(origin.asked["/flood"]) == 13
    assert month.stored("/flood") == 12


def test_an_entry_that_is_another_one_at_each_poll_is_revised_so_often_and_no_more(store: Store):
    origin = Origin()
    origin.pages["/ticker"] = lambda n: (200, {}, rss(entry(f"{n} minutes ago", guid="a")))
    month = Month(store, origin, f"{BASE}/ticker", interval="1m")
    month.run(40 / 1440)
    with store.read() as connection:
        assert connection.execute(select(func.max(entries.c.revision), func.count(entries.c.id))).one() == (25, 1)
        assert connection.execute(select(func.count(revisions.c.entry_id))).scalar_one() == 24
