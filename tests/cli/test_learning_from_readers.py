"""The commands that say why, what would change, and that take a reader's answer: over a small configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.storage import entries
from monitor.storage.store import Store
from tests.factories import NOON, an_entry

MAIN = """
storage: {{url: "sqlite:///{folder}/monitor.db"}}
channels: [{{id: desk, type: console}}]
digests: [{{id: morning, story: kitchen, channels: [desk], schedule: "0 8 * * *"}}]
feeds: [{{url: "https://news.test/feed.xml"}}]
"""
STORY = """
story: kitchen
topics:
  - {id: avocado, aliases: [Avocado], anchors: [Meta], vetoes: [toast]}
storylines:
  - {id: release, title: Avocado ships, topics: [avocado], query: "QUERY"}
tests:
  - {text: "Meta delays Avocado", topics: [avocado], storylines: [release]}
  - {text: "Meta canteen serves Avocado toast", topics: []}
"""
ROBOT = "Meta launches Avocado kitchen robot for canteens"


def folder_with(path: Path, query: str = "launch* OR delay*") -> Path:
    (path / "stories").mkdir(parents=True)
    (path / "monitor.yaml").write_text(MAIN.format(folder=path), "utf-8")
    (path / "stories" / "kitchen.yaml").write_text(STORY.replace("QUERY", query), "utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return folder_with(tmp_path / "ours")


@pytest.fixture
def items(tmp_path: Path) -> Path:
    rows = [
        {"id": "a", "title": "Meta delays Avocado", "topics": ["avocado"], "storylines": ["release"]},
        {"id": "b", "title": "Meta renames Avocado", "topics": ["avocado"], "storylines": ["release"]},
    ]
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def monitor(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def store_robot(config: Path) -> None:
    with Store.open(f"sqlite:///{config}/monitor.db") as store, store.write() as connection:
        entries.add(connection, [an_entry(ROBOT, url="https://news.test/robot")], now=NOON, primed=False)


def test_a_failed_test_says_why(tmp_path: Path):
    answer = monitor("test", "--config", folder_with(tmp_path / "bad", query="launch*"))
    assert answer.exit_code == 1
    assert "storyline release is missing: in its query: launch*" in answer.output
    assert "2 tests, 1 failed" in answer.output


def test_tests_that_hold_are_counted(config: Path):
    answer = monitor("test", "--config", config)
    assert (answer.exit_code, answer.output) == (0, "2 tests, 0 failed\n")


def test_backtest_lists_near_misses_with_what_they_lack(config: Path, items: Path):
    answer = monitor("backtest", items, "--config", config, "--near", 5, "--json")
    (miss,) = [json.loads(line) for line in answer.output.splitlines()]
    assert (miss["id"], miss["label"], miss["wanted"]) == ("b", "release", "yes")
    assert miss["missing"] == "in its query: (launch* OR delay*)"


def test_backtest_tells_what_another_configuration_would_change(config: Path, items: Path, tmp_path: Path):
    other = folder_with(tmp_path / "theirs", query="renam*")
    answer = monitor("backtest", items, "--config", config, "--compare", other)
    assert answer.exit_code == 0
    lines = answer.output.splitlines()
    assert lines[0].split() == ["-", "release", "Meta", "delays", "Avocado", "(wrong)"]
    assert lines[1].split() == ["+", "release", "Meta", "renames", "Avocado", "(right)"]
    assert lines[-1].split() == ["release", "1", "1", "0", "1", "0", "1"]


def test_a_reader_s_no_is_kept_applied_and_explained(config: Path):
    store_robot(config)
    answer = monitor("feedback", "https://news.test/robot", "no", "--config", config)
    assert answer.exit_code == 0
    assert "storyline release: no, noted" in answer.output
    why = monitor("explain", "https://news.test/robot", "--config", config).output
    assert "Does not belong to kitchen." in why
    assert f"feedback: you said no to “{ROBOT}”" in why
    assert "Belongs to kitchen." in monitor("explain", "Meta delays Avocado", "--config", config).output


def test_an_answer_about_nothing_says_what_there_is(config: Path):
    store_robot(config)
    unknown = monitor("feedback", "https://news.test/robot", "no", "--storyline", "releas", "--config", config)
    assert unknown.exit_code == 2
    assert "it has: release" in unknown.output
    missing = monitor("feedback", "https://news.test/other", "no", "--config", config)
    assert missing.exit_code == 1
    assert "no entry" in missing.output


def test_a_story_is_drafted_beside_another(config: Path, tmp_path: Path):
    article = tmp_path / "article.txt"
    article.write_text("Tram for Tellmouth\nKorda Group will build the Tellmouth Tram by May 2031.\n", "utf-8")
    answer = monitor("init", config, "--story", "tram", "--from-article", article)
    assert answer.output.splitlines()[0] == f"made {config / 'stories' / 'tram.yaml'}"
    checked = monitor("check", "--config", config)
    assert checked.exit_code == 0
    assert "story tram" in checked.output
    again = monitor("init", config, "--story", "tram", "--from-article", article)
    assert again.exit_code == 1
    assert "nothing was changed" in again.output
