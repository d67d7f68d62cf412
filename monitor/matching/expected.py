"""What a storyline waits for, compiled: the queries of each expectation, and the topics it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitor.domain import Bearing, Match, Story
from monitor.matching.evaluation import View, answer
from monitor.matching.query import Query, parse_query
from monitor.matching.syntax import Named, Node, Without, parts

#: Keys of an expectation that hold a query.
QUERIES = ("when", "slipped", "denied", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    storyline: str
    id: str
    #: By key; those that are written.
    queries: Mapping[str, Query]
    #: What it is about: the topics that ``when`` asks for, else those of its storyline. Empty: any text may bear on it.
    topics: frozenset[str]


def compile_expected(story: Story) -> tuple[Expected, ...]:
    """QueryError where a query cannot be read."""
    known = {topic.id for topic in story.topics}
    compiled = []
    for line in story.storylines:
        for expectation in line.expects:
            queries = {key: parse_query(text) for key in QUERIES if (text := getattr(expectation, key)).strip()}
            topics = frozenset(_asked(queries["when"].tree)) & known if "when" in queries else frozenset()
            topics = topics or frozenset(line.topics)
            compiled.append(Expected(storyline=line.id, id=expectation.id, queries=queries, topics=topics))
    return tuple(compiled)


def _asked(node: Node) -> Iterator[str]:
    """Every ``@id`` that is asked for, not excluded."""
    if isinstance(node, Named):
        yield node.id
    elif not isinstance(node, Without):
        for part in parts(node):
            yield from _asked(part)


def bear(wanted: Iterable[Expected], view: View, match: Match) -> tuple[Bearing, ...]:
    """How the entry bears on each of these: those whose topic holds in it, or whose query it answers."""
    held = frozenset(match.held_topics)
    found = []
    for expected in wanted:
        answers = frozenset(key for key, query in expected.queries.items() if answer(query, view) is not None)
        subject = expected.topics & held
        if answers or subject or not expected.topics:
            names, others = (
                _names(match, subject),
                _names(match, [t.topic for t in match.topics if t.topic not in subject]),
            )
            found.append(Bearing(expectation=expected.id, answers=answers, names=names, others=others))
    return tuple(found)


def _names(match: Match, topics: Collection[str]) -> frozenset[str]:
    """The names of these topics, as they stand in the entry."""
    return frozenset(
        hit.found
        for topic in match.topics
        if topic.topic in topics
        for hit in topic.hits
        if hit.role in ("strong", "alias")
    )
