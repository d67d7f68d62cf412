"""Every kind of channel, wired as the configuration says, from a feed's entry to what a receiver has."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml
from aiosmtpd.smtp import Envelope
from typer.testing import CliRunner

from monitor.app import register, wire
from monitor.cli import app
from monitor.config.models import Config
from monitor.delivery.channels.webhook import WebhookChannel
from monitor.digests.parts import in_parts
from monitor.digests.render import payload
from monitor.feeds.isolation import Parser
from monitor.pipeline import Tools, compose_digest, poll_feed
from monitor.scheduling import compose_due, deliver_due
from monitor.storage import channels as stored_channels
from monitor.storage import feeds, ledger, outbox
from monitor.storage.store import Store
from tests.delivery.channels.smtp import Server, serving
from tests.digests.render import judges
from tests.servers import SECRET, Desk, Site, rss
from tests.test_pipeline import STORY

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
#: Apprise still imports a module that Python 3.13 has not.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def channels(desk: Desk, server: Server, tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    with serving(server) as port:
        yield [
            {"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET},
            *({"id": name, "type": name, "url": f"{desk.base}/{name}"} for name in ("slack", "discord", "teams")),
            {"id": "phone", "type": "apprise", "url": f"json://{desk.base.removeprefix('http://')}/phone"},
            {"id": "mail", "type": "email", "host": "127.0.0.1", "port": port, "tls": "none"}
            | {"from": "Night watch <watch@news.test>", "to": ["ann@news.test"]},
            {"id": "files", "type": "file", "path": str(tmp_path / "digests"), "atom": True},
        ]


@pytest.fixture
def settings(channels: list[dict[str, Any]], site: Site) -> dict[str, Any]:
    names = [channel["id"] for channel in channels]
    return {
        "network": {"allow": ["127.0.0.1/32"]},
        "polling": {"prime": False},
        "feeds": [{"url": f"{site.base}/feed.xml", "title": "News"}],
        "channels": channels,
        "digests": [{"id": "hourly", "story": "bridge", "channels": names, "schedule": "0 * * * *"}],
    }


@pytest.fixture
def tools(settings: dict[str, Any], store: Store, parser: Parser) -> Tools:
    tools = wire(Config.model_validate(settings | {"stories": [STORY]}), store, parser)
    register(tools, NOON)
    return tools


def news(tools: Tools, site: Site, *titles: str) -> None:
    site.documents["/feed.xml"] = rss(*titles)
    with tools.store.read() as connection:
        (feed,) = feeds.listed(connection)
    poll_feed(feed, tools, NOON)


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


def posted(desk: Desk) -> dict[str, bytes]:
    """By their first words: which service's message a body is."""
    found = {}
    for _, body in desk.received:
        keys = set(json.loads(body))
        found[next(name for name, key in KINDS.items() if key in keys)] = body
    return found


KINDS = {"slack": "blocks", "discord": "embeds", "phone": "message", "teams": "attachments", "desk": "data"}


def test_each_channel_gets_the_news_in_its_own_words(
    tools: Tools, site: Site, desk: Desk, server: Server, tmp_path: Path
):
    title = "Arden bridge delayed <!channel> @everyone"
    news(tools, site, title)
    compose_due(tools, lambda: after(hours=1))
    attempts = deliver_due(tools, lambda: after(hours=1), threading.Event())
    assert [attempt.outcome.value for attempt in attempts] == ["delivered"] * 7
    got = posted(desk)
    for name, judge in (("slack", judges.slack), ("discord", judges.discord), ("teams", judges.teams)):
        assert title in "\n".join(judge(got[name]))
    judges.brief(json.loads(got["phone"])["message"].encode())
    (mail,) = server.mails
    assert isinstance(mail, Envelope)
    assert isinstance(mail.content, bytes)
    assert title in "\n".join(judges.mail(mail.content))
    feed = feedparser.parse((tmp_path / "digests/digests.atom").read_bytes())
    assert [entry.title for entry in feed.entries] == [f"The bridge: {title}"]
    with tools.store.read() as connection:
        assert ledger.untold(connection, channel="slack", story="bridge") == []


def test_a_digest_in_parts_is_as_many_deliveries_and_tells_each_entry_once(tools: Tools, site: Site, desk: Desk):
    small = partial(in_parts, render=payload.render, fits=lambda body: len(body) <= 1500)
    assert isinstance(tools.channels["desk"], WebhookChannel)
    tools = replace(tools, channels={"desk": replace(tools.channels["desk"], render=small)})
    titles = [f"Arden bridge delayed for the {n}th time by {what}" for n, what in enumerate(("fire", "flood", "fraud"))]
    news(tools, site, *titles)
    settings = tools.config.digests[0].model_copy(update={"channels": ("desk",)})
    owed = compose_digest(settings, tools, after(hours=1))
    assert owed is not None
    parts = [(delivery.part, delivery.parts) for delivery in owed]
    assert len(parts) > 1
    assert parts == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    for _ in parts:
        deliver_due(tools, lambda: after(hours=1), threading.Event())
    assert sorted(desk.titles) == sorted(titles)
    assert [digest["part"] for digest in desk.digests] == [part for part, _ in parts]
    assert {digest["sequence"] for digest in desk.digests} == {1}
    with tools.store.read() as connection:
        assert ledger.untold(connection, channel="desk", story="bridge") == []
        assert outbox.next_sequence(connection, "desk") == 2


# --- monitor channels -------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(settings: dict[str, Any], tmp_path: Path) -> Path:
    storage = {"storage": {"url": f"sqlite:///{tmp_path}/monitor.db"}}
    (tmp_path / "stories").mkdir()
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings | storage), "utf-8")
    (tmp_path / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["channels", *words, "--config", str(folder)])
    return done.exit_code, done.stdout, done.stderr


def test_a_test_message_goes_through_each_channel_and_is_marked_as_one(folder: Path, desk: Desk, server: Server):
    for name in ("desk", "slack", "discord", "teams", "phone", "mail", "files"):
        code, said, errors = run(folder, "test", name)
        assert (code, errors) == (0, "")
        assert said.startswith(f"{name}: delivered to ")
    got = posted(desk)
    assert set(got) == set(KINDS)
    assert all(b"Test of the channel" in body for body in got.values())
    assert len(server.mails) == 1
    with Store.open(f"sqlite:///{folder}/monitor.db") as store, store.read() as connection:
        assert outbox.list_deliveries(connection, limit=10) == []


def test_a_test_message_that_is_not_taken_says_why_and_ends_with_1(folder: Path, desk: Desk):
    desk.answers = [400]
    code, said, errors = run(folder, "test", "slack")
    assert (code, said) == (1, "")
    assert "slack: not delivered in" in errors
    assert "127.0.0.1 answered 400; a digest would not be tried again by itself" in errors


def test_a_channel_that_is_not_there_ends_with_2(folder: Path):
    code, _, errors = run(folder, "test", "nobody")
    assert code == 2
    assert "there is no channel 'nobody'; there are: desk, slack, discord, teams, phone, mail, files" in errors


def test_the_list_shows_where_channels_lead_and_no_secret(folder: Path):
    _, said, _ = run(folder, "list", "--json")
    rows = {row["channel"]: row for row in map(json.loads, said.splitlines())}
    assert rows["mail"]["leads_to"] == "ann@news.test by 127.0.0.1"
    assert rows["phone"]["leads_to"] == "json by Apprise"
    assert (rows["slack"]["state"], rows["slack"]["owed"]) == ("open", 0)


def test_the_list_says_why_a_channel_is_closed(folder: Path):
    with Store.open(f"sqlite:///{folder}/monitor.db") as store, store.write() as connection:
        stored_channels.register(connection, ["slack"], NOON)
        stored_channels.disable_channel(connection, "slack", NOON, "410 Gone")
    _, said, _ = run(folder, "list", "--json")
    row = json.loads(said.splitlines()[1])
    assert (row["state"], row["reason"], row["closed_since"]) == ("closed", "410 Gone", "2026-03-12T12:00:00Z")
