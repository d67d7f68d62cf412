"""The page: beside the daemon's ticks, or in a process of its own."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, fail, log_to, out, tools_for

if TYPE_CHECKING:
    from monitor.pipeline import Tools
    from monitor.web.host import Edited, Host

#: What the extra `web` brings.
EXTRA = ("fastapi", "icalendar", "itsdangerous", "prometheus_client", "python_multipart", "sse_starlette", "uvicorn")
NEEDS_EXTRA = "there is no page and no health: pip install 'storyline-monitor[web]'; all else runs"


def has_extra() -> bool:
    return all(find_spec(name) is not None for name in EXTRA)


def web(
    config: ConfigDir = DEFAULT_CONFIG,
    make_hash: Annotated[
        bool, typer.Option("--hash", help="Ask for a password, and print what to write in its place.")
    ] = False,
) -> None:
    """The page alone, on the database of a monitor that runs elsewhere."""
    if not has_extra():
        fail("the page needs more packages: pip install 'storyline-monitor[web]'")
    if make_hash:
        from monitor.web.access import hashed

        out(hashed(typer.prompt("Password", hide_input=True, confirmation_prompt=True)))
        return
    with ExitStack() as stack:
        tools = stack.enter_context(tools_for(config))
        stops = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, stops)
        log_to(sys.stdout)
        if not tools.config.web.bind:
            fail("web.bind is empty: say where the page shall be, as in 127.0.0.1:8080", code=2)
        held = [tools]
        host = host_for(config, lambda: held[-1], lambda new: held.__setitem__(0, new), dict)
        out(f"the page is at {open_page(stack, tools.config.web.bind, host)}/")
        signal.sigwait(stops)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)
    sys.stdout.flush()
    os._exit(0)  # an answer that outlived its grace must not hold the process


def host_for(
    folder: Path,
    tools: Callable[[], Tools],
    use: Callable[[Tools], None],
    ticks: Callable[[], Mapping[str, datetime]],
) -> Host:
    """This process as pages see it.

    ticks  of a process that works as well: it takes up a changed configuration by itself
    """
    from monitor import app
    from monitor.web.host import Host

    def save(file: Edited) -> str:
        new = app.wire(file.save(os.environ), tools().store, tools().parser)
        if ticks():
            app.register(new, datetime.now(UTC))
        use(new)
        return "" if ticks() else "The monitor takes it up on SIGHUP, or when it is restarted."

    return Host(tools=tools, use=use, folder=folder, save=save, ticks=ticks)


def open_page(stack: ExitStack, bind: str, host: Host) -> str:
    """Serve the page until the stack is closed; its address."""
    from monitor.web.app import build_app
    from monitor.web.serving import serving

    try:
        address = stack.enter_context(serving(bind, build_app(host)))
    except OSError as error:
        fail(f"web.bind: {bind} cannot be had: {error.strerror}")
    gc.freeze()  # what is loaded stays: to look through all of it for garbage held up a page by 130 ms now and then
    return address
