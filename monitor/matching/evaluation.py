"""Whether an entry answers a query, and with which words."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.domain import Entry
from monitor.matching.query import Query
from monitor.matching.scan import Scan
from monitor.matching.syntax import Either, Every, Named, Near, Node, Regex, Scoped, Without
from monitor.matching.terms import Found, Term, find
from monitor.matching.text import Text, read


@dataclass(frozen=True, slots=True)
class View:
    """One entry, ready for many queries."""

    entry: Entry
    text: Text
    feed_tags: Sequence[str] = ()
    #: What each ``@name`` stands for here: where a topic's names or a list's words stand. Absent: it does not hold.
    names: Mapping[str, Sequence[Found]] = field(default_factory=dict)
    #: Made of the text with every term of the queries; None: each term is searched for by itself.
    scan: Scan | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A stretch of a text: the words from ``first`` up to ``end``."""

    text: Text
    first: int
    end: int

    def holds(self, found: Found) -> bool:
        return self.first <= found.first and found.end <= self.end


def answer(query: Query, view: View) -> tuple[Found, ...] | None:
    """The words with which the entry answers, in the order of the query; None when it does not.

    A query that only excludes is answered with no words: an empty tuple.
    """
    return answer_part(query.tree, view, whole(view))


def whole(view: View) -> Scope:
    """Title and summary."""
    return Scope(view.text, 0, len(view.text.words))


def title_of(view: View) -> Scope:
    return Scope(view.text, 0, view.text.title_words)


def answer_part(node: Node, view: View, scope: Scope) -> tuple[Found, ...] | None:
    """What ``answer`` says of a whole query, of a part of it within a stretch of the text."""
    match node:
        case Named():
            return _named(node, view, scope)
        case Term():
            starts = view.scan.get(node.needle, ()) if view.scan is not None and scope.text is view.text else None
            return None if starts == () else tuple(filter(scope.holds, find(node, scope.text, starts))) or None
        case Regex():
            return _pattern(node, scope)
        case Near():
            return _near(node, view, scope)
        case Without():
            return () if answer_part(node.part, view, scope) is None else None
        case Every():
            return _every(node, view, scope)
        case Either():
            return _either(node, view, scope)
        case Scoped():
            return _scoped(node, view)


def _either(node: Either, view: View, scope: Scope) -> tuple[Found, ...] | None:
    parts: Sequence[Node] = node.parts
    if view.scan is not None and scope.text is view.text:  # most words of a long list are absent: the short way out
        parts = [part for part in parts if not isinstance(part, Term) or part.needle in view.scan]
    answers = [found for part in parts if (found := answer_part(part, view, scope)) is not None]
    return tuple(found for group in answers for found in group) if answers else None


def _every(node: Every, view: View, scope: Scope) -> tuple[Found, ...] | None:
    answers: list[Found] = []
    for part in node.parts:
        found = answer_part(part, view, scope)
        if found is None:
            return None
        answers += found
    return tuple(answers)


def _pattern(node: Regex, scope: Scope) -> tuple[Found, ...] | None:
    """The pattern sees the text as it stands, not its words; the hit is told by the words that it touches."""
    start, end = scope.text.extent(scope.first, scope.end)
    match = node.compiled.search(scope.text.plain[start:end])
    if match is None:
        return None
    first, last = scope.text.touched(start + match.start(), start + match.end())
    return (Found(f"/{node.pattern}/", first, last),)


def _named(node: Named, view: View, scope: Scope) -> tuple[Found, ...] | None:
    """Known for title and summary only; in other fields nothing is named."""
    found = view.names.get(node.id, ()) if scope.text is view.text else ()
    if not found or (scope.first == 0 and scope.end == len(scope.text.words)):
        return tuple(found) or None
    return tuple(filter(scope.holds, found)) or None


def _near(node: Near, view: View, scope: Scope) -> tuple[Found, ...] | None:
    lefts = answer_part(node.left, view, scope)
    rights = answer_part(node.right, view, scope) if lefts else None
    if not lefts or not rights:
        return None
    rights = tuple(sorted(rights, key=lambda found: found.first))
    firsts = [right.first for right in rights]
    span = max(right.end - right.first for right in rights) + 2 * node.words + 1  # in words; Han characters count half
    pairs = [
        pair
        for left in lefts
        for right in rights[bisect.bisect_left(firsts, left.first - span) : bisect.bisect(firsts, left.end + span)]
        if (pair := _pair(node, scope.text, left, right))
    ]
    return tuple(dict.fromkeys(pairs)) or None


def _pair(node: Near, text: Text, left: Found, right: Found) -> Found | None:
    """Both as one, if they are near enough, do not overlap and stand in one place of the entry."""
    first, second = (left, right) if left.first <= right.first else (right, left)
    if first.end > second.first or (node.ordered and first is not left):
        return None
    if text.place(first.first) != text.place(second.first):
        return None
    if not text.within(node.words, first.first, first.end, second.first, second.end):
        return None
    return Found(f"{first.term} … {second.term}", first.first, second.end)


def _scoped(node: Scoped, view: View) -> tuple[Found, ...] | None:
    text, entry = view.text, view.entry
    match node.field:
        case "title":
            return answer_part(node.part, view, title_of(view))
        case "summary":
            return answer_part(node.part, view, Scope(text, text.title_words + 1, len(text.words)))
        case "domain":
            host = (urlsplit(entry.url).hostname or "") if entry.url else ""
            return _names(node.part, lambda name: f".{host}".endswith(f".{name.removeprefix('www.')}"))
        case "lang":
            return _names(node.part, lambda name: (entry.lang or "").partition("-")[0] == name)
        case "author":
            return _elsewhere(node.part, view, entry.authors)
        case "source":
            return _elsewhere(node.part, view, (entry.source,))
        case "tag":
            return _elsewhere(node.part, view, (*entry.tags, *view.feed_tags))


def _names(node: Node, holds: Callable[[str], bool]) -> tuple[Found, ...] | None:
    """For a field that is a name, not a text: the parser lets through a word, or several with OR."""
    terms = node.parts if isinstance(node, Either) else (node,)
    return () if any(isinstance(term, Term) and holds(term.text.lower()) for term in terms) else None


def _elsewhere(node: Node, view: View, values: Sequence[str]) -> tuple[Found, ...] | None:
    """For a field outside title and summary: its words are no hits of the text, so it answers with none."""
    texts = map(read, filter(None, values))
    held = any(answer_part(node, view, Scope(text, 0, text.title_words)) is not None for text in texts)
    return () if held else None
