"""Whatever a feed says, it is text: no dialog, no request to anywhere else, nothing that the policy had to stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.screenshots import hosted
from monitor.demo.week import DemoEntry, DemoFeed
from monitor.feeds.isolation import Parser
from monitor.pipeline import request_digest
from monitor.storage import outbox, overview
from monitor.storage.store import Store
from tests.factories import NOON
from tests.seeding import STORY, seeded, take_in_day

pytestmark = pytest.mark.browser

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}} {% print(7*7) %}",
    "</title><script>alert(1)</script>",
    "</textarea></pre><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<link rel=stylesheet href=https://evil.test/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.test/'>",
    "<base href=https://evil.test/>",
    "<div hx-get=https://evil.test/ hx-trigger=load>x</div>",
    "\u202eevil\u2066",
)
ADDRESSES = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", 'https://evil.test/"onclick=alert(1)//')


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A site whose every entry attacks it, and the pages that show them."""
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(f"sqlite:///{tmp_path}/monitor.db"))
        tools = seeded(tmp_path, store, stack.enter_context(Parser(workers=1)), NOON)
        feed = DemoFeed(name="wire", title=ATTACKS[0], format="rss", lang='"><script>alert(1)</script>')
        entries = [
            DemoEntry(
                id=f"{ADDRESSES[number % 3]}#{number}",
                day=1,
                feed="wire",
                title=f"Meta delays Avocado, its AI model, to May: {attack}",
                summary=f"{attack} Meta Avocado is delayed, {attack}",
                published=NOON,
                event=None,
                left_out=None,
            )
            for number, attack in enumerate(ATTACKS)
        ]
        take_in_day(feed, entries, tools, NOON)
        request_digest(tools.config.digests[0], tools, NOON)
        with store.read() as connection:
            events = overview.outlines(connection, STORY, limit=50)
            deliveries = outbox.list_deliveries(connection, limit=5)
            size = overview.size(connection)["entries"]
        paths = [f"/stories/{STORY}", "/feeds", "/search?q=<script>alert(1)</script>", "/search?q=avocado", "/digests"]
        paths += [
            f"/stories/{STORY}/storylines/{line}" for line in {line for event in events for line in event.storylines}
        ]
        paths += [f"/events/{event.id}" for event in events]
        paths += [f"/entries/{size - number}" for number in range(len(ATTACKS))]
        paths += [f"/deliveries/{one.id}{part}" for one in deliveries for part in ("", "/digest", "/paper")]
        yield stack.enter_context(hosted(tools, tmp_path)), paths


def test_no_word_of_a_feed_does_anything(browser: Browser, hostile: tuple[str, list[str]]):
    base, paths = hostile
    context = browser.new_context()
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`));"
    )
    page = context.new_page()
    dialogs: list[str] = []
    elsewhere: list[str] = []
    said: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(base) else elsewhere.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    links: set[str] = set()
    for path in paths:
        page.goto(base + path)
        for details in page.locator("details").all():
            details.evaluate("one => one.open = true")
        links |= set(page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.protocol)"))
        assert "49" not in page.title()
    context.close()
    assert (dialogs, elsewhere, said) == ([], [], [])
    assert links <= {"http:", "https:"}
