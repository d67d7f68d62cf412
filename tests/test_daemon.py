"""The real daemon as its own process: how it starts, stops, reloads, refuses, and what it keeps when it is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.servers import SECRET, Desk, Site, rss, serve
from tests.test_pipeline import STORY


class House:
    """A configuration in a folder, with its feed and its receiver, and the daemons started on it."""

    def __init__(self, folder: Path, site: Site, desk: Desk, database_url: str | None = None) -> None:
        self.folder = folder
        self.log = folder / "monitor.log"
        self.settings = {
            "storage": {"url": database_url or f"sqlite:///{folder}/monitor.db"},
            "network": {"allow": ["127.0.0.1/32"]},
            "polling": {"interval": "1s"},
            "web": {"bind": ""},
            "feeds": [{"url": f"{site.base}/feed.xml"}],
            "channels": [{"id": "desk", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET}],
            "digests": [{"id": "quick", "story": "bridge", "channels": ["desk"], "schedule": "every 1s"}],
        }
        (folder / "stories").mkdir()
        (folder / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
        self.write()

    def write(self) -> None:
        (self.folder / "monitor.yaml").write_text(yaml.safe_dump(self.settings), "utf-8")

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "monitor", "run", "--config", str(self.folder)], stdout=log, stderr=log
            )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        daemon = self.start()
        try:
            wait_for(lambda: "digest quick" in self.log.read_text("utf-8"))
            yield daemon
        finally:
            if daemon.poll() is None:
                daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=PATIENCE_S)


#: Ends what would hang. A busy machine takes its time: nothing is measured by it.
PATIENCE_S = 120.0


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until it has happened; fail when it does not."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.documents["/feed.xml"] = rss("Cats")
    with serve(site):
        yield site


@pytest.fixture
def house(tmp_path: Path, site: Site, desk: Desk) -> House:
    return House(tmp_path, site, desk)


def test_a_day_s_life_in_seconds(house: House, site: Site, desk: Desk):
    """It says what it watches, polls, tells what is new once, and logs a line for each poll, digest and delivery."""
    with house.running():
        wait_for(lambda: len(site.requests) >= 2)
        site.documents["/feed.xml"] = rss("Arden bridge delayed", "Cats")
        wait_for(lambda: desk.received)
    log = house.log.read_text("utf-8")
    assert desk.titles == ["Arden bridge delayed"]
    for expected in ("watching bridge: 1 storylines on Bridge", "polling 1 feeds: 1 now", "to desk (webhook)"):
        assert expected in log
    for kind in (" poll feed=", " digest digest=quick", " delivery digest=quick"):
        assert kind in log
    assert SECRET not in log
    assert f"{desk.base}/hook" not in log


def test_sigterm_ends_it_within_ten_seconds_though_feed_and_receiver_hang(house: House, site: Site, desk: Desk):
    hanging = Site()
    hanging.gate.close()
    with serve(hanging):
        house.settings["feeds"].append({"url": f"{hanging.base}/feed.xml"})
        house.write()
        with house.running() as daemon:
            wait_for(lambda: site.requests)
            wait_for(hanging.gate.waiting.is_set)
            desk.gate.close()
            site.documents["/feed.xml"] = rss("Arden bridge delayed")
            wait_for(desk.gate.waiting.is_set)
            began = time.monotonic()
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(timeout=PATIENCE_S) == 0
            assert time.monotonic() - began < 10
        hanging.gate.open()
        desk.gate.open()
        with house.running():
            wait_for(lambda: len(desk.received) >= 2)
    assert desk.titles == ["Arden bridge delayed"]
    assert len(set(desk.received)) == 1


def test_a_second_one_on_the_same_database_refuses_and_says_why(house: House):
    with house.running():
        second = house.start()
        assert second.wait(timeout=PATIENCE_S) == 1
        assert "another monitor is running" in house.log.read_text("utf-8")


def test_sighup_takes_up_a_changed_configuration_and_keeps_the_old_one_when_it_is_bad(
    house: House, site: Site, desk: Desk
):
    with house.running() as daemon:
        wait_for(lambda: site.requests)
        house.settings["polling"]["intervall"] = "1s"
        house.write()
        daemon.send_signal(signal.SIGHUP)
        wait_for(lambda: "was not taken up" in house.log.read_text("utf-8"))
        del house.settings["polling"]["intervall"]
        site.documents["/other.xml"] = rss("Dogs")
        house.settings["feeds"].append({"url": f"{site.base}/other.xml"})
        house.write()
        daemon.send_signal(signal.SIGHUP)
        wait_for(lambda: any(path == "/other.xml" for path, _ in site.requests))


def test_healthz_says_that_the_ticks_are_alive(house: House):
    house.settings["web"]["bind"] = "127.0.0.1:0"
    house.write()
    with house.running():
        url = next(word for word in house.log.read_text("utf-8").split() if word.endswith("/healthz"))
        answer = json.load(urllib.request.urlopen(url))
        assert answer["status"] == "ok"
        assert set(answer["ticks"]) == {"poll", "compose", "deliver", "subscribe"}
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url.replace("healthz", "secrets"))


def test_kill_9_loses_nothing_and_repeats_only_the_same_bytes(
    tmp_path: Path, site: Site, desk: Desk, database: str, database_url: str
):
    """Killed again and again while news comes in: every entry is in exactly one digest, and a repeat is identical."""
    chance = random.Random(database)
    house = House(tmp_path, site, desk, database_url)
    with house.running():
        wait_for(lambda: len(site.requests) >= 2)
    titles = []
    for number in range(5):
        titles.append(f"Arden bridge delayed for reason {number}: {chance.random()}")
        site.documents["/feed.xml"] = rss(*reversed(titles), "Cats")
        before = house.log.read_text("utf-8").count(" poll feed=")
        daemon = house.start()
        wait_for(lambda before=before: house.log.read_text("utf-8").count(" poll feed=") > before)
        time.sleep(chance.random() * 1.5)  # somewhere between the entry's first sight and its delivery, or after
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()
    with house.running():
        wait_for(lambda: set(titles) <= set(desk.titles))
        time.sleep(1.5)
    assert sorted(desk.titles) == sorted(titles)
    assert desk.bad_signatures == 0
    assert len(set(desk.received)) == len({webhook_id for webhook_id, _ in desk.received})
    assert [digest["sequence"] for digest in desk.digests] == list(range(1, len(desk.digests) + 1))
