"""What runs: versions, ticks, how much waits and how much is stored, what is configured. No secret is among it."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import version

from fastapi import Request
from starlette.responses import Response

from monitor.meaning import MISSING, available
from monitor.storage import feeds, outbox, overview
from monitor.web.health import health
from monitor.web.host import host_of
from monitor.web.rendering import page

#: Packages whose versions people are asked for when something goes wrong.
PACKAGES = ("feedparser", "httpx", "sqlalchemy", "fastapi", "uvicorn")


def show(request: Request) -> Response:
    host = host_of(request)
    tools, now = host.tools(), host.clock()
    with tools.store.read() as connection:
        next_poll = feeds.next_due_at(connection)
        coverage = feeds.coverage(connection)
        owed, given_up = outbox.count_owed(connection), outbox.count_failed(connection)
        sizes = overview.size(connection)
    versions = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    versions |= {name: version(name) for name in PACKAGES}
    return page(
        request,
        "settings.html",
        health=health(tools, host.ticks(), now),
        ticks=host.ticks(),
        next_poll=next_poll,
        coverage=coverage,
        owed=owed,
        given_up=given_up,
        sizes=sizes,
        versions=versions,
        database=tools.store.name,
        config=tools.config,
        lacking="" if available() else MISSING,
    )
