"""Log lines: one a poll, a digest, a delivery, with stable keys; text that people read, or JSON for machines."""

from __future__ import annotations

import logging
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

#: C0 and C1 controls: a line of a log must stay one line, and must not steer a terminal.
CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


def configure(out: TextIO, *, level: str = "INFO", fmt: str = "text") -> None:
    """Set up logging for this process. ``fmt``: ``text`` or ``json``; ``level``: a name that ``logging`` knows."""
    # A tick that is still at work when the next one is due is no news: it goes on asking what is due.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True, key="time"),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False) if fmt == "json" else line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
        logger_factory=structlog.PrintLoggerFactory(out),
    )


def line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """``2026-03-12T08:00:00Z poll feed=https://news.test/ status=ok new=3``; the level only where it is not info."""
    time, name, level = event.pop("time"), event.pop("event"), event.pop("level")
    plain = {key: value.translate(CONTROLS) if isinstance(value, str) else value for key, value in event.items()}
    keys = structlog.processors.LogfmtRenderer()(logger, method, plain)
    return " ".join(part for part in (str(time), "" if level == "info" else str(level), str(name), str(keys)) if part)
