"""`monitor topics lint`, over stored entries."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.domain import Entry
from monitor.storage import entries
from monitor.storage.store import Store
from tests.test_pipeline import STORY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stories").mkdir()
    (tmp_path / "monitor.yaml").write_text(f"storage: {{url: 'sqlite:///{tmp_path}/monitor.db'}}\n", "utf-8")
    (tmp_path / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
    return tmp_path


def lint(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["topics", "lint", *words, "--config", str(folder)])


def fill(folder: Path, count: int, age: timedelta) -> None:

    store = Store.open(f"sqlite:///{folder}/monitor.db")
    new = [Entry(feed_url="https://f.test/", identity=str(n), title=f"Rain, day {n}") for n in range(count)]
    with store.write() as connection:
        entries.add(connection, new, now=datetime.now(UTC) - age, primed=False)
    store.close()


def test_terms_that_no_entry_holds_are_named(folder: Path):
    fill(folder, 500, timedelta(days=2))
    told = lint(folder, "--json")
    assert told.exit_code == 0, told.output
    rows = [json.loads(line) for line in told.output.splitlines()]
    named = [row for row in rows if row["place"].startswith("topic bridge")]
    assert named
    assert all(row["unheard"] == row["of"] == len(row["terms"]) for row in named)


def test_few_or_old_entries_say_nothing(folder: Path):
    fill(folder, 500, timedelta(days=40))
    told = lint(folder)
    assert told.exit_code == 1
    assert "0 entries of the last 30 days are stored: too few to tell, 500 are needed" in told.output
    assert lint(folder, "--days", "60").exit_code == 0
