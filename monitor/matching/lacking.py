"""What an entry lacks to answer a query: the shortest list of parts that would have to be there, in words."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.matching.evaluation import Scope, View, answer_part, title_of, whole
from monitor.matching.query import Query
from monitor.matching.syntax import Either, Every, Named, Near, Node, Regex, Scoped, Without
from monitor.matching.terms import Term

#: Alternatives that are named of a long list.
NAMED = 3
#: What lacks so many parts is not near.
MOST = 6


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that is not there, to be put into words only if it is told."""

    node: Node
    in_title: bool
    #: The sides of a NEAR are there, but not near each other; or the node is there, and should not be.
    odd: bool = False

    def __str__(self) -> str:
        text = written(self.node)
        if self.odd and isinstance(self.node, Near):
            order = "before" if self.node.ordered else "of"
            text = f"{written(self.node.left)} within {self.node.words} words {order} {written(self.node.right)}"
        elif self.odd:
            text = f"the absence of {text}"
        return f"{text} in the title" if self.in_title else text


def lacking(query: Query, view: View) -> tuple[str, ...]:
    """The parts, as they are written in the query; none when the entry answers it.

    Of alternatives the one that lacks least is told, the first of several that lack as little.
    """
    return tuple(dict.fromkeys(map(str, _lacking(query.tree, view, whole(view), MOST))))


def _lacking(node: Node, view: View, scope: Scope, most: int) -> list[_Part]:
    """At most about ``most`` parts: an alternative that lacks as many is out, and need not be searched to its end."""
    in_title = scope.end == view.text.title_words
    match node:
        case Term() | Named():  # most nodes are
            return [_Part(node, in_title)] if answer_part(node, view, scope) is None else []
        case Every():
            parts: list[_Part] = []
            for below in node.parts:
                parts += _lacking(below, view, scope, most)
                if len(parts) >= most:
                    break
            return parts
        case Either() if not _all_words(node):
            return _least(node, view, scope, most)
        case Scoped(field="title"):
            return _lacking(node.part, view, title_of(view), most)
    if answer_part(node, view, scope) is not None:
        return []
    match node:
        case Without():
            return [_Part(node.part, in_title, odd=True)]
        case Near():
            absent = _lacking(node.left, view, scope, most) + _lacking(node.right, view, scope, most)
            return absent or [_Part(node, in_title, odd=True)]
    return [_Part(node, in_title)]


def _least(node: Either, view: View, scope: Scope, most: int) -> list[_Part]:
    best: list[_Part] = []
    for below in node.parts:
        parts = _lacking(below, view, scope, len(best) or most)
        if not parts:
            return []
        if not best or len(parts) < len(best):
            best = parts
    return best


def _all_words(node: Either) -> bool:
    """A list of words is told as one; alternatives that are queries of their own are weighed."""
    return all(isinstance(part, Term | Named | Regex) for part in node.parts)


def written(node: Node) -> str:
    """A part of a query as people would write it, long lists cut."""
    match node:
        case Term():
            return f'"{node.text}"' if " " in node.text and not node.exact else node.text
        case Regex():
            return f"/{node.pattern}/"
        case Named():
            return f"@{node.id}"
        case Near():
            return f"{written(node.left)} {'ONEAR' if node.ordered else 'NEAR'}/{node.words} {written(node.right)}"
        case Without():
            return f"-{written(node.part)}"
        case Scoped():
            return f"{node.field}:{written(node.part)}"
        case Every():
            return f"({_some([written(part) for part in node.parts], ' ')})"
        case Either():
            return f"({_some([written(part) for part in node.parts], ' OR ')})"


def _some(parts: list[str], between: str) -> str:
    return between.join([*parts[:NAMED], *(["…"] if len(parts) > NAMED else [])])
