"""The commands as people and programs call them: what they print, how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.servers import SECRET, Desk, Site, rss
from tests.test_pipeline import STORY

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path, site: Site, desk: Desk) -> Path:
    settings = {
        "storage": {"url": f"sqlite:///{tmp_path}/monitor.db"},
        "network": {"allow": ["127.0.0.1/32"]},
        "polling": {"prime": False},
        "feeds": [{"url": f"{site.base}/feed.xml", "title": "News"}, {"url": f"{site.base}/gone.xml"}],
        "channels": [
            {"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET},
            {"id": "terminal", "type": "console"},
        ],
        "digests": [{"id": "daily", "story": "bridge", "channels": ["desk", "terminal"], "schedule": "0 8 * * *"}],
    }
    (tmp_path / "stories").mkdir()
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    (tmp_path / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
    site.documents |= {"/feed.xml": rss("Arden bridge delayed by a year", "Cats"), "/gone.xml": 410}
    return tmp_path


def monitor(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "monitor", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def run(folder: Path) -> Run:
    return lambda *words: monitor(*words, "--config", str(folder))


def test_poll_answers_with_its_counts_and_one_bad_feed_stops_nothing(run: Run):
    done = run("poll", "--all", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert answer.pop("seconds") < 30
    assert answer == {
        "feeds": 2,
        "ok": 1,
        "not_modified": 0,
        "failed": 1,
        "entries": 2,
        "new_entries": 2,
        "matched": 1,
    }
    feeds = [json.loads(line) for line in run("feeds", "list", "--json").stdout.splitlines()]
    assert [feed["status"] for feed in feeds] == ["ok", "gone"]
    assert "410" in feeds[1]["error"]
    assert run("health").returncode == 1


def test_tick_takes_the_time_it_is_given_for_the_time_it_is(run: Run, desk: Desk):
    assert run("tick", "--at", "2031-03-12T07:00:00Z").returncode == 0
    assert desk.received == []
    done = run("tick", "--at", "2031-03-12T08:00:30Z")
    assert "2 deliveries owed, 2 tried" in done.stdout
    assert desk.titles == ["Arden bridge delayed by a year"]
    assert desk.bad_signatures == 0
    (digest,) = desk.digests
    assert digest["digest_id"] == "daily-2031-03-12T08:00"
    assert digest["window"] == {"from": "2031-03-12T07:00:00Z", "to": "2031-03-12T08:00:30Z"}
    assert run("tick", "--at", "2031-03-12T08:01:00Z").returncode == 0
    assert len(desk.received) == 1


def test_a_digest_can_be_looked_at_and_sent_without_waiting(run: Run, desk: Desk):
    run("poll", "--all")
    preview = run("digest", "preview", "--json")
    assert "Arden bridge delayed by a year" in preview.stdout
    assert desk.received == []
    sent = run("digest", "send")
    assert "Arden bridge delayed by a year" in sent.stdout
    assert desk.titles == ["Arden bridge delayed by a year"]
    assert "Nothing new" in run("digest", "send").stdout
    assert len(run("digest", "list", "--json").stdout.splitlines()) == 2


def test_a_delivery_is_shown_and_replayed_with_the_same_id_and_bytes(run: Run, desk: Desk):
    run("poll", "--all")
    run("digest", "send")
    rows = [json.loads(line) for line in run("deliveries", "list", "--json").stdout.splitlines()]
    (number,) = (str(row["id"]) for row in rows if row["channel"] == "desk")
    assert "delivered" in run("deliveries", "show", number).stdout
    assert run("deliveries", "retry", number).returncode == 1
    assert run("deliveries", "replay", number).returncode == 0
    run("tick")
    assert len(desk.received) == 2
    assert len(set(desk.received)) == 1


def test_explain_says_why_and_what_was_missing(run: Run):
    run("poll", "--all")
    why = run("explain", "Arden bridge opens in May").stdout
    assert "Belongs to bridge." in why
    assert "Arden bridge (strong, title)" in why
    why_not = run("explain", "Arden bridge painted green").stdout
    assert "Does not belong to bridge." in why_not
    assert "missing" in why_not
    stored = json.loads(run("explain", "1", "--json").stdout)
    assert stored["held"]
    assert stored["novelty"] == "first"


def test_events_and_storylines_are_shown(run: Run):
    run("poll", "--all")
    (event,) = (json.loads(line) for line in run("events", "list", "--json").stdout.splitlines())
    assert event["storylines"] == "opening"
    assert "first report" in run("events", "show", event["event"]).stdout
    (line,) = (json.loads(line) for line in run("storylines", "list", "--json").stdout.splitlines())
    assert (line["storyline"], line["reports"]) == ("opening", 1)
    assert "Arden bridge delayed" in run("storylines", "show", "opening").stdout
    assert "Arden bridge" in run("topics", "show", "bridge").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "x", "--story", "nowhere"),
        ("digest", "send", "nowhere"),
        ("tick", "--at", "yesterday"),
        ("poll", "--all", "--due"),
        ("nonsense",),
    ],
    ids=["no such story", "no such digest", "no time", "two at once", "no such command"],
)
def test_wrong_usage_ends_with_2_and_a_message(run: Run, words: tuple[str, ...]):
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_mistake_in_the_configuration_ends_with_2(run: Run, folder: Path):
    (folder / "monitor.yaml").write_text("feedz: []\n", "utf-8")
    done = run("check")
    assert done.returncode == 2
    assert 'monitor.yaml:1: feedz: unknown key (did you mean "feeds"?)' in done.stderr


def test_init_makes_a_configuration_that_passes_and_never_overwrites_one(tmp_path: Path):
    mine = str(tmp_path / "mine")
    assert monitor("init", mine, "--story", "harbour").returncode == 0
    assert monitor("check", "--config", mine).returncode == 0
    assert "2 tests, 0 failed" in monitor("test", "--config", mine).stdout
    assert monitor("init", mine, "--story", "harbour").returncode == 1
    assert monitor("init", str(tmp_path / "other"), "--story", "../x").returncode == 2


def test_parse_prints_what_a_poll_would_store(tmp_path: Path):
    good, bad = tmp_path / "good.xml", tmp_path / "bad.html"
    good.write_bytes(rss("Arden bridge delayed", feed="Harbour"))
    bad.write_bytes(b"<html><title>Sign in</title></html>")
    answer = json.loads(monitor("parse", str(good), "--json").stdout)
    assert answer["error"] is None
    assert answer["feed"]["title"] == "Harbour"
    (entry,) = answer["entries"]
    assert (entry["id"], entry["title"], entry["published"]) == ("Arden bridge delayed", "Arden bridge delayed", None)
    refused = monitor("parse", str(bad), "--json")
    assert refused.returncode == 1
    assert "HTML" in json.loads(refused.stdout)["error"]


def test_the_shipped_configuration_has_no_mistake_and_its_story_sees_what_it_should():
    config = str(Path(__file__).parent.parent / "config")
    checked = monitor("check", "--config", config)
    assert checked.returncode == 0, checked.stderr
    assert "4 topics, 8 storylines" in checked.stdout
    assert "warning" not in checked.stdout
    assert monitor("test", "--config", config).stdout.endswith(" 0 failed\n")


def test_backtest_answers_one_line_for_each_item_in_order(run: Run, tmp_path: Path):
    items = [
        {"id": "a", "title": "Arden bridge delayed by a year", "published": "2026-03-01T08:00:00Z", "event": "late"},
        {"id": "b", "title": "Cats", "published": None},
        {"id": "c", "title": "Arden bridge delayed by a year!", "source": "Other", "published": None, "event": "late"},
    ]
    file = tmp_path / "items.jsonl"
    file.write_text("\n".join(json.dumps(item) for item in items), "utf-8")
    answers = [json.loads(line) for line in run("backtest", str(file), "--json").stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert answers[0]["topics"] == ["bridge"]
    assert answers[0]["storylines"] == ["opening"]
    assert 0.5 <= answers[0]["scores"]["opening"] <= 1
    assert (answers[0]["novelty"], answers[2]["novelty"]) == ("first", "duplicate")
    assert answers[0]["event"] == answers[2]["event"]
    assert (answers[1]["event"], answers[1]["novelty"], answers[1]["scores"]) == (None, None, {"opening": 0.0})
    assert "B-cubed precision 1.000" in run("backtest", str(file)).stdout
    file.write_text('{"id": "a"}', "utf-8")
    refused = run("backtest", str(file))
    assert refused.returncode == 1
    assert "items.jsonl:1" in refused.stderr
