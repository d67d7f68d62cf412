"""Queries: what people write to say which entries they mean.

    avocado NEAR/12 (release OR launch* OR delay*) -toast title:"Muse Spark" @qwen

Words side by side must all be there. ``OR``, ``NOT`` or ``-``, brackets, ``"a phrase"``, ``NEAR/n`` and ``ONEAR/n``
(at most n words between, in any or in this order), ``begin*`` (4 letters or more), ``/re2/``, ``=Case``, the fields
``title: summary: author: domain: source: tag: lang:``, and ``@id`` for a topic or a list of words. How words are cut
and folded is told in ``text``.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from monitor.errors import QueryError
from monitor.matching.syntax import Either, Every, FieldName, Named, Near, Node, Regex, Scoped, Without, parts
from monitor.matching.terms import MIN_PREFIX, Term, name_fault, read_term

#: Bounds on what a stranger's story file may make us do.
MAX_QUERY = 20_000
MAX_PATTERN = 1_000
MAX_PATTERN_MEMORY = 1 << 20
#: Beyond ten words two terms are merely in the same text; vendors of media watches advise the same.
MAX_SENSIBLE_NEAR = 10
FIELDS = ("title", "summary", "author", "domain", "source", "tag", "lang")


@dataclass(frozen=True, slots=True)
class Query:
    """A query that could be read. ``evaluation.answer`` says whether an entry answers it, and with which words."""

    text: str
    tree: Node

    def names(self) -> tuple[Named, ...]:
        """Every ``@id`` in it."""
        return tuple(node for node in walk(self.tree) if isinstance(node, Named))


@functools.lru_cache(maxsize=1024)
def parse_query(text: str) -> Query:
    """Read a query; QueryError names the place and the mend. Kept, as the same queries are checked, then compiled."""
    if not text.strip():
        raise QueryError(text, 0, "the query is empty", "write the words an entry must hold")
    if len(text) > MAX_QUERY:
        raise QueryError(text, MAX_QUERY, f"the query is longer than {MAX_QUERY} characters", "split it in two")
    try:
        tree = _parser().parse(text)
        return Query(text, _Builder(text).transform(tree))
    except UnexpectedInput as error:
        raise _explained(text, error) from error
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise
    except RecursionError as error:
        raise QueryError(text, 0, "the query is nested too deeply", "use fewer brackets") from error


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for part in parts(node):
        yield from walk(part)


def lint(query: Query) -> tuple[str, ...]:
    """What is allowed but hardly meant, a sentence each."""
    remarks = []
    if not _positive(query.tree):
        remarks.append("no positive term: it asks only for what must be absent, and nearly every entry answers that")
    wanted, unwanted = _sides(query.tree)
    remarks += [f"{word!r} is both asked for and excluded" for word in sorted(wanted & unwanted)]
    for node in walk(query.tree):
        if isinstance(node, Near) and node.words > MAX_SENSIBLE_NEAR:
            remarks.append(f"NEAR/{node.words} hardly differs from AND: {MAX_SENSIBLE_NEAR} words or fewer say more")
    return tuple(dict.fromkeys(remarks))


def _positive(node: Node) -> bool:
    """Whether something must stand there for the node to hold."""
    match node:
        case Without():
            return False
        case Every():
            return any(map(_positive, node.parts))
        case Either():
            return all(map(_positive, node.parts))
    return True


def _sides(node: Node, *, wanted: bool = True) -> tuple[set[str], set[str]]:
    """Terms asked for and terms excluded, folded."""
    if isinstance(node, Term):
        words = {" ".join(node.words)}
        return (words, set()) if wanted else (set(), words)
    below = [_sides(part, wanted=wanted != isinstance(node, Without)) for part in parts(node)]
    return set().union(*(side[0] for side in below)), set().union(*(side[1] for side in below))


@functools.cache
def _parser() -> Lark:
    return Lark.open_from_package(__package__, "query.lark", parser="lalr")


class _Builder(Transformer[Token, Node]):
    """From lark's tree to ours; checks what a grammar cannot."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, children: list[Node]) -> Node:
        return children[0]

    def either(self, children: list[Node]) -> Node:
        return children[0] if len(children) == 1 else Either(tuple(children))

    def every(self, children: list[Node]) -> Node:
        return children[0] if len(children) == 1 else Every(tuple(children))

    def without(self, children: list[Node]) -> Node:
        return Without(children[0])

    def word(self, children: list[Token]) -> Node:
        return self._term(children[0], str(children[0]))

    def phrase(self, children: list[Token]) -> Node:
        return self._term(children[0], children[0].replace('"', ""))

    def _term(self, token: Token, text: str) -> Node:
        term, fault = read_term(text), name_fault(text)
        if term is None or fault:
            raise self._error(token, fault or "no term")
        return term

    def regex(self, children: list[Token]) -> Node:
        token = children[0]
        pattern = token[1:-1].replace("\\/", "/")
        if len(pattern.encode()) > MAX_PATTERN:
            raise self._error(token, "the pattern is longer than 1 kB", "use OR between words")
        import re2  # C++, and few stories use it: `monitor check` need not load it

        options = re2.Options()
        options.max_mem = MAX_PATTERN_MEMORY
        options.case_sensitive = False
        options.log_errors = False
        try:
            return Regex(pattern, re2.compile(pattern, options))
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            hint = "RE2 knows no look-around and no back-references" if "(?" in pattern or "\\" in pattern else ""
            raise self._error(token, f"not a pattern: {reason}", hint) from error

    def named(self, children: list[Token]) -> Node:
        return Named(children[0][1:], children[0].start_pos or 0)

    def near(self, children: list[Any]) -> Node:
        left, token, right = children
        kind, words = token.split("/")
        for side in (left, right):
            if any(isinstance(node, Every | Without | Scoped) for node in walk(side)):
                raise self._error(
                    token,
                    f"{kind} stands between words, phrases and OR lists of them",
                    "move AND, NOT and fields outside",
                )
        return Near(left, right, min(int(words[:4]), MAX_QUERY), kind == "ONEAR", token.start_pos or 0)

    def scoped(self, children: list[Any]) -> Node:
        token, part = children
        field: FieldName = token[:-1]
        if field in ("domain", "lang") and any(not isinstance(node, Term | Either) for node in walk(part)):
            raise self._error(token, f"{field}: takes a word, or several with OR in brackets")
        return Scoped(field, part)

    def _error(self, token: Token, message: str, hint: str = "") -> QueryError:
        return QueryError(self._text, token.start_pos or 0, message, hint)


def _explained(text: str, error: UnexpectedInput) -> QueryError:
    """lark's error in words that help."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        open_brackets = _outside_quotes(text).count("(") > _outside_quotes(text).count(")")
        if open_brackets:
            return QueryError(text, len(text), "a bracket is not closed", "add `)`")
        return QueryError(text, len(text), "the query ends too early", "something must follow the last operator")
    position = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters):
        return QueryError(text, position, *_character(text, position))
    found = str(getattr(error, "token", ""))
    if found == ")":
        hint = "put words between the brackets" if text[:position].rstrip().endswith("(") else "remove it"
        return QueryError(text, position, "this `)` closes nothing that is complete", hint)
    return QueryError(text, position, f"{found!r} cannot stand here", "an operator stands between two terms")


def _character(text: str, position: int) -> tuple[str, str]:
    """Message and hint for a character that begins no token."""
    character = text[position]
    if character == '"':
        return "a quote is not closed", 'add `"`'
    if character == "/":
        return "a pattern is not closed", "add `/`, or put the words in quotes"
    if character == ":":
        field = re.split(r"[\s()]", text[:position])[-1]
        close = difflib.get_close_matches(field.lower(), FIELDS, n=1)
        return f"{field!r} is no field", f"did you mean `{close[0]}:`?" if close else "fields are " + ", ".join(FIELDS)
    if character == "@":
        return "a name must follow `@`", "small letters, digits and hyphens, as in `@tbd-lab`"
    if character == "*":
        return "`*` stands at the end of a word", f"{MIN_PREFIX} letters or more before it"
    return f"{character!r} cannot stand here", "put it in quotes if it is meant as text"


def _outside_quotes(text: str) -> str:
    return re.sub(r'"[^"]*"', "", text)
