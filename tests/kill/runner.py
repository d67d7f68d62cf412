"""The process that is killed: one tick as ``monitor tick`` does it, with collaborators that die at a named point.

    python -m tests.kill.runner FOLDER AT POINT

AT is the time it is taken to be. Steps of the schema are those in FOLDER/steps, if there are any. The product knows
nothing of the points: what it works with is wrapped.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from monitor.app import opened
from monitor.config.loading import load
from monitor.pipeline import Tools
from monitor.scheduling import compose_due, deliver_due, poll_all, prune_old
from monitor.storage import feeds, migrations
from monitor.storage.store import Store, engine_for
from monitor.stories.likeness import Beat


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Parser:
    """Reads as the real one does, and dies before or after."""

    def __init__(self, real: Any, point: str) -> None:
        self._real, self._point = real, point

    def read(self, *arguments: Any) -> Any:
        if self._point == "after fetch":
            die()
        parsed = self._real.read(*arguments)
        if self._point == "after parse":
            die()
        return parsed


class Channel:
    """Sends as the real one does, and dies before, or once the receiver has answered."""

    def __init__(self, real: Any, point: str) -> None:
        self._real, self._point = real, point
        self.id, self.content_type, self.render = real.id, real.content_type, real.render

    def send(self, *arguments: Any) -> Any:
        if self._point == "before send":
            die()
        answer = self._real.send(*arguments)
        if self._point == "answered, not marked":
            die()
        return answer


def dying(store: Store, point: str, *, durable: bool) -> Store:
    """A store on the same database that dies around the commit of a transaction that is durable, or of one that is not.

    Only what the composing tick keeps is durable, and the first transaction of a poll is what it brought.
    """
    wrapped, write = copy(store), store.write

    @contextmanager
    def deadly(**options: bool) -> Iterator[Connection]:
        meant = options.get("durable", False) is durable
        with write(**options) as connection:
            yield connection
            if meant and point.startswith("before commit"):
                die()
        if meant and point.startswith("after commit"):
            die()

    wrapped.write = deadly  # type: ignore[method-assign]
    return wrapped


def tick(tools: Tools, now: datetime, point: str) -> None:
    stop = threading.Event()
    calm = tools.store
    if point == "in prune":
        prune_old(replace(tools, store=dying(calm, "before commit", durable=False)), lambda: now, stop)
    tools = replace(
        tools,
        # Grouping by words alone: loading the sentence encoder takes longer than all the rest.
        beats={story: Beat(lines=1) for story in tools.beats},
        parser=Parser(tools.parser, point),
        channels={name: Channel(real, point) for name, real in tools.channels.items()},
    )
    with calm.read() as connection:
        listed = feeds.listed(connection)
    of_poll = dying(calm, point, durable=False) if not point.endswith("digest") else calm
    poll_all(listed, replace(tools, store=of_poll), lambda: now, stop)
    of_digest = dying(calm, point, durable=True) if point.endswith("digest") else calm
    compose_due(replace(tools, store=of_digest), lambda: now)
    deliver_due(tools, lambda: now, stop)


def upgrade(url: str, statements: int, steps: Path) -> None:
    """Take these steps of the schema, and die after so many statements that make tables or indexes."""
    engine = engine_for(url)
    made = 0

    @event.listens_for(engine, "after_cursor_execute")
    def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal made
        made += statement.lstrip().startswith("CREATE")
        if made == statements:
            die()

    with engine.connect() as connection:
        migrations.upgrade(connection, steps)
        connection.commit()


if __name__ == "__main__":
    folder, at, point = sys.argv[1:]
    config = load(Path(folder), os.environ)
    if point.startswith("in migration"):
        steps = Path(folder) / "steps"
        upgrade(config.storage.url, int(point.rpartition(" ")[2]), steps if steps.exists() else migrations.SCRIPTS)
    else:
        now = datetime.fromisoformat(at).astimezone(UTC)
        with opened(config, now) as tools:
            tick(tools, now, point)
