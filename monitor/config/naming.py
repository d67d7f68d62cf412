"""A new name put into a story file, and not a character changed beside it.

It is edited by position like ``monitor.yaml`` (``editing``), and written only if the whole configuration is then
without mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from monitor.config.loading import load
from monitor.config.models import Config
from monitor.config.places import end_of, inserted, line_end, pair_of, write
from monitor.errors import ConfigError, Problem

#: The lists of a topic that a name may go into.
Kind = Literal["strong", "aliases"]


@dataclass(frozen=True, slots=True)
class StoryFile:
    """A story file as it is or will be."""

    path: Path
    text: str

    @classmethod
    def find(cls, folder: Path, story: str) -> StoryFile:
        """The file that holds this story. ConfigError: there is none."""
        for path in sorted((folder / "stories").glob("*.yaml")):
            try:
                file = cls(path, path.read_bytes().decode("utf-8"))
                if file._values().get("story") == story:
                    return file
            except (OSError, UnicodeDecodeError, yaml.YAMLError):
                continue  # `monitor check` says what is wrong with it
        raise ConfigError([Problem(str(folder / "stories"), 0, "", f"no file holds the story {story!r}")])

    def with_name(self, topic: str, name: str, kind: Kind) -> StoryFile:
        """The file with one more name of a topic, at the end of its list. ConfigError."""
        place, node = self._topic(topic)
        item = yaml.safe_dump([name], default_flow_style=True, allow_unicode=True, width=float("inf")).strip()[1:-1]
        listed = pair_of(node, kind)
        text = inserted(self.text, listed, [item]) if listed else self._with_list(node, f"{kind}: [{item}]")
        edited = StoryFile(self.path, text)
        expected = self._values()
        changed = expected["topics"][place]
        changed[kind] = [*(changed.get(kind) or ()), name]
        if edited._values() != expected:
            raise self._problem("it is written in a way that cannot be edited here", "edit the file by hand")
        return edited

    def save(self, environ: Mapping[str, str]) -> Config:
        """Write it, if the whole configuration is then without mistakes; at once or not at all. ConfigError."""
        config = load(self.path.parent.parent, environ, story_texts={self.path: self.text})
        try:
            write(self.path, self.text)
        except OSError as error:
            raise self._problem(f"cannot be written: {error.strerror}", "") from error
        return config

    def _topic(self, topic: str) -> tuple[int, yaml.MappingNode]:
        """Its number in the list of topics, and where it stands."""
        topics = pair_of(yaml.compose(self.text, yaml.SafeLoader), "topics")
        for place, node in enumerate(topics[1].value if topics else ()):
            named = pair_of(node, "id")
            if named and named[1].value == topic and isinstance(node, yaml.MappingNode):
                return place, node
        raise self._problem(f"there is no topic {topic!r}", "")

    def _with_list(self, topic: yaml.MappingNode, written: str) -> str:
        """The text with a line, or a piece of one, more in a topic, behind its id."""
        named = pair_of(topic, "id")
        assert named is not None
        at = end_of(named[1])
        if topic.flow_style:
            return f"{self.text[:at]}, {written}{self.text[at:]}"
        at = line_end(self.text, at)
        return f"{self.text[:at]}{' ' * named[0].start_mark.column}{written}\n{self.text[at:]}"

    def _values(self) -> dict[str, Any]:
        values = yaml.load(self.text, yaml.CSafeLoader)
        return values if isinstance(values, dict) else {}

    def _problem(self, message: str, hint: str) -> ConfigError:
        return ConfigError([Problem(str(self.path), 0, "", message, hint)])
