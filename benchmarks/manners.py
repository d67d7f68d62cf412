"""How well the monitor behaves towards feeds: a month of ``monitor tick --at`` against an origin that keeps score.

    python benchmarks/manners.py [--days 30]

Every tick is the real command in a process of its own, at the next moment at which a feed falls due (moments within
five minutes are one); only the time is simulated. The origin stands on loopback, its clock is that of the ticks, and it
notes what it is asked, when, and with which validators. Prints rows of the table in docs/polling.md. A month is some
1,300 ticks: ten minutes and more on an idle machine. This Python must be able to ``import monitor``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from statistics import median

from monitor.storage import feeds
from monitor.storage.store import Store

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Feeds that fall due within it are polled by one tick, later by so much at most.
STEP = timedelta(minutes=5)
VALIDATORS = {"if-none-match": "etag", "if-modified-since": "last-modified"}

Answer = tuple[int, dict[str, str], bytes]
#: What a page answers to its n-th request, n from 0, at that moment.
Page = Callable[[int, datetime], Answer]


def document(newest: int = 0, head: str = "") -> bytes:
    items = "".join(
        f"<item><title>Entry {n}</title><link>http://news.test/{n}</link></item>" for n in range(newest, newest + 5)
    )
    return f"<rss version='2.0'><channel><title>News</title>{head}{items}</channel></rss>".encode()


def changing(version: Callable[[int], int] = lambda _: 0, head: str = "", **headers: str) -> Page:
    """A page with both validators, which has changed so often by its n-th request."""

    def answer(n: int, _: datetime) -> Answer:
        v = version(n)
        changed = format_datetime(START - 300 * DAY + v * HOUR, usegmt=True)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return 200, {"etag": f'W/"{v}"', "last-modified": changed} | named, document(v, head)

    return answer


def always(status: int, body: bytes = b"", **headers: str) -> Page:
    return lambda *_: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def limited(status: int, wait: str | timedelta | None) -> Page:
    """A page that wants to be left alone after its first request: in these words, or until that date."""

    def answer(n: int, now: datetime) -> Answer:
        if n != 1:
            return changing()(n, now)
        until = format_datetime(now + wait, usegmt=True) if isinstance(wait, timedelta) else wait
        return status, {"retry-after": until} if until else {}, b""

    return answer


#: Pages that want to be left alone, and for how long they must be.
LIMITED: dict[str, tuple[Page, timedelta]] = {
    "/429-seconds": (limited(429, "90000"), 25 * HOUR),
    "/503-date": (limited(503, 25 * HOUR), 25 * HOUR),
    "/429-absurd": (limited(429, "999999999"), 7 * DAY),
    "/503-word": (limited(503, "soon"), 2 * HOUR),
    "/429-nothing": (limited(429, None), 4 * HOUR),
}
PAGES: dict[str, Page] = {
    "/quiet": changing(),
    "/changing": changing(lambda n: n // 3),
    "/busy-for-90-polls": changing(lambda n: min(n, 90)),
    "/max-age": changing(cache_control="max-age=14400"),
    "/ttl": changing(head="<ttl>300</ttl>"),
    "/plain": always(200, document()),
    "/html": always(200, b"<html><title>Sign in</title></html>"),
    "/gone": always(410),
    "/missing": always(404),
    "/moved": always(301, location="/moved-to"),
    "/elsewhere": always(302, location="/elsewhere-to"),
    "/portal": always(301, location="/html"),
    "/moved-to": changing(),
    "/elsewhere-to": changing(),
    **{path: page for path, (page, _) in LIMITED.items()},
}
CONDITIONAL = ("/quiet", "/changing", "/busy-for-90-polls", "/max-age", "/ttl", "/moved-to", "/elsewhere-to")


class Score:
    """What the origin has seen."""

    def __init__(self) -> None:
        self.now = START
        self.asked: dict[str, list[datetime]] = defaultdict(list)
        self.faults: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.most_open = 0
        self._open: Counter[str] = Counter()
        self._given: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def answer(self, path: str, sent: dict[str, str]) -> Answer:
        with self._lock:
            self._open[path] += 1
            self.most_open = max(self.most_open, self._open[path])
            n = len(self.asked[path])
            self.asked[path].append(self.now)
            self._judge(path, sent)
            status, headers, body = PAGES[path](n, self.now)
            if status == 200:
                self._given[path] = headers
                if sent.get("if-none-match") == headers.get("etag", "none"):
                    status, body = 304, b""
            self._open[path] -= 1
            return status, headers, body

    def _judge(self, path: str, sent: dict[str, str]) -> None:
        given = self._given.get(path, {})
        for name, source in VALIDATORS.items():
            self.faults["validators that are not those of the last 200"] += name in sent and sent[name] != given.get(
                source
            )
            self.faults["unconditional"] += source in given and name not in sent
        self.faults["cookies, Referer, no gzip"] += "cookie" in sent or "referer" in sent
        self.faults["cookies, Referer, no gzip"] += sent.get("accept-encoding") != "gzip"
        self.agents.add(sent.get("user-agent", ""))

    def gaps(self, *paths: str) -> list[timedelta]:
        return [later - earlier for path in paths for earlier, later in pairwise(self.asked[path])]

    def on_day(self, path: str, day: int) -> int:
        return sum(START + (day - 1) * DAY <= at < START + day * DAY for at in self.asked[path])


def serve(score: Score) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = score.answer(
                self.path, {name.lower(): value for name, value in self.headers.items()}
            )
            self.send_response_only(status)
            for name, value in (headers | {"Date": format_datetime(score.now, usegmt=True)}).items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            score.faults["HEAD"] += 1
            self.send_error(405)

        def log_message(self, *_: object) -> None:
            """It keeps score, not a log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def live(days: int, folder: Path) -> Score:
    """Tick through so many days."""
    score = Score()
    server = serve(score)
    base = f"http://127.0.0.1:{server.server_address[1]}"
    (folder / "config").mkdir()
    settings = {
        "storage": {"url": f"sqlite:///{folder}/monitor.db"},
        "network": {"allow": ["127.0.0.1/32"]},
        "feeds": [{"url": base + path} for path in PAGES if not path.endswith("-to")],
    }
    (folder / "config" / "monitor.yaml").write_text(json.dumps(settings))  # JSON is YAML
    while score.now < START + days * DAY:
        command = (
            sys.executable,
            "-m",
            "monitor",
            "tick",
            "--config",
            folder / "config",
            "--at",
            score.now.isoformat(),
        )
        ticked = subprocess.run(command, check=False, capture_output=True, text=True)
        if ticked.returncode:
            raise SystemExit(ticked.stderr)
        with Store.open(settings["storage"]["url"]) as store, store.read() as connection:
            due = feeds.next_due_at(connection)
        assert due is not None
        score.now = max(due, score.now) + STEP
        print(f"\rday {(score.now - START).days}", end="", file=sys.stderr)
    server.shutdown()
    return score


def hours(gap: timedelta) -> str:
    return f"{gap / HOUR:.2f} h"


def rows(score: Score, days: int) -> Iterator[tuple[str, str, bool]]:
    """Criterion, figure, and whether it is met."""
    wrong = score.faults["validators that are not those of the last 200"]
    yield "validators sent that are not those of the last 200, byte for byte", f"{wrong}", not wrong
    loose = score.faults["unconditional"]
    yield "unconditional requests to a page that gave validators, after the first", f"{loose}", not loose
    shortest = min(score.gaps(*CONDITIONAL))
    yield "conditional polls at most hourly: shortest gap", hours(shortest), shortest >= HOUR
    plain = median(score.gaps("/plain"))
    yield "a server without validators at most daily: median gap", hours(plain), plain >= DAY
    aged = min(score.gaps("/max-age"))
    yield "`max-age=14400`: shortest gap", hours(aged), aged >= 4 * HOUR
    lasting = min(score.gaps("/ttl"))
    yield "`<ttl>300</ttl>`: shortest gap", hours(lasting), lasting >= 5 * HOUR
    early, late = score.on_day("/quiet", 2), score.on_day("/quiet", days)
    yield f"a feed that never changes: requests on day 2, on day {days}", f"{early}, {late}", late * 4 <= early
    busy = median(score.gaps("/busy-for-90-polls")[:90])
    yield "a feed with something new at each of 90 polls: median gap", hours(busy), busy <= 1.2 * HOUR
    told = {path: (score.gaps(path)[1], wait) for path, (_, wait) in LIMITED.items()}
    hasty = sum(gap < wait for gap, wait in told.values())
    yield f"`Retry-After` in seconds, as a date, absurd, a word, none: too early of {len(told)}", f"{hasty}", not hasty
    longest = max(score.gaps("/html"))
    yield "a page that is never a feed: longest gap", hours(longest), 20 * HOUR <= longest <= DAY + STEP
    gone = len(score.asked["/gone"])
    yield "410: requests", f"{gone}", gone == 1
    given_up = score.asked["/missing"][-1] - START
    yield "404: given up after", f"{given_up / DAY:.1f} days", 21 * DAY <= given_up < 23 * DAY
    moved = score.asked["/moved"][-1] - START
    yield "301 to a feed: old address asked for the last time after", f"{moved / DAY:.1f} days", moved < 9 * DAY
    stayed = min(score.asked[path][-1] for path in ("/elsewhere", "/portal")) - START
    yield (
        "302 to a feed, 301 to a page that is none: still asked on day",
        f"{stayed / DAY:.0f}",
        stayed > (days - 2) * DAY,
    )
    strange = score.faults["cookies, Referer, no gzip"] + score.faults["HEAD"]
    yield "HEAD, cookies, Referer, requests without gzip", f"{strange}", not strange
    yield "different User-Agents", f"{len(score.agents)}", len(score.agents) == 1
    yield "most requests open at once for a page", f"{score.most_open}", score.most_open == 1


def main() -> None:
    options = argparse.ArgumentParser(description="See the docstring.")
    options.add_argument("--days", type=int, default=30, help="at least 24: a missing page is given up after 21")
    days = max(options.parse_args().days, 24)
    with tempfile.TemporaryDirectory() as temporary:
        score = live(days, Path(temporary))
    print(f"\n| {days} days, {sum(map(len, score.asked.values()))} requests | figure | |\n|---|---|---|")
    for criterion, figure, met in rows(score, days):
        print(f"| {criterion} | {figure} | {'pass' if met else 'MISSED'} |")


if __name__ == "__main__":
    main()
