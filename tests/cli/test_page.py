"""The page in a process of its own, and what is said where its packages are missing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.servers import Desk, Site, rss
from tests.test_daemon import House, wait_for

WITHOUT = "import sys; sys.modules['fastapi'] = None; from monitor.cli import main; main()"


def test_the_page_runs_beside_a_daemon_on_its_database(tmp_path: Path, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Cats")
    house = House(tmp_path, site, desk)
    house.settings["web"] = {"bind": "127.0.0.1:0"}
    house.write()
    command = [sys.executable, "-m", "monitor", "web", "--config", str(tmp_path)]
    with house.running(), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as page:
        try:
            assert page.stdout
            base = page.stdout.readline().split()[-1]
            found = json.load(urllib.request.urlopen(f"{base}healthz"))
            assert (found["status"], found["ticks"]) == ("ok", {})
            assert b"When it opens" in urllib.request.urlopen(base).read()
            page.send_signal(signal.SIGTERM)
            assert page.wait(timeout=120) == 0
        finally:
            page.kill()


def test_without_its_packages_the_page_says_how_to_install_them(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT, "web", "--config", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "pip install 'storyline-monitor[web]'" in ended.stderr


def test_without_its_packages_the_daemon_says_so_and_goes_on(tmp_path: Path, site: Site, desk: Desk):
    site.documents["/feed.xml"] = rss("Cats")
    house = House(tmp_path, site, desk)
    house.settings["web"] = {"bind": "127.0.0.1:0"}
    house.write()
    with house.log.open("ab") as log:
        command = [sys.executable, "-c", WITHOUT, "run", "--config", str(tmp_path)]
        with subprocess.Popen(command, stdout=log, stderr=log) as daemon:
            try:
                wait_for(lambda: " poll feed=" in house.log.read_text("utf-8"))
                daemon.send_signal(signal.SIGTERM)
                assert daemon.wait(timeout=120) == 0
            finally:
                daemon.kill()
    assert house.log.read_text("utf-8").count("pip install 'storyline-monitor[web]'") == 1


def test_a_password_is_hashed_for_the_configuration():
    from typer.testing import CliRunner

    from monitor.cli import app
    from monitor.web.access import is_hash_of

    ended = CliRunner().invoke(app, ["web", "--hash"], input="three quiet words\nthree quiet words\n")
    assert ended.exit_code == 0
    assert is_hash_of(ended.output.strip().splitlines()[-1], "three quiet words")
