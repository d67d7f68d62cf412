"""The watch split over processes and machines: clocks that say what is due, workers that do it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, fail, log_to, out, told_errors, tools_for

if TYPE_CHECKING:
    import procrastinate

    from monitor.engine import Jobs


def worker(
    config: ConfigDir = DEFAULT_CONFIG,
    queues: Annotated[str, typer.Option(help="Which jobs it takes.")] = "poll,deliver",
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Jobs done at once.")] = 16,
) -> None:
    """Poll and deliver what clocks hand out, beside any number of other workers, on PostgreSQL."""
    from monitor.engine import QUEUES, work

    wanted = [queue.strip() for queue in queues.split(",")]
    for queue in wanted:
        if queue not in QUEUES:
            fail(f"--queues: there is no queue {queue!r}; there are: {', '.join(QUEUES)}", code=2)
    with ExitStack() as stack:
        app, jobs = _engine(config, stack)
        out(f"working on {', '.join(wanted)}, {concurrency} jobs at once")
        asyncio.run(work(app, jobs.stop, queues=wanted, concurrency=concurrency))
    _end()


def clock(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Compose what is due and hand polls and deliveries out to workers; of several clocks one leads, on PostgreSQL."""
    from monitor.engine import lead

    with ExitStack() as stack:
        app, jobs = _engine(config, stack)
        out("waiting for the lead")
        lead(app, jobs.tools, jobs.stop)
    _end()


def _engine(config: ConfigDir, stack: ExitStack) -> tuple[procrastinate.App, Jobs]:
    """The engine over the configured database, to be stopped by SIGTERM or Ctrl-C."""
    from monitor import engine

    stack.enter_context(told_errors())
    tools = stack.enter_context(tools_for(config, exclusive=True, shared=True))
    log_to(sys.stdout)
    jobs = engine.Jobs(lambda: tools, threading.Event())
    made = engine.build(tools.config.storage.url, jobs)
    engine.make_tables(made, tools.store)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: jobs.stop.set())
    return made, jobs


def _end() -> None:
    out("stopped; what was not done is done by others")
    sys.stdout.flush()
    os._exit(0)  # a job that outlived its grace must not hold the process
