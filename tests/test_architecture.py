"""Imports point one way, and the core does no I/O: the invariants of ARCHITECTURE.md, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "monitor").rglob("*.py"))
    if "versions" not in path.parts
}
STAGES = ("feeds", "matching", "stories", "digests", "delivery", "storage")
VALUES = ("monitor.domain", "monitor.errors", "monitor.http")
#: Who may import what of ours, by the longest prefix that fits. Each may also import from its own package.
ALLOWED: dict[str, tuple[str, ...]] = {
    "monitor.domain": (),
    "monitor.errors": VALUES,
    "monitor.http": (),
    "monitor.logs": (),
    **{f"monitor.{stage}": VALUES for stage in STAGES},
    # The configuration is checked with the pure readers of the stages: what a query or a schedule is, they know.
    "monitor.config": (*VALUES, "monitor.matching.check", "monitor.digests.schedule"),
    "monitor.pipeline": (*VALUES, "monitor.config.models", *(f"monitor.{stage}" for stage in STAGES)),
    "monitor.pushes": (*VALUES, "monitor.config.models", "monitor.pipeline", "monitor.feeds", "monitor.storage"),
    "monitor.following": (*VALUES, "monitor.config", "monitor.feeds"),
    "monitor.proposals": (*VALUES, "monitor.config.naming", "monitor.storage", "monitor.stories"),
    "monitor.scheduling": (*VALUES, "monitor.pipeline", "monitor.pushes", "monitor.storage", "monitor.feeds.polling"),
    "monitor.engine": (*VALUES, "monitor.pipeline", "monitor.pushes", "monitor.scheduling", "monitor.storage"),
    "monitor.meaning": (*VALUES, "monitor.stories"),
    "monitor.backtest": (*VALUES, "monitor.pipeline", "monitor.storage", "monitor.matching.matcher", "monitor.meaning"),
    # A page gathers from storage, asks the pure stages, and shows; what it has done goes through the pipeline.
    "monitor.web": (
        *VALUES,
        "monitor.config",
        "monitor.pipeline",
        "monitor.pushes",
        "monitor.following",
        "monitor.proposals",
        "monitor.meaning",
        "monitor.storage",
        "monitor.feeds",
        "monitor.matching",
        "monitor.stories",
        "monitor.digests",
    ),
    "monitor.app": (
        *VALUES,
        "monitor.config.models",
        "monitor.pipeline",
        "monitor.meaning",
        *(f"monitor.{stage}" for stage in STAGES),
    ),
    "monitor.demo": (*VALUES, "monitor.storage"),
    "monitor.cli": ("monitor",),
    "monitor.__main__": ("monitor.cli",),
    "monitor": (),
}
#: Rooms and files that may touch the outside world; everything else of the stages computes.
OUTSIDE = (
    "monitor.feeds.asking",
    "monitor.feeds.fetch",
    "monitor.feeds.guard",
    "monitor.feeds.isolation",
    "monitor.delivery.channels",
    "monitor.storage",
)
IO = {
    "asyncio", "http", "httpcore", "httpx", "logging", "multiprocessing", "os", "pathlib", "pebble", "random",
    "secrets", "shutil", "smtplib", "socket", "sqlalchemy", "ssl", "structlog", "subprocess", "tempfile", "threading",
    "time", "urllib.request",
}  # fmt: skip
PURE = [
    name for name in MODULES if name.split(".")[1:2] and name.split(".")[1] in STAGES and not name.startswith(OUTSIDE)
]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def under(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str):
    rule = max((prefix for prefix in ALLOWED if under(module, (prefix,))), key=len)
    own = ".".join(module.split(".")[:2]) if module.count(".") else "monitor.__version__"
    allowed = (*ALLOWED[rule], own, "monitor.__version__")
    wrong = [name for name in imports(MODULES[module]) if name.startswith("monitor") and not under(name, allowed)]
    assert wrong == []


@pytest.mark.parametrize("module", PURE)
def test_the_core_imports_nothing_that_does_io(module: str):
    wrong = [name for name in imports(MODULES[module]) if under(name, tuple(IO))]
    assert wrong == []


@pytest.mark.parametrize("module", PURE)
def test_the_core_is_told_the_time(module: str):
    calls = [node for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))) if isinstance(node, ast.Call)]
    clocks = [ast.unparse(call.func) for call in calls if isinstance(call.func, ast.Attribute)]
    assert [call for call in clocks if call.endswith((".now", ".utcnow", ".today", "time.time", "open"))] == []


def test_only_entry_points_read_the_environment():
    """``cli`` hands it to ``config``, and heeds two variables for the log; nobody else looks."""
    readers = [name for name, path in MODULES.items() if "os.environ" in path.read_text("utf-8")]
    assert all(name.startswith(("monitor.cli", "monitor.demo")) for name in readers)


@pytest.mark.parametrize("module", MODULES)
def test_a_file_is_read_in_one_sitting(module: str):
    assert MODULES[module].stat().st_size < 24_000


def test_the_light_commands_load_nothing_heavy():
    """What ``monitor check`` and ``monitor --help`` import at the top: SQLAlchemy, httpx, feedparser stay away."""
    heavy = ("sqlalchemy", "httpx", "feedparser", "apscheduler", "jinja2", "alembic", "structlog", "lxml", "dateparser")
    heavy += ("fastapi", "uvicorn", "starlette", "itsdangerous")
    light = [name for name in MODULES if name.startswith(("monitor.cli", "monitor.config")) or name in VALUES]
    for name in light:
        top = ast.parse(MODULES[name].read_text("utf-8")).body
        loaded = [alias.name for node in top if isinstance(node, ast.Import) for alias in node.names]
        loaded += [str(node.module) for node in top if isinstance(node, ast.ImportFrom)]
        assert [module for module in loaded if under(module, heavy)] == [], name


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("monitor.web")])
def test_the_page_holds_no_sql(module: str):
    assert [name for name in imports(MODULES[module]) if under(name, ("sqlalchemy", "monitor.storage.schema"))] == []
