"""Feeds put into ``monitor.yaml`` and taken out of it, and not a character changed beside them.

People write that file, with comments, order and columns of their own. So it is not written anew from its values: the
parser says where things stand, and lines are put in or cut out there. ruamel.yaml, which exists for this, drops the
heading after a removed feed, as it keeps a comment with what stands before it. Whatever cannot be edited so (aliases,
several documents) is left alone with a word: after each edit the values are read again and compared.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from monitor.config.durations import format_duration
from monitor.config.loading import load
from monitor.config.models import Config, FeedSettings
from monitor.config.reading import VARIABLE
from monitor.errors import ConfigError, Problem

BY_HAND = "edit the file by hand"
#: A list's indent under its key, where there is none to go by.
INDENT = "  "


@dataclass(frozen=True, slots=True)
class MainFile:
    """``monitor.yaml`` as it is or will be."""

    path: Path
    text: str

    @classmethod
    def read(cls, folder: Path) -> MainFile:
        path = folder / "monitor.yaml"
        try:
            return cls(path, path.read_bytes().decode("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
            raise ConfigError([Problem(str(path), 0, "", f"cannot be read: {reason}")]) from error

    def feeds(self) -> list[dict[str, Any]]:
        """The feeds as they are written: no variable is filled in, no file read."""
        found = self._values().get("feeds") or []
        return [feed for feed in found if isinstance(feed, dict)]

    def with_feeds(self, new: Sequence[FeedSettings]) -> MainFile:
        """The file with these feeds at the end of its list, a line each. ConfigError."""
        for feed in new:
            self._refuse_variables(feed)
        items = [written(feed) for feed in new]
        edited = MainFile(self.path, _inserted(self.text, _pair(self._node(), "feeds"), items))
        expected = [*self.feeds(), *(yaml.safe_load(item) for item in items)]
        return self._checked(edited, expected)

    def without_feed(self, url: str) -> MainFile:
        """The file without that feed and the comment on its line. ConfigError: it is not there."""
        pair = _pair(self._node(), "feeds")
        items = pair[1].value if pair and isinstance(pair[1], yaml.SequenceNode) else []
        at = next((n for n, item in enumerate(items) if _address(item) == url), None)
        if at is None or pair is None:
            raise self._problem(f"there is no feed {url!r}", "`monitor feeds list --json` shows their addresses")
        edited = MainFile(self.path, _removed(self.text, pair, at))
        return self._checked(edited, [feed for n, feed in enumerate(self.feeds()) if n != at])

    def save(self, environ: Mapping[str, str]) -> Config:
        """Write it, if the whole configuration is then without mistakes; at once or not at all. ConfigError."""
        config = load(self.path.parent, environ, main_text=self.text)
        target = self.path.resolve()  # a link stays a link
        try:
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            with os.fdopen(handle, "wb") as file:
                file.write(self.text.encode("utf-8"))
                os.fsync(file.fileno())
            Path(name).chmod(target.stat().st_mode & 0o777)
            Path(name).replace(target)
        except OSError as error:
            raise self._problem(f"cannot be written: {error.strerror}", "") from error
        return config

    def _node(self) -> yaml.Node | None:
        try:
            return yaml.compose(self.text, yaml.SafeLoader)  # in Python: its marks count characters
        except yaml.YAMLError as error:
            raise self._problem(f"is not YAML: {str(error).splitlines()[0]}", "`monitor check` says more") from error

    def _values(self) -> dict[str, Any]:
        try:
            values = yaml.load(self.text, yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise self._problem(f"is not YAML: {str(error).splitlines()[0]}", "`monitor check` says more") from error
        return values if isinstance(values, dict) else {}

    def _checked(self, edited: MainFile, expected: Sequence[Mapping[str, Any]]) -> MainFile:
        """The edited file, if its values are those that were wanted and nothing else has changed."""
        if edited._values() != self._values() | {"feeds": list(expected)}:
            raise self._problem("its list of feeds is written in a way that cannot be edited here", BY_HAND)
        return edited

    def _refuse_variables(self, feed: FeedSettings) -> None:
        """A stranger's ``${NAME}`` would be filled with what our environment holds, and sent to him."""
        found = next((text for text in (feed.url, feed.title, *feed.tags) if VARIABLE.search(text)), None)
        if found is not None:
            raise self._problem(f"{found!r} names a variable of the environment", BY_HAND)

    def _problem(self, message: str, hint: str) -> ConfigError:
        return ConfigError([Problem(str(self.path), 0, "", message, hint)])


def written(feed: FeedSettings) -> str:
    """A feed on one line of YAML: ``{url: 'https://news.test/feed', tags: [news]}``."""
    values: dict[str, Any] = {"url": feed.url}
    if feed.title:
        values["title"] = feed.title
    if feed.tags:
        values["tags"] = list(feed.tags)
    if feed.interval is not None:
        values["interval"] = format_duration(feed.interval)
    dumped = yaml.safe_dump(values, default_flow_style=True, allow_unicode=True, sort_keys=False, width=float("inf"))
    return str(dumped).strip()


# --- Where things stand -----------------------------------------------------------------------------------------------


#: A key and its value.
Pair = tuple[yaml.Node, yaml.Node]


def _pair(root: yaml.Node | None, key: str) -> Pair | None:
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next(((name, value) for name, value in pairs if name.value == key), None)


def _address(item: yaml.Node) -> str | None:
    pair = _pair(item, "url")
    return pair[1].value if pair and isinstance(pair[1], yaml.ScalarNode) else None


def _end(node: yaml.Node) -> int:
    """Index after the last character of a node: a block's own mark stands before the next thing, behind comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, index: int) -> int:
    """Index of the start of the next line; where a line has just ended, that index itself."""
    if index and text[index - 1] == "\n":
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _inserted(text: str, pair: Pair | None, items: Sequence[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if pair is None:
        return _put(text, len(text), [f"feeds:{newline}", *(f"{INDENT}- {item}{newline}" for item in items)], newline)
    key, feeds = pair
    if isinstance(feeds, yaml.SequenceNode) and feeds.value and feeds.flow_style:
        at = _end(feeds.value[-1])
        return text[:at] + "".join(f", {item}" for item in items) + text[at:]
    if isinstance(feeds, yaml.SequenceNode) and feeds.value:
        indent = " " * feeds.start_mark.column
        at = _line_end(text, _end(feeds.value[-1]))
        return _put(text, at, [f"{indent}- {item}{newline}" for item in items], newline)
    # Nothing yet, written as nothing, [], ~ or null: what stands for it goes, the list comes under the key.
    indent = " " * key.start_mark.column + INDENT
    text = text[: feeds.start_mark.index] + text[feeds.end_mark.index :]
    at = _line_end(text, key.end_mark.index)
    return _put(text, at, [f"{indent}- {item}{newline}" for item in items], newline)


def _put(text: str, at: int, lines: Sequence[str], newline: str) -> str:
    """Lines put in before index ``at``, which begins a line or ends the text."""
    gap = newline if at and text[at - 1] != "\n" else ""
    return text[:at] + gap + "".join(lines) + text[at:]


def _removed(text: str, pair: Pair, at: int) -> str:
    key, feeds = pair
    item = feeds.value[at]
    start, end = item.start_mark.index, _end(item)
    if isinstance(feeds, yaml.SequenceNode) and feeds.flow_style:
        after = re.compile(r"\s*,[ \t]*").match(text, end)
        if after:
            return text[:start] + text[after.end() :]
        before = re.search(r",\s*$", text[:start])
        return text[: before.start() if before else start] + text[end:]
    dash = text.rfind("-", 0, start)
    line = text.rfind("\n", 0, dash) + 1
    rest = text[:line] + text[_line_end(text, end) :]
    if len(feeds.value) > 1:
        return rest
    colon = rest.index(":", key.end_mark.index) + 1
    return f"{rest[:colon]} []{rest[colon:]}"
