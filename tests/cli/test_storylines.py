"""The commands that show how a storyline stands and what it waits for: over a small configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from monitor.backtest import entry_of
from monitor.cli import app
from monitor.config.loading import load
from monitor.domain import Feed
from monitor.matching.matcher import Matcher
from monitor.meaning import beats
from monitor.pipeline import relate, see
from monitor.storage import entries
from monitor.storage.store import Store
from tests.factories import NOON

MAIN = """
storage: {{url: "sqlite:///{folder}/monitor.db"}}
channels: [{{id: desk, type: console}}]
digests: [{{id: morning, story: bridge, channels: [desk], schedule: "0 8 * * *"}}]
"""
STORY = """
story: bridge
seed: {title: State approves the bridge, published: 2026-01-15}
topics: [{id: bridge, strong: [Arden bridge]}]
storylines:
  - {id: opening, title: When it opens, topics: [bridge], query: "open* OR delay*", expects: [
      {id: opens, claim: It opens, when: "@bridge opens", by: spring 2026}]}
  - {id: money, title: What it costs, topics: [bridge], query: "cost* OR toll*"}
"""


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """A command sends the log to its own standard error, which is closed when it ends."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two reports of a delay, a day apart."""
    (tmp_path / "stories").mkdir()
    (tmp_path / "monitor.yaml").write_text(MAIN.format(folder=tmp_path), "utf-8")
    (tmp_path / "stories/bridge.yaml").write_text(STORY, "utf-8")
    story = load(tmp_path, {}).stories[0]
    matchers = {story.story: Matcher(story)}
    with Store.open(f"sqlite:///{tmp_path}/monitor.db") as store:
        for day, source in enumerate(("Harbour", "Ledger")):
            title = f"Arden bridge delayed to June, {source} learns"
            item = {"id": source, "title": title, "source": source, "url": f"https://{source.lower()}.test/1"}
            entry, at = entry_of(item), NOON + timedelta(days=day)
            with store.write() as connection:
                stored = entries.add(connection, [entry], now=at, primed=False)
                seen = {entry.identity: see(entry, Feed(url=entry.feed_url), matchers)}
                relate(connection, stored, seen, matchers, beats([story]))
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--config", str(folder)])


def test_each_storyline_has_its_state_and_the_reason_for_it(folder: Path):
    shown = run(folder, "storylines", "list", "--at", "2026-03-14T00:00:00Z", "--json").stdout
    opening, money = map(json.loads, shown.splitlines())
    assert (opening["state"], opening["reports"], opening["last"]) == ("emerging", 2, "2026-03-13T12:00:00Z")
    assert (opening["since"], opening["why"]) == ("2026-03-12T12:00:00Z", "its first report is younger than a week")
    assert (money["state"], money["reports"], money["last"]) == ("quiet", 0, None)
    assert "emerging" in run(folder, "storylines", "list", "--at", "2026-03-14T00:00:00Z").stdout


def test_what_is_expected_has_its_course_as_it_was_known_at_any_time(folder: Path):
    def at(time: str) -> dict[str, object]:
        (line,) = run(folder, "expectations", "list", "--at", time, "--json").stdout.splitlines()
        found: dict[str, object] = json.loads(line)
        return found

    assert at("2026-03-12T08:00:00Z")["state"] == "open"
    assert at("2026-03-14T08:00:00Z")["state"] == "slipped"
    assert at("2026-07-01T08:00:00Z")["state"] == "overdue"
    shown = run(folder, "expectations", "list", "--at", "2026-07-01T08:00:00Z").stdout
    assert "spring 2026 → June → overdue since 30 Jun 2026" in " ".join(shown.split())
    assert "Overdue" in shown
    assert "for anything" in run(folder, "expectations", "list", "--storyline", "money").stdout


def test_a_brief_is_printed_as_text_page_and_json_and_written_to_a_file(folder: Path, tmp_path: Path):
    show = ("storylines", "show", "opening", "--at", "2026-03-14T08:00:00Z")
    text = run(folder, *show).stdout
    assert "→ June" in text
    assert "https://harbour.test/1" in text
    page = run(folder, *show, "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    file = tmp_path / "brief.html"
    assert run(folder, *show, "--html", str(file)).exit_code == 0
    assert file.read_text("utf-8").strip() == page.strip()
    brief = json.loads(run(folder, *show, "--json").stdout)
    assert (brief["id"], brief["state"], brief["expectations"][0]["state"]) == ("opening", "emerging", "slipped")
    assert brief == json.loads(run(folder, *show, "--format", "json").stdout)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("storylines", "show", "nothing"), 1, "there are: opening, money"),
        (("storylines", "show", "opening", "--zone", "Nowhere"), 2, "no time zone"),
        (("storylines", "show", "opening", "--at", "soon"), 2, "no time"),
        (("expectations", "list", "--story", "tunnel"), 2, "no story"),
    ],
)
def test_a_mistake_is_named(folder: Path, words: tuple[str, ...], code: int, message: str):
    result = run(folder, *words)
    assert result.exit_code == code
    assert message in result.stderr
