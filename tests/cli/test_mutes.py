"""`monitor mute`, `monitor unmute`, and what `monitor digest preview` says of what is held back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from monitor.cli import app
from tests.servers import Site, rss
from tests.test_pipeline import STORY

Run = Callable[..., Result]
NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> Path:
    settings = {
        "storage": {"url": f"sqlite:///{tmp_path}/monitor.db"},
        "network": {"allow": ["127.0.0.1/32"]},
        "polling": {"prime": False},
        "feeds": [{"url": f"{site.base}/feed.xml"}],
        "channels": [{"id": "terminal", "type": "console"}],
        "digests": [
            {
                "id": "daily",
                "story": "bridge",
                "channels": ["terminal"],
                "schedule": "0 8 * * *",
                "settle": "2h",
                "quiet_hours": {"from": "00:00", "to": "23:59"},
            }
        ],
    }
    (tmp_path / "stories").mkdir()
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    (tmp_path / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    return lambda *words: CliRunner().invoke(app, [*words, "--config", str(folder)])


def test_a_mute_is_set_listed_and_ended(run: Run):
    assert "no storyline 'nowhere'; it has: opening" in run("mute", "nowhere", "--for", "7d").stderr
    assert run("mute", "opening").exit_code == 2
    assert run("mute", "opening", "--until", "2020-01-01").exit_code == 2
    assert run("mute", "opening", "--for", "soon").exit_code == 2
    assert "opening is muted until" in run("mute", "opening", "--for", "7d").stdout
    (row,) = (json.loads(line) for line in run("mute", "--json").stdout.splitlines())
    assert (row["story"], row["storyline"]) == ("bridge", "opening")
    assert run("unmute", "opening").exit_code == 0
    assert run("unmute", "opening").exit_code == 1
    assert "No storyline is muted." in run("mute").stdout


def test_preview_says_what_is_held_back_and_why(run: Run, site: Site):
    site.documents["/feed.xml"] = rss("Cats")
    run("tick", "--at", f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")  # the channel is known from here on
    site.documents["/feed.xml"] = rss("Arden bridge delayed")
    assert "1 matched" in run("poll", "--all", "--at", f"{NOW - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}").stdout
    shown = run("digest", "preview", "--at", f"{NOW:%Y-%m-%d}T12:00:00Z").stdout
    assert "A slot that comes now waits until" in shown
    shown = run("digest", "preview", "--at", f"{NOW:%Y-%m-%dT%H:%M:%SZ}").stdout
    assert "held back, settling until" in shown
    assert "Arden bridge delayed (1 new)" in shown
    run("mute", "opening", "--for", "7d")
    assert "held back, muted until" in run("digest", "preview").stdout
    assert "Muted until" in run("digest", "preview").stdout
    later = f"{NOW + timedelta(days=8):%Y-%m-%d}"
    assert "held back" not in run("digest", "preview", "--at", later).stdout
