"""YAML text in, plain values out, with the line of every key: what a report of mistakes needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from monitor.errors import Problem

#: Path of a key from the top of its file: ("digests", 0, "schedule").
Path_ = tuple[str | int, ...]
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: ``secret_file: path`` stands for ``secret`` with what the file holds.
FILE_SUFFIX = "_file"


@dataclass(slots=True)
class Source:
    """One file as read: its values, where each stands, and what is wrong with it so far."""

    file: str
    values: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path_, message: str, hint: str = "") -> Problem:
        """A mistake at this key; a key that is not in the file is placed at the nearest one around it."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 0)
        return Problem(self.file, line, show(path), message, hint)


def show(path: Path_) -> str:
    """``("digests", 0, "zone")`` as ``digests[0].zone``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read_yaml(path: Path, environ: Mapping[str, str] | None = None, *, text: str | None = None) -> Source:
    """Read one file; every mistake in it ends in ``problems``.

    environ  given: ``${NAME}`` in a text and ``key_file`` beside a key are filled in; None: text stays as it is
    text     what the file is about to hold; None: what it holds
    """
    source = Source(file=str(path))
    try:
        text = path.read_text("utf-8") if text is None else text
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        source.problems.append(Problem(str(path), 0, "", f"cannot be read: {reason}"))
        return source
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        fill = _filler(source, path.parent, environ) if environ is not None else None
        source.values = {} if node is None else _build(source, loader, node, (), fill)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        hint = (
            "quote the text" if error.problem and "alias" in error.problem else "check the indentation and the quotes"
        )
        source.problems.append(Problem(str(path), line, "", f"is not YAML: {error.problem or error.context}", hint))
    except yaml.YAMLError as error:
        source.problems.append(Problem(str(path), 0, "", f"is not YAML: {str(error).splitlines()[0]}"))
    finally:
        loader.dispose()
    return source


Fill = Callable[[str, Path_], str]


def _build(source: Source, loader: Any, node: yaml.Node, path: Path_, fill: Fill | None) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(source, loader, child, (*path, n), fill) for n, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(source, loader, node, path, fill)
    value = loader.construct_object(node)
    return fill(value, path) if fill and isinstance(value, str) else value


def _build_mapping(source: Source, loader: Any, node: yaml.MappingNode, path: Path_, fill: Fill | None) -> Any:
    loader.flatten_mapping(node)
    values: dict[str, Any] = {}
    for key_node, child in node.value:
        key = str(loader.construct_object(key_node))
        here = (*path, key)
        if key in values:
            line, hint = key_node.start_mark.line + 1, f"first on line {source.lines[here]}"
            source.problems.append(Problem(source.file, line, show(here), "stands twice", hint))
            continue
        source.lines[here] = key_node.start_mark.line + 1
        values[key] = _build(source, loader, child, here, fill)
    if fill is None:
        return values
    for key in [key for key in values if key.endswith(FILE_SUFFIX)]:
        _take_from_file(source, values, key, path)
    return values


def _filler(source: Source, folder: Path, environ: Mapping[str, str]) -> Fill:
    """What turns a text of the file into its value: variables of the environment, and files for ``*_file`` keys."""

    def fill(text: str, path: Path_) -> str:
        missing = [name for name in VARIABLE.findall(text) if name not in environ]
        for name in missing:
            hint = f"set {name}, or name a file with {path[-1]}{FILE_SUFFIX}"
            source.problems.append(source.problem(path, f"${{{name}}} is not set in the environment", hint))
        text = VARIABLE.sub(lambda found: environ.get(found[1], "unset"), text)
        return str(folder / text) if isinstance(path[-1], str) and path[-1].endswith(FILE_SUFFIX) else text

    return fill


def _take_from_file(source: Source, values: dict[str, Any], key: str, path: Path_) -> None:
    plain = key.removesuffix(FILE_SUFFIX)
    here = (*path, key)
    if plain in values:
        source.problems.append(source.problem(here, f"stands beside {plain}", "keep one of the two"))
        del values[key]
        return
    file = Path(str(values.pop(key)))
    source.lines[(*path, plain)] = source.lines[here]
    try:
        values[plain] = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        reason, hint = f"{key}: {file} cannot be read", "check its name and its rights"
        source.problems.append(source.problem((*path, plain), reason, hint))
        values[plain] = "unset"
