"""Names, words and queries put into a story file and taken out of it, and not a character changed beside them.

It is edited by position like ``monitor.yaml`` (``editing``), and written only if the whole configuration is then
without mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from monitor.config.editing import BY_HAND
from monitor.config.loading import load
from monitor.config.models import Config
from monitor.config.places import composed, end_of, inserted, line_end, pair_of, quoted, removed, replaced, write
from monitor.config.reading import VARIABLE
from monitor.domain import Topic
from monitor.errors import ConfigError, Problem

#: The lists of a topic that a name may go into.
Kind = Literal["strong", "aliases"]
#: All its lists that people edit.
Words = Literal["strong", "aliases", "anchors", "vetoes", "passing"]
KINDS: tuple[Words, ...] = ("strong", "aliases", "anchors", "vetoes", "passing")
#: The parts of a story whose members have a text that people edit.
Section = Literal["topics", "storylines"]


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
        listed = next((one.get(kind) for one in self._values().get("topics") or () if one.get("id") == topic), None)
        return self.with_words(topic, kind, [*(listed or ()), name])

    def with_words(self, topic: str, kind: Words, words: Sequence[str]) -> StoryFile:
        """The file with these as a topic's list: what is missing goes, with the comment on its line; what is new is put
        at the end. ConfigError."""
        if any(VARIABLE.search(word) for word in words):
            raise self._problem("a word names a variable of the environment", BY_HAND)
        expected = self._values()
        changed: dict[str, Any] = next((one for one in expected.get("topics") or () if one.get("id") == topic), {})
        before = [str(word) for word in changed.get(kind) or ()]
        if list(words) == before:
            return self
        kept, new = [word for word in before if word in words], [quoted(word) for word in words if word not in before]
        node = self._member("topics", topic)
        edited, listed = self, pair_of(node, kind)
        if new:  # at the end first: what stands before it stays in its place
            written = f"{kind}: [{', '.join(new)}]"
            edited = StoryFile(
                self.path, inserted(self.text, listed, new) if listed else self._with_line(node, written)
            )
        for at in reversed([at for at, word in enumerate(before) if word not in words]):
            place = (
                listed if kept or at else pair_of(edited._member("topics", topic), kind)
            )  # the last one may leave nothing
            assert place is not None
            edited = StoryFile(self.path, removed(edited.text, place, at))
        changed[kind] = kept + [word for word in words if word not in before]
        if edited._reread() != expected:
            raise self._problem("it is written in a way that cannot be edited here", BY_HAND)
        return edited

    def with_topic(self, topic: Topic) -> StoryFile:
        """The file with a topic's name and lists as they stand in this one. ConfigError."""
        file = self.with_text("topics", topic.id, "name", topic.name)
        for kind in KINDS:
            file = file.with_words(topic.id, kind, getattr(topic, kind))
        return file

    def with_text(self, section: Section, member: str, key: str, text: str) -> StoryFile:
        """The file with this as a text of a topic or storyline, which may go over several lines. ConfigError."""
        if VARIABLE.search(text):
            raise self._problem("it names a variable of the environment", BY_HAND)
        lines = [line for line in map(str.strip, text.splitlines()) if line]
        wanted, expected = " ".join(lines), self._values()
        changed: dict[str, Any] = next((one for one in expected.get(section) or () if one.get("id") == member), {})
        if str(changed.get(key) or "").strip() == wanted:
            return self
        node = self._member(section, member)
        pair = pair_of(node, key)
        edited = StoryFile(
            self.path, replaced(self.text, pair, lines) if pair else self._with_line(node, f"{key}: {quoted(wanted)}")
        )
        written = edited._reread()
        now: dict[str, Any] = next((one for one in written.get(section) or () if one.get("id") == member), {})
        changed[key] = now.get(key)  # a text in a block ends with a line feed
        if str(now.get(key)).strip() != wanted or written != expected:
            raise self._problem("it is written in a way that cannot be edited here", BY_HAND)
        return edited

    def save(self, environ: Mapping[str, str]) -> Config:
        """Write it, if the whole configuration is then without mistakes; at once or not at all. ConfigError."""
        config = load(self.path.parent.parent, environ, story_texts={self.path: self.text})
        try:
            write(self.path, self.text)
        except OSError as error:
            raise self._problem(f"cannot be written: {error.strerror}", "") from error
        return config

    def _member(self, section: Section, member: str) -> yaml.MappingNode:
        """Where a topic or storyline stands."""
        listed = pair_of(composed(self.text), section)
        for node in listed[1].value if listed else ():
            named = pair_of(node, "id")
            if named and named[1].value == member and isinstance(node, yaml.MappingNode):
                return node
        raise self._problem(f"there is none of the name {member!r} among its {section}", "")

    def _with_line(self, member: yaml.MappingNode, written: str) -> str:
        """The text with a line, or a piece of one, more in a topic or storyline, behind its id."""
        named = pair_of(member, "id")
        assert named is not None
        at = end_of(named[1])
        if member.flow_style:
            return f"{self.text[:at]}, {written}{self.text[at:]}"
        at = line_end(self.text, at)
        return f"{self.text[:at]}{' ' * named[0].start_mark.column}{written}\n{self.text[at:]}"

    def _values(self) -> dict[str, Any]:
        values = yaml.load(self.text, yaml.CSafeLoader)
        return values if isinstance(values, dict) else {}

    def _reread(self) -> dict[str, Any]:
        """The values of an edited file. ConfigError: an alias, say, has lost what it stands for."""
        try:
            return self._values()
        except yaml.YAMLError as error:
            raise self._problem("it is written in a way that cannot be edited here", BY_HAND) from error

    def _problem(self, message: str, hint: str) -> ConfigError:
        return ConfigError([Problem(str(self.path), 0, "", message, hint)])
