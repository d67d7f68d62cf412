"""A secret in every setting that may hold one, and a life in which all goes wrong: it comes out nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
import yaml
from typer.testing import CliRunner

from monitor.cli import app
from tests.servers import Desk, Site, rss, serve
from tests.test_pipeline import STORY

#: Words that stand nowhere else; each has a place of its own, so a leak says which.
PLACES = {
    "url": "canaryHookToken1",
    "login": "canaryHookLogin2",
    "feed": "canaryFeedToken3",
    "feed_login": "canaryFeedLogin4",
    "password": "canaryWebPassword5",
}
#: The two secrets begin with these bytes; their base64 is what would be seen.
SECRET = "whsec_Y2FuYXJ5U2VjcmV0Tm93Y2FuYXJ5U2VjcmV0Tm93"
PREVIOUS = "whsec_Y2FuYXJ5U2VjcmV0T2xkY2FuYXJ5U2VjcmV0T2xk"
#: What the database must know to poll a feed: its address, as configured.
OWN_COLUMNS = {PLACES["feed"], PLACES["feed_login"]}


class Echo(Desk):
    """A receiver that answers with the address that it was called at, and with the secret if it can guess it."""

    def answer(self, handler) -> None:  # type: ignore[no-untyped-def]
        handler.rfile.read(int(handler.headers["Content-Length"]))
        self.received.append((handler.headers["webhook-id"], b""))
        said = f"no such path: {handler.path} {SECRET} {PLACES['login']}".encode()
        handler.send_response(self.answers.pop(0) if self.answers else 500)
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said)


def canaries() -> dict[str, str]:
    return PLACES | {"secret": SECRET.removeprefix("whsec_"), "previous": PREVIOUS.removeprefix("whsec_")}


def leaks(text: str, allowed: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    return [place for place, word in canaries().items() if word in text and word not in allowed]


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> Path:
    site.documents["/feed.xml?key=" + PLACES["feed"]] = rss("Arden bridge delayed", "Cats")
    host = site.base.removeprefix("http://")
    settings = {
        "storage": {"url": f"sqlite:///{tmp_path}/monitor.db"},
        "network": {"allow": ["127.0.0.1/32"]},
        "polling": {"prime": False},
        "web": {"bind": "", "password": "${CANARY_PASSWORD}"},
        "feeds": [
            {"url": f"http://me:{PLACES['feed_login']}@{host}/feed.xml?key={PLACES['feed']}"},
            {"url": f"http://me:{PLACES['feed_login']}@{host}/broken?key={PLACES['feed']}"},
        ],
        "channels": [
            {
                "id": "desk",
                "type": "webhook",
                "url": "${CANARY_URL}",
                "secret_file": "secret.txt",
                "previous_secret": "${CANARY_PREVIOUS}",
            },
            {
                "id": "nobody",
                "type": "webhook",
                "url": f"http://me:{PLACES['login']}@127.0.0.1:1/{PLACES['url']}",
                "secret_file": "secret.txt",
            },
            {"id": "archive", "type": "file", "path": str(tmp_path / "digests")},
            {"id": "terminal", "type": "console"},
        ],
        "digests": [
            {
                "id": "daily",
                "story": "bridge",
                "channels": ["desk", "nobody", "archive", "terminal"],
                "schedule": "0 8 * * *",
            }
        ],
    }
    (tmp_path / "secret.txt").write_text(SECRET, "utf-8")
    login = f"me:{PLACES['feed_login']}@127.0.0.1:1"
    addresses = (f"ftp://{login}/", f"http://{login}/${{B}}", f"http://{login}/c", f"http://{login}/c")
    listed = "".join(f'<outline xmlUrl="{address}"/>' for address in addresses)
    (tmp_path / "list.opml").write_text(f'<opml version="2.0"><body>{listed}</body></opml>', "utf-8")
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories/bridge.yaml").write_text(yaml.safe_dump(STORY), "utf-8")
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    return tmp_path


def test_secrets_come_out_nowhere(folder: Path):
    """Not in what commands print or log, in tracebacks, files or process lists, nor elsewhere in the database."""
    echo = Echo()
    with serve(echo):
        environment = {
            **os.environ,
            "CANARY_URL": f"{echo.base.replace('//', '//me:' + PLACES['login'] + '@')}/{PLACES['url']}/hook",
            "CANARY_PREVIOUS": PREVIOUS,
            "CANARY_PASSWORD": PLACES["password"],
            "LOG_LEVEL": "DEBUG",
        }

        def run(*words: str) -> str:
            command = [sys.executable, "-m", "monitor", *words, "--config", str(folder)]
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            arguments = Path(f"/proc/{process.pid}/cmdline").read_text("utf-8")
            written, _ = process.communicate(timeout=120)
            return arguments + written

        def look(*words: str) -> str:
            """In this process: these send nothing, and starting one for each would take long."""
            done = CliRunner().invoke(app, [*words, "--config", str(folder)], env=environment)
            return done.output + repr(done.exception)

        said = [
            look("check"),
            run("poll", "--all"),
            look("digest", "preview", "--json"),
            run("digest", "send"),  # one receiver answers 500 and repeats what it knows, one cannot be reached
            look("health"),
            look("deliveries", "list", "--json"),
            look("deliveries", "show", "1"),
            look("deliveries", "show", "2"),
            # A list of feeds is of no use without their addresses: what it leaves out are logins.
            look("feeds", "export").replace(PLACES["feed"], ""),
            look("feeds", "list", "--json").replace(PLACES["feed"], ""),
            look("feeds", "list"),
            look("feeds", "add", f"http://me:{PLACES['feed_login']}@127.0.0.1:1/"),
            look("feeds", "remove", f"http://me:{PLACES['feed_login']}@127.0.0.1:1/"),
            look("feeds", "import", str(folder / "list.opml")),
            look("storylines", "show", "opening", "--format", "json"),
            run("tick", "--at", "2031-01-01T08:00:00Z"),
        ]
        structlog.reset_defaults()
        (folder / "secret.txt").write_text(SECRET[:-8], "utf-8")
        broken = folder / "monitor.yaml"
        broken.write_text(broken.read_text("utf-8").replace("timeout", "timeuot") + "\nunknown: 1\n", "utf-8")
        said.append(look("check"))
    assert len(echo.received) >= 1
    assert "500" in "".join(said)
    assert [leaks(text) for text in said] == [[]] * len(said)
    files = [
        path for path in folder.rglob("*") if path.suffix in {".json", ".html", ".txt"} and path.name != "secret.txt"
    ]
    assert files
    assert [leaks(path.read_text("utf-8")) for path in files] == [[]] * len(files)
    stored = b"".join(path.read_bytes() for path in folder.glob("monitor.db*")).decode("utf-8", "replace")
    assert leaks(stored, OWN_COLUMNS) == []
