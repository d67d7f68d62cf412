"""What a query is made of: an immutable tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from monitor.matching.terms import Term

FieldName = Literal["title", "summary", "author", "domain", "source", "tag", "lang"]


@dataclass(frozen=True, slots=True)
class Regex:
    """``/pattern/`` on google-re2: linear time whatever the text, so that no query can stall the watch."""

    pattern: str
    #: re2's compiled pattern; it ships no types.
    compiled: Any


@dataclass(frozen=True, slots=True)
class Named:
    """``@id``: what holds when that topic holds, or when one of that list of words stands there."""

    id: str
    position: int


@dataclass(frozen=True, slots=True)
class Near:
    """Both stand in the same place of the entry, with at most ``words`` words between."""

    left: Node
    right: Node
    words: int
    #: ONEAR: the left one stands first.
    ordered: bool
    position: int


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    part: Node


@dataclass(frozen=True, slots=True)
class Scoped:
    """``field:`` before a word, phrase or bracket."""

    field: FieldName
    part: Node


Node = Term | Regex | Named | Near | Every | Either | Without | Scoped


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes directly below; none for a leaf."""
    match node:
        case Every() | Either():
            return node.parts
        case Without() | Scoped():
            return (node.part,)
        case Near():
            return node.left, node.right
    return ()
