"""Where things stand in a YAML text, and lines put in or cut out there: what editing by position is made of."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

#: A list's indent under its key, where there is none to go by.
INDENT = "  "
#: A list in brackets goes on in the next line beyond this column.
LONGEST_LINE = 120


def write(target: Path, text: str) -> None:
    """Replace a file at once or not at all. OSError."""
    target = target.resolve()  # a link stays a link
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode("utf-8"))
        os.fsync(file.fileno())
    Path(name).chmod(target.stat().st_mode & 0o777)
    Path(name).replace(target)


def composed(text: str) -> yaml.Node | None:
    """The nodes of a text, whose marks count its characters. yaml.YAMLError.

    libyaml takes a tenth of the time and marks the same places, except where it does not count a byte order mark.
    """
    return yaml.compose(text, yaml.SafeLoader if text.startswith("\ufeff") else yaml.CSafeLoader)


#: A key and its value.
Pair = tuple[yaml.Node, yaml.Node]


def pair_of(root: yaml.Node | None, key: str) -> Pair | None:
    """A key of a mapping with its value; None where it is not there."""
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next(((name, value) for name, value in pairs if name.value == key), None)


def end_of(node: yaml.Node) -> int:
    """Index after the last character of a node: a block's own mark stands before the next thing, behind comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def line_end(text: str, index: int) -> int:
    """Index of the start of the next line; where a line has just ended, that index itself."""
    if index and text[index - 1] == "\n":
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def inserted(text: str, pair: Pair | None, items: Sequence[str]) -> str:
    """Items put at the end of a list, as each would be written on a line of its own.

    pair   the list's key and the list; None: ``feeds`` at the end of the file
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    if pair is None:
        return _put(text, len(text), [f"feeds:{newline}", *(f"{INDENT}- {item}{newline}" for item in items)], newline)
    key, feeds = pair
    if isinstance(feeds, yaml.SequenceNode) and feeds.value and feeds.flow_style:
        for item in reversed(items):
            text = _appended(text, end_of(feeds.value[-1]), item, " " * key.start_mark.column + INDENT)
        return text
    if isinstance(feeds, yaml.SequenceNode) and feeds.value:
        indent = " " * feeds.start_mark.column
        at = line_end(text, end_of(feeds.value[-1]))
        return _put(text, at, [f"{indent}- {item}{newline}" for item in items], newline)
    # Nothing yet, written as nothing, [], ~ or null: what stands for it goes, the list comes under the key.
    indent = " " * key.start_mark.column + INDENT
    text = text[: feeds.start_mark.index] + text[feeds.end_mark.index :]
    at = line_end(text, key.end_mark.index)
    return _put(text, at, [f"{indent}- {item}{newline}" for item in items], newline)


def _appended(text: str, at: int, item: str, indent: str) -> str:
    """An item more after index ``at`` of a list in brackets, on its own line where the line grows too long."""
    line = at - text.rfind("\n", 0, at)
    fits = line + len(item) + len(", ]") <= LONGEST_LINE
    return f"{text[:at]},{' ' if fits else chr(10) + indent}{item}{text[at:]}"


def _put(text: str, at: int, lines: Sequence[str], newline: str) -> str:
    """Lines put in before index ``at``, which begins a line or ends the text."""
    gap = newline if at and text[at - 1] != "\n" else ""
    return text[:at] + gap + "".join(lines) + text[at:]


def removed(text: str, pair: Pair, at: int) -> str:
    """The list without the item of that number."""
    key, feeds = pair
    item = feeds.value[at]
    start, end = item.start_mark.index, end_of(item)
    if isinstance(feeds, yaml.SequenceNode) and feeds.flow_style:
        after = re.compile(r"\s*,[ \t]*").match(text, end)
        if after:
            return text[:start] + text[after.end() :]
        before = re.search(r",\s*$", text[:start])
        return text[: before.start() if before else start] + text[end:]
    dash = text.rfind("-", 0, start)
    line = text.rfind("\n", 0, dash) + 1
    rest = text[:line] + text[line_end(text, end) :]
    if len(feeds.value) > 1:
        return rest
    colon = rest.index(":", key.end_mark.index) + 1
    return f"{rest[:colon]} []{rest[colon:]}"


def replaced(text: str, pair: Pair, lines: Sequence[str]) -> str:
    """Another text as a key's value: in a block where it stands in one, or where it has several lines or a long one."""
    key, value = pair
    start, end = value.start_mark.index, value.end_mark.index
    indent = " " * key.start_mark.column + INDENT
    block = "\n".join(f"{indent}{line}" for line in lines)
    if isinstance(value, yaml.ScalarNode) and value.style in ("|", ">") and lines:
        content = line_end(text, start)
        told = text[content:end].rstrip()
        return f"{text[:start]}>{text[start + 1 : content]}{block}{text[content + len(told) :]}"
    if len(lines) > 1 or any(len(indent) + len(line) > LONGEST_LINE for line in lines):
        after = line_end(text, end)
        rest = text[end:after].rstrip("\r\n")
        return f"{text[:start]}>{rest}\n{block}\n{text[after:]}"
    return f"{text[:start]}{quoted(' '.join(lines))}{text[end:]}"


def quoted(word: str) -> str:
    """As it stands in a list of YAML."""
    dumped = yaml.safe_dump([word], default_flow_style=True, allow_unicode=True, width=float("inf"))
    return str(dumped).strip()[1:-1]
