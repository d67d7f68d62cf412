"""A database that came step by step equals a fresh one, and a step is taken whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Engine, inspect, text

from monitor.errors import StorageError
from monitor.storage import migrations
from monitor.storage.schema import HEAD, METADATA
from monitor.storage.store import Store, engine_for


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database, without a schema."""
    made = engine_for(database_url)
    yield made
    made.dispose()


def outline(engine: Engine) -> dict[str, Any]:
    """Everything a database says about its tables, in an order of its own."""
    look = inspect(engine)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in look.get_columns(table)},
            "key": look.get_pk_constraint(table),
            "references": sorted(look.get_foreign_keys(table), key=str),
            "unique": sorted(look.get_unique_constraints(table), key=str),
            "indexes": sorted(map(index_outline, look.get_indexes(table))),
        }
        for table in sorted(look.get_table_names())
    } | {"triggers": triggers(engine)}


def triggers(engine: Engine) -> list[str]:
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"))
        return list(made.scalars())


def index_outline(index: Any) -> tuple[str, ...]:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return (str(index["name"]), str(index["column_names"]), str(index["unique"]), str(sorted(options.items())))


def is_of_the_schema(_: object, name: str, *__: object) -> bool:
    """The index for searching is not: SQLAlchemy has no words for it."""
    return not name.startswith(("entry_search", "ix_entry_words"))


def test_a_migrated_database_is_what_the_schema_says(engine: Engine):
    with engine.connect() as connection:
        migrations.upgrade(connection)
        connection.commit()
        options = {"compare_type": True, "compare_server_default": True, "include_object": is_of_the_schema}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_a_fresh_database_equals_a_migrated_one(engine: Engine):
    with engine.connect() as connection:
        migrations.upgrade(connection)
    migrated = outline(engine)
    with engine.begin() as connection:
        METADATA.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    Store.open(engine.url.render_as_string(hide_password=False)).close()
    assert outline(engine) == migrated
    assert set(METADATA.tables) < set(migrated)


def test_head_is_the_number_of_the_last_step_and_the_steps_are_numbered_in_their_order():
    steps = migrations.revisions()
    assert steps[-1] == HEAD
    assert steps == sorted(steps)


STEP = """
from alembic import op
revision = "{revision}"
down_revision = {down!r}
def upgrade():
    op.execute("CREATE TABLE {table} (id INTEGER)")
    {then}
"""


def test_a_step_that_fails_half_way_leaves_the_steps_before_it_and_nothing_of_its_own(engine: Engine, tmp_path: Path):
    (tmp_path / "steps" / "versions").mkdir(parents=True)
    (tmp_path / "steps" / "env.py").write_text((migrations.SCRIPTS / "env.py").read_text())
    first = STEP.format(revision="0001", down=None, table="whole", then="")
    second = STEP.format(revision="0002", down="0001", table="half", then="raise RuntimeError('power cut')")
    (tmp_path / "steps" / "versions" / "0001_whole.py").write_text(first)
    (tmp_path / "steps" / "versions" / "0002_half.py").write_text(second)
    with pytest.raises(RuntimeError, match="power cut"), engine.connect() as connection:
        migrations.upgrade(connection, tmp_path / "steps")
    assert set(inspect(engine).get_table_names()) == {"alembic_version", "whole"}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0001"]


def test_a_newer_database_is_refused_with_a_word_on_what_to_do(engine: Engine):
    url = engine.url.render_as_string(hide_password=False)
    Store.open(url).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"schema 9999.*knows up to 0001.*install the newer release"):
        Store.open(url)


def test_opening_a_database_that_is_up_to_date_does_not_import_alembic(tmp_path: Path):
    code = (
        "import sys; from monitor.storage.store import Store; Store.open(sys.argv[1]).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    for _ in ("fresh", "again"):
        assert subprocess.run([sys.executable, "-c", code, url], check=False).returncode == 0


def test_an_older_sqlite_database_is_kept_as_it_was_before_a_step_is_taken(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    Store.open(url).close()
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    for _ in range(2):  # no step leads on from there, so it stays the old one
        with pytest.raises(CommandError):
            Store.open(url)
    engine.dispose()
    for name in (f"monitor.db.before-{HEAD}", f"monitor.db.before-{HEAD}.1"):
        kept = engine_for(f"sqlite:///{tmp_path / name}")
        with kept.connect() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0000"
        kept.dispose()
