"""From the entries that speak of a new name to the story file that knows it, by the commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.config.loading import load
from monitor.domain import ProposalState
from monitor.matching.matcher import Matcher
from monitor.pipeline import relate
from monitor.storage import drift, entries
from monitor.storage.store import Store
from monitor.stories.drift import vocabulary
from monitor.stories.likeness import Beat
from tests.factories import NOON, an_entry

MAIN = """
storage: {{url: "sqlite:///{folder}/monitor.db"}}
channels: [{{id: desk, type: console}}]
digests: [{{id: morning, story: pans, channels: [desk], schedule: "0 8 * * *"}}]
feeds: [{{url: "https://news.test/feed.xml"}}]
"""
STORY = """\
# What we watch.
story: pans
topics:
  - id: helix   # the console
    strong: [Project Helix]   # certain
    aliases: [Helix]
    anchors: [Arcadia]
"""
SAID = ("Arcadia shows Volta One, formerly Project Helix", "Project Helix is now called Volta One")


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """A command sends the log to its own standard error, which is closed when it ends."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration, and a store in which two sources have told of a new name."""
    (tmp_path / "stories").mkdir()
    (tmp_path / "monitor.yaml").write_text(MAIN.format(folder=tmp_path), "utf-8")
    (tmp_path / "stories" / "pans.yaml").write_text(STORY, "utf-8")
    hear(tmp_path, *SAID)
    return tmp_path


def hear(config: Path, *titles: str) -> None:
    story = load(config, {}).story("pans")
    matcher = Matcher(story)
    with Store.open(f"sqlite:///{config}/monitor.db") as store, store.write() as c:
        for title in titles:
            entry = an_entry(title, source=f"Paper {len(title)}", url=f"https://news.test/{len(title)}")
            stored = entries.add(c, [entry], now=NOON, primed=False)
            seen = {entry.identity: {"pans": matcher.look(entry)}}
            relate(c, stored, seen, {"pans": matcher}, {"pans": Beat(lines=1, known=vocabulary(matcher.story))})


def monitor(config: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in (*words, "--config", config)])


def states(config: Path) -> dict[str, ProposalState]:
    with Store.open(f"sqlite:///{config}/monitor.db") as store, store.read() as c:
        return {one.term: one.state for one in drift.listed(c, "pans")}


def test_a_proposal_is_listed_with_the_entries_that_say_so(config: Path):
    (row,) = [json.loads(line) for line in monitor(config, "drift", "list", "--json").stdout.splitlines()]
    assert (row["term"], row["topic"], row["origins"]) == ("Volta One", "helix", 2)
    assert [one["title"] for one in row["evidence"]] == list(SAID)


def test_an_accepted_name_is_written_among_the_others_and_nothing_else_changes(config: Path):
    answer = monitor(config, "drift", "accept", 1)
    assert "to strong of helix" in answer.stdout
    after = (config / "stories" / "pans.yaml").read_text("utf-8")
    assert after == STORY.replace("[Project Helix]", "[Project Helix, Volta One]")
    assert states(config) == {"Volta One": ProposalState.ACCEPTED}


def test_a_name_may_be_accepted_as_one_that_needs_an_anchor(config: Path):
    monitor(config, "drift", "accept", 1, "--alias")
    assert "aliases: [Helix, Volta One]" in (config / "stories" / "pans.yaml").read_text("utf-8")


def test_what_check_would_refuse_is_not_written(config: Path):
    (config / "monitor.yaml").write_text("colour: blue", "utf-8")
    before = (config / "stories" / "pans.yaml").read_text("utf-8")
    assert monitor(config, "drift", "accept", 1).exit_code == 2
    assert (config / "stories" / "pans.yaml").read_text("utf-8") == before


def test_a_rejected_name_never_comes_again(config: Path):
    assert monitor(config, "drift", "reject", 1).exit_code == 0
    hear(config, "Volta One, formerly Project Helix, is sold out", "Arcadia builds more Volta One (Project Helix)")
    assert states(config) == {"Volta One": ProposalState.REJECTED}
    assert monitor(config, "drift", "list").stdout == "No new name is proposed.\n"
    assert "was rejected before" in monitor(config, "drift", "accept", 1).output


def test_a_proposal_that_is_not_there_is_said_to_be_missing(config: Path):
    assert monitor(config, "drift", "reject", 7).exit_code == 2
