"""The docs are held against the code: every key and every command is described, and none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from monitor.cli import app
from monitor.config.loading import json_schema

DOCS = Path(__file__).parent.parent / "docs"


def commands() -> list[str]:
    root = typer.main.get_command(app)
    assert isinstance(root, typer.core.TyperGroup)
    names = []
    for name, command in root.commands.items():
        inner = getattr(command, "commands", None)
        names += [f"monitor {name} {verb}" for verb in inner] if inner else [f"monitor {name}"]
    return names


def keys() -> list[str]:
    found = set()
    for schema in json_schema().values():
        for part in (schema, *schema["$defs"].values()):
            found |= set(part.get("properties", {}))
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_described(command: str):
    assert re.search(rf"`{command}[ `]", (DOCS / "commands.md").read_text("utf-8"))


def parameters(command: Any, name: str = "monitor") -> Iterator[tuple[str, str]]:
    """Every command, argument and option, by name, and what ``--help`` says of it."""
    yield name, command.help or ""
    for parameter in command.params:
        yield f"{name} {parameter.name}", getattr(parameter, "help", None) or ""
    for verb, inner in getattr(command, "commands", {}).items():
        yield from parameters(inner, f"{name} {verb}")


def test_help_says_what_every_command_argument_and_option_is_for():
    said = dict(parameters(typer.main.get_command(app)))
    assert len(said) > 150
    groups = {command.rpartition(" ")[0] for command in commands()}
    assert [name for name, words in said.items() if not words and name not in groups] == []


def test_no_command_is_described_that_is_not_there():
    described = set(re.findall(r"`(monitor [a-z]+(?: [a-z]+)?)", (DOCS / "commands.md").read_text("utf-8")))
    assert described <= set(commands())


@pytest.mark.parametrize("key", keys())
def test_every_key_of_the_configuration_is_described(key: str):
    assert f"`{key}`" in (DOCS / "configuration.md").read_text("utf-8")


def test_what_the_readme_links_to_is_there_and_nothing_is_left_to_fill_in():
    readme = DOCS.parent / "README.md"
    text = readme.read_text("utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert len(targets) > 5
    assert [target for target in targets if not (readme.parent / target).exists()] == []
    assert "_OUTPUT" not in text
