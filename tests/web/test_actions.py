"""What people have done from a page: feeds taken up and left, a word on an entry, digests sent and sent again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from monitor.app import register, wire
from monitor.config.loading import load
from monitor.digests.render import payload
from monitor.domain import Attempt, DeliveryState, Feed, Outcome
from monitor.feeds.isolation import Parser
from monitor.pipeline import poll_feed
from monitor.storage import channels, feedback, feeds, outbox, search, stories
from monitor.storage.store import Store
from monitor.stories.likeness import Beat
from tests.factories import NOON
from tests.servers import SECRET, Desk, rss, serve
from tests.servers import Site as Origin
from tests.test_pipeline import STORY
from tests.web.conftest import Site


@pytest.fixture
def small(tmp_path: Path, store: Store, parser: Parser, site: Origin, desk: Desk) -> Iterator[Site]:
    """A site over one feed and one channel, with one entry that belongs."""
    site.documents["/feed.xml"] = rss("Cats")
    values = {
        "network": {"allow": ["127.0.0.1/32"]},
        "web": {"public_url": "https://watch.test/"},
        "feeds": [{"url": f"{site.base}/feed.xml"}],
        "channels": [{"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET}],
        "digests": [{"id": "quick", "story": "bridge", "channels": ["desk"], "schedule": "0 8 * * *"}],
    }
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
    (tmp_path / "monitor.yaml").write_text(f"# kept\n{yaml.safe_dump(values)}", "utf-8")
    tools = replace(wire(load(tmp_path, {}), store, parser), beats={"bridge": Beat(lines=1)})  # words alone, no encoder
    register(tools, NOON)
    for titles in (["Cats"], ["Arden bridge delayed", "Cats"]):
        site.documents["/feed.xml"] = rss(*titles)
        with store.read() as connection:
            (feed,) = feeds.listed(connection)
        poll_feed(feed, tools, NOON)
    with ExitStack() as stack:
        yield Site(tools, tmp_path, stack)


@pytest.fixture
def site() -> Iterator[Origin]:
    origin = Origin()
    with serve(origin):
        yield origin


def entry_of(small: Site, title: str) -> int:
    with small.tools.store.read() as connection:
        return search.find(connection, title, limit=1)[0]


def latest(small: Site) -> tuple[int, DeliveryState]:
    with small.tools.store.read() as connection:
        (delivery, *_) = outbox.list_deliveries(connection, limit=5)
    return delivery.id, delivery.state


# --- Feeds ------------------------------------------------------------------------------------------------------------


def test_a_page_s_feeds_are_found_and_one_is_taken_up_with_every_comment_kept(small: Site, site: Origin):
    site.documents["/"] = (
        b'<html><link rel="alternate" type="application/rss+xml" href="/other.xml" title="Other"></html>'
    )
    site.documents["/other.xml"] = rss("Dogs", feed="Other")
    found = small.ask.post("/feeds/find", data={"url": site.base})
    assert f'value="{site.base}/other.xml"' in found.text
    answer = small.ask.post("/feeds", data={"url": f"{site.base}/other.xml", "title": "Other", "tags": "news, dogs"})
    assert answer.status_code == 303
    assert "Followed from now on" in small.page(answer.headers["location"])
    text = (small.folder / "monitor.yaml").read_text("utf-8")
    assert text.startswith("# kept\n")
    assert yaml.safe_load(text)["feeds"][1] == {
        "url": f"{site.base}/other.xml",
        "title": "Other",
        "tags": ["news", "dogs"],
    }
    assert small.ask.post("/feeds", data={"url": f"{site.base}/other.xml"}).status_code == 409


NO_FEEDS = {
    "no address": ("not an address", "That is no web address"),
    "nothing there": ("{base}/nothing", "404"),
    "a page without feeds": ("{base}/page", "No feed was found there"),
    "an address that is ours": ("http://[::1]/", "address not allowed"),
}


@pytest.mark.parametrize(("url", "said"), NO_FEEDS.values(), ids=NO_FEEDS)
def test_where_no_feed_is_found_that_is_told(small: Site, site: Origin, url: str, said: str):
    del site.documents["/feed.xml"]
    site.documents["/page"] = b"<html>Nothing</html>"
    answer = small.ask.post("/feeds/find", data={"url": url.format(base=site.base)})
    assert answer.status_code == 422
    assert said in answer.text


def test_a_feed_with_a_variable_in_its_address_is_not_written(small: Site):
    answer = small.ask.post("/feeds", data={"url": "https://evil.test/${DESK_SECRET}"})
    assert answer.status_code == 422
    assert "DESK_SECRET" not in (small.folder / "monitor.yaml").read_text("utf-8")


def test_a_feed_is_asked_now_paused_taken_up_again_and_taken_out(small: Site, site: Origin):
    handle = Feed(url=f"{site.base}/feed.xml").handle

    def due() -> list[Feed]:
        with small.tools.store.read() as connection:
            return feeds.due(connection, NOON, limit=5)

    assert due() == []
    assert small.ask.post(f"/feeds/{handle}/poll").status_code == 303
    assert len(due()) == 1
    small.ask.post(f"/feeds/{handle}/pause", data={"paused": "true"})
    assert due() == []
    assert "paused" in small.page("/feeds")
    small.ask.post(f"/feeds/{handle}/pause", data={"paused": "false"})
    assert len(due()) == 1
    assert small.ask.post(f"/feeds/{handle}/remove").status_code == 303
    assert "No feed is followed yet" in small.page("/feeds")
    small.page(f"/feeds/{handle}", 404)


def test_a_list_is_brought_along_and_given_on(small: Site):
    opml = b"""<opml version="2.0"><body><outline text="News"><outline type="rss" text="One" xmlUrl="https://one.test/f"/>
    <outline type="rss" text="Again" xmlUrl="https://one.test/f"/></outline></body></opml>"""
    answer = small.ask.post("/feeds/import", files={"file": ("list.opml", opml)})
    assert "1 feed brought along" in answer.text
    assert "Left out" in answer.text
    given = small.ask.get("/feeds.opml")
    assert 'xmlUrl="https://one.test/f"' in given.text
    assert "attachment" in given.headers["content-disposition"]
    assert small.ask.post("/feeds/import", files={"file": ("x", b"<html/>")}).status_code == 422


# --- An entry ---------------------------------------------------------------------------------------------------------


def test_a_reader_s_word_is_kept_and_heeded_at_once(small: Site):
    entry, before = entry_of(small, "delayed"), small.tools.matchers["bridge"]
    said = {"story": "bridge", "storyline": "opening", "belongs": "no"}
    answer = small.ask.post(f"/entries/{entry}/feedback", data=said)
    assert answer.status_code == 303
    assert "Noted" in small.page(answer.headers["location"].partition("#")[0])
    with small.tools.store.read() as connection:
        (kept,) = feedback.of_story(connection, "bridge")
    assert (kept.target, kept.belongs, kept.entry.title) == ("opening", False, "Arden bridge delayed")
    assert small.tools.matchers["bridge"] is not before
    scores = [matcher.match(kept.entry).storylines[0].score for matcher in (before, small.tools.matchers["bridge"])]
    assert scores[1] < scores[0]


@pytest.mark.parametrize("wrong", [{"storyline": "none"}, {"story": "none"}, {"belongs": "maybe"}])
def test_a_word_on_something_that_is_not_there_is_refused(small: Site, wrong: dict[str, str]):
    said = {"story": "bridge", "storyline": "opening", "belongs": "no"} | wrong
    assert small.ask.post(f"/entries/{entry_of(small, 'delayed')}/feedback", data=said).status_code == 422


# --- An event ---------------------------------------------------------------------------------------------------------


def test_events_are_split_moved_and_merged_and_old_addresses_lead_on(small: Site, site: Origin):
    site.documents["/feed.xml"] = rss(
        "Ferry boats will open in May, Arden bridge or not", "Arden bridge delayed", "Cats"
    )
    with small.tools.store.read() as connection:
        (feed,) = feeds.listed(connection)
    poll_feed(feed, small.tools, NOON)
    first, second = entry_of(small, "delayed"), entry_of(small, "ferry")

    def event(entry: int) -> str:
        with small.tools.store.read() as connection:
            report = stories.report_of(connection, "bridge", entry)
        assert report
        return report.event

    if event(first) == event(second):
        assert small.ask.post(f"/events/{event(first)}/split", data={"entry": second}).status_code == 303
    apart = event(second)
    assert apart != event(first)
    answer = small.ask.post(f"/events/{event(first)}/merge", data={"other": apart})
    assert "Done, and remembered" in small.page(answer.headers["location"])
    assert event(first) == event(second)
    assert small.ask.get(f"/events/{apart}").headers["location"] == f"/events/{event(first)}"
    answer = small.ask.post(f"/events/{event(first)}/split", data={"entry": second})
    assert answer.headers["location"].startswith(f"/events/{event(second)}?")
    assert small.ask.post(f"/events/{event(second)}/move", data={"entry": first, "other": event(second)}).is_redirect
    assert event(first) == event(second)


@pytest.mark.parametrize("verb", ["merge", "split", "move"])
def test_an_edit_that_makes_no_sense_is_refused(small: Site, verb: str):
    entry = entry_of(small, "delayed")
    answer = small.ask.post(f"/events/nothing/{verb}", data={"entry": entry, "other": "nothing"})
    assert answer.status_code == 409
    assert small.ask.post(f"/events/nothing/{verb}").status_code in {409, 422}


# --- Digests and deliveries -------------------------------------------------------------------------------------------


def test_a_digest_is_previewed_sent_and_kept_as_it_was_sent(small: Site):
    assert "1 event with something new" in small.page("/digests/quick/preview")
    paper = small.ask.get("/digests/quick/preview/paper")
    assert "Arden bridge delayed" in paper.text
    assert "sandbox" in paper.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in paper.headers["content-security-policy"]
    assert small.ask.post("/digests/quick/send").headers["location"].startswith("/deliveries")
    delivery, state = latest(small)
    assert state is DeliveryState.PENDING
    assert "Arden bridge delayed" in small.page(f"/deliveries/{delivery}/paper")
    assert f"/deliveries/{delivery}/digest" in small.page("/digests")
    assert "Arden bridge delayed" in small.page("/digests.atom")
    assert SECRET not in small.page(f"/deliveries/{delivery}")
    small.now = NOON.replace(hour=13)
    assert "nothing" in small.ask.post("/digests/quick/send").headers["location"]


def test_a_digest_s_links_lead_to_its_pages_and_are_sent_again_as_they_were(small: Site):
    small.ask.post("/digests/quick/send")
    number, _ = latest(small)
    with small.tools.store.read() as connection:
        (delivery,) = outbox.list_deliveries(connection, limit=5)
    digest = payload.read(delivery.body)
    links = [one["web"] for one in (digest.links, digest.storylines[0].links, digest.events[0].links)]
    assert all(link.startswith("https://watch.test/") for link in links)
    asked = [small.ask.get(link.removeprefix("https://watch.test")) for link in links]
    assert asked[0].headers["location"] == f"/deliveries/{number}/digest"
    assert [answer.status_code for answer in asked] == [303, 200, 200]
    small.page("/digests/quick/sent/another/desk", 404)
    assert small.ask.get("/digests/quick/sent/preview/desk").headers["location"].startswith("/digests/quick/preview")
    small.ask.post(f"/deliveries/{number}/again")
    with small.tools.store.read() as connection:
        assert outbox.list_deliveries(connection, limit=5)[0].body == delivery.body


def test_a_delivery_that_was_given_up_is_tried_again_and_opens_its_channel(small: Site):
    small.ask.post("/digests/quick/send")
    delivery, _ = latest(small)
    gone = Attempt(delivery_id=delivery, at=NOON, outcome=Outcome.GONE, duration_ms=9, status=410, detail="410 Gone")
    with small.tools.store.write() as connection:
        outbox.record(connection, gone, state=DeliveryState.FAILED, next_attempt_at=None)
        channels.disable_channel(connection, "desk", NOON, "the receiver answered 410 Gone")
    page = small.page(f"/deliveries/{delivery}")
    assert "410 Gone" in page
    assert "is closed since" in small.page("/deliveries?state=failed")
    settings = small.page("/settings")
    assert "1 delivery was given up" in settings
    assert "all is well" not in settings
    assert small.ask.post(f"/deliveries/{delivery}/again").status_code == 303
    assert latest(small) == (delivery, DeliveryState.PENDING)
    with small.tools.store.read() as connection:
        assert channels.closed_channels(connection) == []


def test_an_open_page_is_told_what_came_in_before_it_listened(small: Site):
    seen = small.page("/deliveries").partition('data-live="')[2].partition('"')[0]
    small.ask.post("/digests/quick/send")
    with small.ask.stream("GET", f"/live?seen={seen}", timeout=30) as stream:
        assert "event: changed" in stream.iter_lines()


def test_an_open_page_is_told_that_something_came_in(small: Site):
    with small.ask.stream("GET", "/live", timeout=30) as stream:
        lines = stream.iter_lines()
        assert "listening" in next(lines)
        small.ask.post("/digests/quick/send")
        assert "event: changed" in (line for line in lines)
