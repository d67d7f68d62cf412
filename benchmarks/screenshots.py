"""Pictures of every page, light and dark, desktop and phone, over the demo's story: `python -m benchmarks.screenshots`.

They go to docs/pages. Look at them after a change of a page.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from monitor.app import register, wire
from monitor.config.editing import MainFile
from monitor.demo.week import DemoEntry, load_week
from monitor.domain import Attempt, DeliveryState, Outcome
from monitor.errors import FetchError
from monitor.feeds.isolation import Parser
from monitor.feeds.polling import failed
from monitor.pipeline import Tools, hand_over, record_attempt, request_digest, take_in
from monitor.storage import entries, feeds, outbox, overview
from monitor.storage.store import Store
from monitor.web.app import build_app
from monitor.web.host import Host
from monitor.web.serving import serving
from tests.seeding import STORY, seeded, take_in_day

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
SIZES = {"desktop": (1180, 844), "phone": (390, 844)}
#: What somebody is typing in a picture: page, field, words.
TYPED = {"topic": ("#aliases", "Avocado\nQwen"), "query": ("#query", "@avocado title:called OR Qwen")}
SHEET = "body { margin: 16px; display: flex; gap: 14px; background: #8b8f94 } img { border-radius: 4px }"


def lived_in(folder: Path, store: Store, parser: Parser, now: datetime) -> Tools:
    """The demo's week over ten, with digests sent, a receiver that failed, feeds that fail and an edited entry."""
    channels = [
        {"id": "archive", "type": "file", "path": f"{folder}/digests"},
        {"id": "desk", "type": "webhook", "url": "http://127.0.0.1:9/hook", "secret": "whsec_" + "MDEy" * 8},
    ]
    digests = [
        {"id": "morning", "story": STORY, "channels": ["archive", "desk"], "schedule": "0 8 * * *"},
        {"id": "weekly", "story": STORY, "channels": ["archive"], "schedule": "0 8 * * 1", "empty": "send"},
    ]
    tools = seeded(folder, store, parser, now, stretch=10, channels=channels, digests=digests)
    for settings, days in ((tools.config.digests[0], 9), (tools.config.digests[1], 1)):
        for delivery in request_digest(settings, tools, now - timedelta(days=days)):
            answer, elapsed = hand_over(delivery, tools, now - timedelta(days=days))
            record_attempt(delivery, answer, tools, now - timedelta(days=days), jitter=0, elapsed=elapsed)
    with store.write() as connection:
        owed = next(one for one in outbox.list_deliveries(connection, limit=9) if one.channel == "desk")
        attempt = Attempt(
            delivery_id=owed.id,
            at=now - timedelta(days=1),
            outcome=Outcome.REJECTED,
            duration_ms=214,
            status=413,
            detail="the receiver answered 413 Payload Too Large: body exceeds 64 kB",
        )
        outbox.record(connection, attempt, state=DeliveryState.FAILED, next_attempt_at=None)
        listed = feeds.listed(connection)
        stored = entries.get(connection, 1)
    for feed, reason in zip(
        listed, ("the server answered 503 Service Unavailable", "no such host: news.test"), strict=False
    ):
        take_in(
            failed(feed, FetchError(feed.url, reason), now - timedelta(minutes=20)), tools, now - timedelta(minutes=20)
        )
    renamed(tools, now - timedelta(hours=5))
    assert stored is not None
    with store.write() as connection:
        changed = replace(stored.entry, title=stored.entry.title.replace("May", "June"))
        entries.revise(connection, changed, now - timedelta(days=60))
    return tools


def renamed(tools: Tools, now: datetime) -> None:
    """Two outlets say what Avocado's successor is called, so that the monitor asks."""
    week = load_week(now)
    said = {
        "wire": "Meta shows staff Guac One, formerly Avocado, its closed AI model",
        "byte": "Meta's AI model Avocado is now called Guac One, two people say",
    }
    for feed in week.feeds:
        if feed.name in said:
            entry = DemoEntry(
                id=f"{feed.name}-renamed", day=8, feed=feed.name, title=said[feed.name],
                summary="The AI model is due later this year.", published=now,
                event=None, left_out=None,
            )  # fmt: skip
            take_in_day(feed, [entry], tools, now + timedelta(minutes=5), now)


@contextmanager
def hosted(tools: Tools, folder: Path) -> Iterator[str]:
    """A site over these tools, which a page may replace; its address."""
    held = [tools]

    def save(file: MainFile) -> str:
        held[0] = wire(file.save({}), tools.store, tools.parser)
        register(held[0], datetime.now(UTC))
        return ""

    host = Host(tools=lambda: held[0], use=lambda new: held.__setitem__(0, new), folder=folder, save=save)
    with serving("127.0.0.1:0", build_app(host)) as base:
        yield base


@contextmanager
def demo_site(folder: Path) -> Iterator[tuple[str, Tools]]:
    """A served site over a story that was followed for weeks: its address and its tools."""
    now = datetime.now(UTC).replace(microsecond=0)
    with Store.open(f"sqlite:///{folder}/monitor.db") as store, Parser(workers=1) as parser:
        tools = lived_in(folder, store, parser, now)
        with hosted(tools, folder) as base:
            yield base, tools


def pages(tools: Tools) -> dict[str, str]:
    """A name for each page, and its path."""
    with tools.store.read() as connection:
        event = max(overview.outlines(connection, STORY, limit=100), key=lambda event: event.reports)
        rejected = next(one for one in outbox.list_deliveries(connection, limit=9) if one.channel == "desk")
        told = next(one for one in outbox.list_deliveries(connection, limit=9) if one.digest == "morning")
        (troubled, *_) = feeds.browse(connection, troubled=True, limit=1)
    line = event.storylines[0]
    return {
        "story": f"/stories/{STORY}",
        "storyline": f"/stories/{STORY}/storylines/{line}",
        "event": f"/events/{event.id}",
        "entry": "/entries/1",
        "search": "/search?q=牛油果",
        "digests": "/digests",
        "digest": f"/deliveries/{told.id}/digest",
        "preview": "/digests/morning/preview",
        "deliveries": "/deliveries",
        "delivery": f"/deliveries/{rejected.id}",
        "feeds": "/feeds",
        "feed": f"/feeds/{troubled.handle}",
        "add": "/feeds/add",
        "topics": f"/stories/{STORY}/topics",
        "topic": f"/stories/{STORY}/topics/avocado",
        "query": f"/stories/{STORY}/storylines/{line}/query",
        "settings": "/settings",
        "nowhere": "/nowhere",
    }


def take(browser: Browser, base: str, wanted: dict[str, str], into: Path) -> None:
    """One picture a page: by day and by night, on a desk and on a phone, side by side at half their size."""
    for name, path in wanted.items():
        shots = []
        for scheme in ("light", "dark"):
            for width, height in SIZES.values():
                size = {"width": width, "height": height}
                context = browser.new_context(
                    viewport=size, color_scheme=scheme, locale="en-GB", timezone_id="Europe/Berlin"
                )
                page = context.new_page()
                page.goto(base + path)
                if name in TYPED:
                    page.fill(*TYPED[name])
                    page.wait_for_selector("#preview .tally")
                page.wait_for_timeout(200)
                shots.append((width, base64.b64encode(page.screenshot()).decode()))
                context.close()
        sheet = browser.new_page(viewport={"width": 1640, "height": 460})
        pictures = "".join(f'<img width={width / 2} src="data:image/png;base64,{data}">' for width, data in shots)
        sheet.set_content(f"<style>{SHEET}</style>{pictures}", wait_until="load")
        sheet.screenshot(path=into / f"{name}.png")
        sheet.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("docs/pages"))
    parser.add_argument("--only", nargs="*", help="names of pages")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo_site(Path(folder)) as (base, tools), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        known = {name: path for name, path in pages(tools).items() if name != "nowhere"}
        take(
            browser, base, {name: path for name, path in known.items() if name in (options.only or known)}, options.into
        )
        browser.close()


if __name__ == "__main__":
    main()
