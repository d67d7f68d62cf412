"""Whether the ticks are alive and the database answers. Touches no network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse

from monitor.errors import MonitorError
from monitor.pipeline import Tools
from monitor.storage import feeds, outbox
from monitor.web.host import host_of

#: A tick looks at the clock every second, or as often as a poll takes; longer silence than this is not life.
SIGN_OF_LIFE_S = 120.0


def healthz(request: Request) -> JSONResponse:
    """200 if the watch is alive, else 503."""
    host = host_of(request)
    found = health(host.tools(), host.ticks(), host.clock())
    return JSONResponse(found, 200 if found["status"] == "ok" else 503)


def readyz(request: Request) -> JSONResponse:
    """200 if the database answers: the page has something to show."""
    host = host_of(request)
    found = health(host.tools(), {}, host.clock())
    return JSONResponse({"status": found["status"], "reason": found["reason"]}, 200 if found["status"] == "ok" else 503)


def health(tools: Tools, ticks: Mapping[str, datetime], now: datetime) -> Mapping[str, Any]:
    """How the watch is: ``status`` is ok or failing, and ``reason`` says why."""
    silent = [name for name, at in ticks.items() if (now - at).total_seconds() > SIGN_OF_LIFE_S]
    try:
        with tools.store.read() as connection:
            coverage = feeds.coverage(connection)
            owed = outbox.count_owed(connection)
    except MonitorError as error:
        return {"status": "failing", "reason": f"the database does not answer: {type(error).__name__}"}
    return {
        "status": "failing" if silent else "ok",
        "reason": f"silent: {', '.join(silent)}" if silent else "",
        "ticks": {name: f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in ticks.items()},
        "feeds_ok": coverage.feeds_ok,
        "feeds_failing": coverage.feeds_failing,
        "deliveries_owed": owed,
    }
