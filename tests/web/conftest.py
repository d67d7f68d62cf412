"""A site over a real database, served on loopback; its time stands still."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from monitor.app import register, wire
from monitor.feeds.isolation import Parser
from monitor.pipeline import Tools
from monitor.storage.store import Store
from monitor.web.app import build_app
from monitor.web.host import Edited, Host
from monitor.web.serving import serving
from tests.factories import NOON
from tests.seeding import seeded

#: What a browser sends with a form of ours.
OURS = {"Sec-Fetch-Site": "same-origin"}


class Site:
    """A site, and a client that asks it as a browser would."""

    def __init__(self, tools: Tools, folder: Path, stack: ExitStack) -> None:
        self.tools = tools
        self.folder = folder
        self.now = NOON
        self.ask = stack.enter_context(asking(self.host(), OURS))

    def host(self) -> Host:
        return Host(
            tools=lambda: self.tools,
            use=lambda tools: setattr(self, "tools", tools),
            folder=self.folder,
            save=self.save,
            clock=lambda: self.now,
        )

    def save(self, file: Edited) -> str:
        self.tools = wire(file.save(os.environ), self.tools.store, self.tools.parser)
        register(self.tools, self.now)
        return ""

    def page(self, path: str, status: int = 200) -> str:
        answer = self.ask.get(path)
        assert answer.status_code == status, answer.text
        return answer.text


@contextmanager
def asking(host: Host, headers: dict[str, str] | None = None) -> Iterator[httpx.Client]:
    """Serve a site on loopback, and give a client of it that follows no redirect."""
    with (
        serving("127.0.0.1:0", build_app(host)) as base,
        httpx.Client(base_url=base, headers=headers, timeout=20, trust_env=False) as client,
    ):
        yield client


def database(request: pytest.FixtureRequest, folder: Path, name: str) -> str:
    """An empty database of the kind that a fixture's parameter names; ``name`` is its own among all tests."""
    if request.param == "sqlite":
        return f"sqlite:///{folder}/monitor.db"
    server = request.getfixturevalue("postgres_server")
    server.execute(f"CREATE SCHEMA {name}")
    return f"postgresql://postgres@/postgres?host={server.info.host}&options=-csearch_path%3D{name}"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Site]:
    """A site with the demo's week, for tests that only look: living it takes two seconds."""
    folder = tmp_path_factory.mktemp("week")
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(database(request, folder, "week")))
        yield Site(seeded(folder, store, parser, NOON), folder, stack)
