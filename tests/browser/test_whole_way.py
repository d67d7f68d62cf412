"""A person's whole way over the real daemon: a feed, an entry, why, a correction, a digest that failed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.servers import Desk, Site, rss
from tests.test_daemon import House

pytestmark = pytest.mark.browser


def test_from_a_feed_to_a_digest_that_was_sent_again(page: Page, tmp_path: Path, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Cats")
    site.documents["/news.xml"] = rss("Dogs", feed="Arden Gazette")
    house = House(tmp_path, site, desk)
    house.settings["web"] = {"bind": "127.0.0.1:0"}
    house.settings["digests"][0]["schedule"] = "0 8 1 1 *"
    house.write()
    with house.running():
        base = next(word for word in house.log.read_text("utf-8").split() if word.endswith("/healthz"))
        page.goto(base.removesuffix("/healthz"))

        # Follow another feed.
        page.get_by_role("link", name="Feeds").click()
        page.get_by_role("link", name="Add feeds").click()
        page.get_by_label("Address").fill(f"{site.base}/news.xml")
        page.get_by_role("button", name="Look for feeds").click()
        page.get_by_role("button", name="Follow it").click()
        expect(page.get_by_text("Followed from now on")).to_be_visible()
        expect(page.get_by_role("link", name="Dogs")).to_be_visible(timeout=20_000)

        # Watch an entry come in on an open page.
        page.get_by_role("link", name="Story").click()
        expect(page.get_by_text("no report yet")).to_be_visible()
        site.documents["/news.xml"] = rss("Arden bridge delayed again", "Dogs", feed="Arden Gazette")
        latest = page.get_by_role("link", name="Arden bridge delayed again")
        expect(latest.first).to_be_visible(timeout=20_000)

        # See why, and correct it.
        latest.first.click()
        page.get_by_role("link", name="why it belongs").click()
        expect(page.get_by_role("heading", name=re.compile("Belongs to"))).to_be_visible()
        page.get_by_role("button", name="No").first.click()
        expect(page.get_by_text("Noted.")).to_be_visible()

        # Preview the digest, send it, see it fail.
        desk.answers = [422]
        page.get_by_role("link", name="Digests").click()
        page.get_by_role("link", name="Preview").click()
        expect(page.frame_locator("iframe").get_by_text("Arden bridge delayed again").first).to_be_visible()
        page.get_by_role("button", name="Send it now").click()
        expect(page.locator("tbody").get_by_text("Given up")).to_be_visible(timeout=20_000)

        # Send it again.
        page.locator("tbody").get_by_role("link", name="quick").click()
        expect(page.get_by_text("Rejected")).to_be_visible()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("tbody").get_by_text("Delivered")).to_be_visible(timeout=20_000)
    assert desk.titles == ["Arden bridge delayed again"]
    assert len({body for _, body in desk.received}) == 1
    assert desk.bad_signatures == 0
