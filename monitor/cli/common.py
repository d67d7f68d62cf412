"""What every command shares: where the configuration is, how answers are shown, how it ends.

Exit codes: 0 ok, 1 failed, 2 usage or configuration.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO

import typer

from monitor.errors import ConfigError, MonitorError

if TYPE_CHECKING:
    from monitor.config.models import Config
    from monitor.domain import Story
    from monitor.pipeline import Tools

ConfigDir = Annotated[
    Path,
    typer.Option("--config", envvar="MONITOR_CONFIG", help="Folder with monitor.yaml and stories/.", show_default=True),
]
DEFAULT_CONFIG = Path("config")
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
At = Annotated[str | None, typer.Option("--at", help="The time it is taken to be, as in 2026-03-12T08:00:00Z.")]
StoryOption = Annotated[str | None, typer.Option("--story", help="Which story; needed only where there are several.")]


def out(text: str = "") -> None:
    """A line of the answer."""
    typer.echo(text)


def fail(message: str, *, code: int = 1) -> NoReturn:
    """End with a message on stderr."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def told_errors() -> Iterator[None]:
    """Turn our errors into a message and an exit code; a stranger's error is a bug and keeps its traceback."""
    try:
        yield
    except ConfigError as error:
        count = len(error.problems)
        typer.echo(f"{count} problem{'s' if count > 1 else ''} in the configuration:", err=True)
        fail("\n".join(f"  {problem}" for problem in error.problems), code=2)
    except MonitorError as error:
        fail(str(error))


def load_config(folder: Path) -> Config:
    from monitor.config.loading import load

    return load(folder, os.environ)


def log_to(stream: TextIO) -> None:
    """Log there from now on, as ``LOG_LEVEL`` and ``LOG_FORMAT`` ask."""
    from monitor.logs import configure

    configure(stream, level=os.environ.get("LOG_LEVEL", "INFO"), fmt=os.environ.get("LOG_FORMAT", "text"))


@contextmanager
def tools_for(
    folder: Path, *, now: datetime | None = None, exclusive: bool = False, shared: bool = False
) -> Iterator[Tools]:
    """The wired house for a command; errors are told. ``exclusive`` for commands that poll, compose or deliver.

    shared  with ``exclusive``: beside others that share the work
    """
    with told_errors():
        from monitor.app import opened

        log_to(sys.stderr)
        with opened(load_config(folder), now or datetime.now(UTC), exclusive=exclusive, shared=shared) as tools:
            yield tools


def pick_story(config: Config, story: str | None) -> Story:
    """The story that was asked for, or the only one there is."""
    names = [known.story for known in config.stories]
    if story is None and len(names) == 1:
        return config.stories[0]
    if story in names:
        return config.story(story)
    if not names:
        fail("no story is configured; `monitor init` makes one", code=2)
    which = f"there is no story {story!r}" if story else "several stories are configured"
    fail(f"{which}; give one with --story: {', '.join(names)}", code=2)


def moment(text: str | None) -> datetime | None:
    """``--at``: an ISO 8601 time; UTC where it names no zone."""
    return None if text is None else read_moment(text, "--at")


def read_moment(text: str, option: str) -> datetime:
    """The ISO 8601 time or day that was given as this option; UTC where it names no zone."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text!r} is no time; write it as in 2026-03-12T08:00:00Z", code=2)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def dump(value: object) -> str:
    """One line of JSON; times as ISO 8601 in UTC, enums as their words."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def stamp(value: datetime | None) -> str | None:
    return None if value is None else f"{value:%Y-%m-%dT%H:%M:%SZ}"


def ago(value: datetime | None, now: datetime) -> str:
    """``3 min ago``, ``in 2 h``; ``never`` for None."""
    if value is None:
        return "never"
    seconds = (now - value).total_seconds()
    size, unit = next(
        (s, u) for s, u in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")) if abs(seconds) >= s or s == 1
    )
    number = f"{abs(seconds) / size:.0f} {unit}"
    return f"in {number}" if seconds < 0 else f"{number} ago"


def show(rows: Sequence[Mapping[str, Any]], columns: Iterable[str], *, as_json: bool, empty: str) -> None:
    """Rows as JSON lines, or as a table of these columns; ``empty`` says what to do when there are none."""
    if as_json:
        for row in rows:
            out(dump(row))
        return
    if not rows:
        out(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if row[column] is None else str(row[column])) for column in columns))
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)
