"""Numbered steps from one schema to the next, taken by Alembic.

A change of ``schema.py`` comes with its step: ``versions/NNNN_what.py``, begun from ``script.py.mako``, and NNNN in
``schema.HEAD``. The tests then say what the step lacks: a fresh database must equal a migrated one.

Importing this package imports Alembic (0.4 s), so ``store`` does it only when a step has to be taken.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

SCRIPTS = Path(__file__).parent


def upgrade(connection: Connection, scripts: Path = SCRIPTS) -> None:
    """Take every step that this database lacks, each in a transaction of its own. An empty database gets them all."""
    config = _config(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def revisions(scripts: Path = SCRIPTS) -> list[str]:
    """The numbers of all steps, first to last."""
    steps = ScriptDirectory.from_config(_config(scripts)).walk_revisions()
    return [step.revision for step in steps][::-1]


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
