"""A folder becomes one frozen configuration, or one report of every mistake with its place and its mend."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.config.loading import json_schema, load
from monitor.errors import ConfigError

MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))
GOOD_STORY = """\
story: bridge
topics: [{id: bridge, strong: [Arden Sound bridge]}]
storylines: [{id: opening, title: When it opens, topics: [bridge], query: open*}]
"""
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def folder(tmp_path: Path, main: str = "", story: str = GOOD_STORY) -> Path:
    (tmp_path / "stories").mkdir()
    (tmp_path / "monitor.yaml").write_text(main, "utf-8")
    (tmp_path / "stories/bridge.yaml").write_text(story, "utf-8")
    return tmp_path


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_file_line_key_and_mend(path: Path, tmp_path: Path):
    text = path.read_text("utf-8")
    expected = text.splitlines()[0].removeprefix("# expect: ").replace("FOLDER", str(tmp_path))
    place = folder(tmp_path, story=text) if path.stem.startswith("story-") else folder(tmp_path, main=text)
    with pytest.raises(ConfigError) as caught:
        load(place, {})
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert len(told) == 1, told
    assert told[0].startswith(expected)
    assert len(told[0]) > len(expected.rstrip()) or not expected.endswith(" ")


def test_all_mistakes_of_all_files_come_in_one_report(tmp_path: Path):
    place = folder(tmp_path, main="polling: {intervall: 1h}\nfeedz: []\n", story="story: bridge\ntopic: []\n")
    with pytest.raises(ConfigError) as caught:
        load(place, {})
    assert [problem.key for problem in caught.value.problems] == ["polling.intervall", "feedz", "topic"]


def test_a_folder_that_is_not_there_names_the_command_that_makes_one(tmp_path: Path):
    with pytest.raises(ConfigError, match="monitor init"):
        load(tmp_path / "nowhere", {})


def test_the_starter_files_of_init_have_no_mistake(tmp_path: Path):
    from monitor.config.templates import starter

    for name, text in starter("harbour").items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    config = load(tmp_path, {})
    assert [story.story for story in config.stories] == ["harbour"]
    assert config.digests[0].story == "harbour"


def test_a_variable_of_the_environment_is_filled_in(tmp_path: Path):
    main = 'channels: [{id: desk, type: webhook, url: "${URL}", secret: "${SECRET}"}]'
    config = load(folder(tmp_path, main), {"URL": "https://hooks.test/a", "SECRET": SECRET})
    assert config.channels[0].url.get_secret_value() == "https://hooks.test/a"


def test_a_secret_may_stand_in_a_file_beside_the_configuration(tmp_path: Path):
    place = folder(
        tmp_path, "channels: [{id: desk, type: webhook, url: https://hooks.test/a, secret_file: secret.txt}]"
    )
    (place / "secret.txt").write_text(SECRET + "\n", "utf-8")
    assert load(place, {}).channels[0].secret.get_secret_value() == SECRET


def test_a_secret_is_not_shown_when_the_configuration_is_printed(tmp_path: Path):
    main = f"channels: [{{id: desk, type: webhook, url: https://hooks.test/canary, secret: {SECRET}}}]"
    shown = repr(load(folder(tmp_path, main), {}))
    assert SECRET not in shown
    assert "canary" not in shown


def test_database_url_in_the_environment_wins(tmp_path: Path):
    config = load(folder(tmp_path, "storage: {url: sqlite:///a.db}"), {"DATABASE_URL": "sqlite:///b.db"})
    assert config.storage.url == "sqlite:///b.db"


def test_an_interval_of_seconds_is_taken_as_meant(tmp_path: Path):
    config = load(folder(tmp_path, "polling: {interval: 5s}"), {})
    assert config.polling.interval == timedelta(seconds=5)


def test_the_configuration_cannot_be_changed(tmp_path: Path):
    config = load(folder(tmp_path), {})
    with pytest.raises(ValidationError):
        config.polling.concurrency = 1


def test_an_empty_monitor_yaml_has_sensible_defaults(tmp_path: Path):
    config = load(folder(tmp_path), {})
    assert config.storage.url == "sqlite:///var/monitor.db"
    assert config.polling.interval == timedelta(hours=1)
    assert config.polling.prime
    assert config.web.bind == "127.0.0.1:8080"


def test_the_schema_describes_every_key_that_people_may_write():
    nameless = []

    def walk(name: str, schema: dict) -> None:
        for key, value in schema.get("properties", {}).items():
            if "description" not in value:
                nameless.append(f"{name}.{key}")

    for file, schema in json_schema().items():
        walk(file, schema)
        for name, definition in schema["$defs"].items():
            walk(name, definition)
    assert [name for name in nameless if not name.endswith(".type")] == []
