"""The database itself: its schema, backups of it, and the way from one kind to the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, load_config, out, told_errors

db = typer.Typer(no_args_is_help=True)


@db.command("upgrade")
def upgrade(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Bring the database to this version's schema. Every other command does so too."""
    with told_errors():
        from monitor.storage.store import Store

        with Store.open(load_config(config).storage.url) as store:
            out(f"{store.name}: schema is up to date")


@db.command("copy")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="As in sqlite:///var/monitor.db")],
    target: Annotated[str, typer.Argument(metavar="TO", help="As in postgresql://monitor@localhost/monitor; empty.")],
) -> None:
    """Copy one database into another, empty one, and compare them row by row. Stop the monitor first."""
    with told_errors():
        from monitor.storage import copying
        from monitor.storage.store import Store

        with (
            Store.open(source) as old,
            Store.open(target) as new,
            old.lock_instance(),
            new.lock_instance(),
        ):
            for table in copying.copy(old, new):
                out(f"{table.table:20} {table.rows:>10} rows  {table.fingerprint[:16]}")
            out(f"{new.name} now holds what {old.name} holds. DATABASE_URL or storage.url says which one is used.")


def backup(
    file: Annotated[Path, typer.Argument(help="Where to; it must not be there yet.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Write one moment of the database into a file, also while the monitor runs; from PostgreSQL as from SQLite."""
    with told_errors():
        from monitor.storage import copying
        from monitor.storage.store import Store

        with Store.open(load_config(config).storage.url) as store:
            size = copying.backup(store, file)
        out(f"{file}: {size / 1e6:.1f} MB, checked. It holds secrets of subscriptions; keep it like the database.")


def restore(
    file: Annotated[Path, typer.Argument(help="What `monitor backup` wrote, by this release or an older one.")],
    config: ConfigDir = DEFAULT_CONFIG,
    replace: Annotated[bool, typer.Option("--replace", help="Remove what the database holds now.")] = False,
) -> None:
    """Put a backup into the configured database, whole or not at all. Stop the monitor first.

    What was delivered after the backup is not known to it and will be told again, once.
    """
    with told_errors():
        from monitor.storage import copying
        from monitor.storage.store import Store

        with Store.open(load_config(config).storage.url) as store, store.lock_instance():
            rows = sum(table.rows for table in copying.restore(file, store, replace=replace))
            out(f"{store.name}: {rows} rows restored from {file} and compared")
