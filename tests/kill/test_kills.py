"""A monitor that is killed anywhere in its work: the next one loses nothing, and repeats only what it cannot know."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import insert, inspect, select, text

from monitor.errors import StorageError
from monitor.feeds.isolation import Parser
from monitor.storage import migrations
from monitor.storage.schema import METADATA, digest_starts
from monitor.storage.store import Store, engine_for
from tests.factories import NOON
from tests.kill.life import REPEATING, ROOT, Life, Verdict, Witness
from tests.servers import Site, serve


@pytest.fixture
def witness() -> Iterator[Witness]:
    witness = Witness()
    with serve(witness):
        yield witness


@pytest.fixture
def life(tmp_path: Path, database_url: str, site: Site, witness: Witness, parser: Parser) -> Life:
    return Life(tmp_path, database_url, site, witness, parser)


@pytest.mark.parametrize(
    ("database", "point"),
    [
        ("sqlite", "before commit"),
        ("sqlite", "in prune"),
        ("sqlite", "sent, no answer"),
        ("sqlite", "answered, not marked"),
        ("postgresql", "after commit of the digest"),
        ("postgresql", "answered, not marked"),
    ],
)
def test_whoever_is_killed_loses_nothing_and_repeats_only_what_may_have_arrived(life: Life, point: str):
    life.happens("Arden bridge delayed")
    assert life.kills(point)
    life.lives(ticks=2)
    assert life.verdict() == Verdict(
        matched=1,
        lost=0,
        repeated=1 if point in REPEATING else 0,
        changed=0,
        twice=0,
        bad_signatures=0,
        owed=0,
        sound=True,
    )
    if point == "in prune":
        assert life.forgets() == 1
        life.lives(ticks=2)
        assert life.verdict().twice == 0


@pytest.mark.parametrize("statements", [12])
def test_a_schema_whose_step_is_killed_is_the_one_before_and_the_step_can_be_taken(
    tmp_path: Path, database_url: str, statements: int
):
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump({"storage": {"url": database_url}}), "utf-8")
    command = [sys.executable, "-m", "tests.kill.runner", str(tmp_path), "-", f"in migration {statements}"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=300)
    assert done.returncode == -signal.SIGKILL
    engine = engine_for(database_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    Store.open(database_url).close()
    assert set(METADATA.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


#: What a later release may bring: a table, a column that is filled, and an index.
LATER = """
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.execute("CREATE TABLE kept (name TEXT)")
    op.execute("ALTER TABLE digest_starts ADD COLUMN note TEXT")
    op.execute("INSERT INTO kept SELECT digest FROM digest_starts")
    op.execute("UPDATE digest_starts SET note = 'filled'")
    op.execute("CREATE INDEX ix_kept ON kept (name)")
    op.execute("CREATE INDEX ix_note ON digest_starts (note)")
"""


@pytest.mark.parametrize("statements", [1, 3])
def test_an_upgrade_that_is_killed_leaves_the_old_schema_with_its_rows_and_can_be_taken(
    tmp_path: Path, database_url: str, statements: int
):
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump({"storage": {"url": database_url}}), "utf-8")
    steps = tmp_path / "steps"
    shutil.copytree(migrations.SCRIPTS, steps)
    (steps / "versions/0002_later.py").write_text(LATER, "utf-8")
    with Store.open(database_url) as store, store.write() as connection:
        connection.execute(insert(digest_starts).values(digest="morning", since=NOON))
    command = [sys.executable, "-m", "tests.kill.runner", str(tmp_path), "-", f"in migration {statements}"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=300)
    assert done.returncode == -signal.SIGKILL
    with Store.open(database_url) as old, old.read() as connection:  # the release before still works on it
        assert [row.digest for row in connection.execute(select(digest_starts))] == ["morning"]
        assert "kept" not in inspect(connection).get_table_names()
        assert "note" not in [column["name"] for column in inspect(connection).get_columns("digest_starts")]
    engine = engine_for(database_url)
    with engine.connect() as connection:
        migrations.upgrade(connection, steps)
        connection.commit()
        assert connection.execute(text("SELECT name FROM kept")).scalars().all() == ["morning"]
        assert connection.execute(text("SELECT note FROM digest_starts")).scalars().all() == ["filled"]
    engine.dispose()
    with pytest.raises(StorageError, match="schema 0002"):
        Store.open(database_url)
