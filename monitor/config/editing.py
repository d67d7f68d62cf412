"""Feeds put into ``monitor.yaml`` and taken out of it, and not a character changed beside them.

People write that file, with comments, order and columns of their own. So it is not written anew from its values: the
parser says where things stand, and lines are put in or cut out there. ruamel.yaml, which exists for this, drops the
heading after a removed feed, as it keeps a comment with what stands before it. Whatever cannot be edited so (aliases,
several documents) is left alone with a word: after each edit the values are read again and compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from monitor.config.durations import format_duration
from monitor.config.loading import load
from monitor.config.models import Config, FeedSettings
from monitor.config.places import composed, inserted, pair_of, removed, write
from monitor.config.reading import VARIABLE
from monitor.domain import without_login
from monitor.errors import ConfigError, Problem

BY_HAND = "edit the file by hand"


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
        edited = MainFile(self.path, inserted(self.text, pair_of(self._node(), "feeds"), items))
        expected = [*self.feeds(), *(yaml.safe_load(item) for item in items)]
        return self._checked(edited, expected)

    def without_feed(self, url: str) -> MainFile:
        """The file without that feed and the comment on its line. ConfigError: it is not there."""
        pair = pair_of(self._node(), "feeds")
        items = pair[1].value if pair and isinstance(pair[1], yaml.SequenceNode) else []
        at = next((n for n, item in enumerate(items) if _address(item) == url), None)
        if at is None or pair is None:
            said = f"there is no feed {without_login(url)!r}"
            raise self._problem(said, "`monitor feeds list --json` shows their addresses")
        edited = MainFile(self.path, removed(self.text, pair, at))
        return self._checked(edited, [feed for n, feed in enumerate(self.feeds()) if n != at])

    def save(self, environ: Mapping[str, str]) -> Config:
        """Write it, if the whole configuration is then without mistakes; at once or not at all. ConfigError."""
        config = load(self.path.parent, environ, main_text=self.text)
        try:
            write(self.path, self.text)
        except OSError as error:
            raise self._problem(f"cannot be written: {error.strerror}", "") from error
        return config

    def _node(self) -> yaml.Node | None:
        try:
            return composed(self.text)
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
            raise self._problem(f"{without_login(found)!r} names a variable of the environment", BY_HAND)

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


def _address(item: yaml.Node) -> str | None:
    pair = pair_of(item, "url")
    return pair[1].value if pair and isinstance(pair[1], yaml.ScalarNode) else None
