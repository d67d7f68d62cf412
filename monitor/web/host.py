"""The process that serves the page: what pages ask of it, and what they may have it do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

from starlette.requests import Request

from monitor.config.models import Config
from monitor.pipeline import Tools


def wall_clock() -> datetime:
    return datetime.now(UTC)


def no_ticks() -> Mapping[str, datetime]:
    return {}


class Edited(Protocol):
    """``monitor.yaml`` or a story's file as it will be."""

    def save(self, environ: Mapping[str, str]) -> Config:
        """Write it, if the whole configuration is then without mistakes. ConfigError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What pages need beyond a request: ``monitor run`` and ``monitor web`` each make one."""

    #: As they are now: they are replaced when the configuration is read again.
    tools: Callable[[], Tools]
    #: Puts other tools in their place: a matcher that has learnt, another configuration.
    use: Callable[[Tools], None]
    #: Folder of the configuration.
    folder: Path
    #: Writes a changed file of the configuration and takes it up; ConfigError when the whole would hold a mistake. What
    #: people should know of it, in words.
    save: Callable[[Edited], str]
    clock: Callable[[], datetime] = wall_clock
    #: When each tick last showed a sign of life; empty where the daemon is another process.
    ticks: Callable[[], Mapping[str, datetime]] = no_ticks


def host_of(request: Request) -> Host:
    return cast("Host", request.app.state.host)
