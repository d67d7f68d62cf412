"""What a story asks for and no entry has said: names, anchors and words that are misspelt, too narrow or out of use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.domain import Story
from monitor.matching.query import parse_query, walk
from monitor.matching.scan import Scanner
from monitor.matching.syntax import Node, Scoped, Without
from monitor.matching.terms import Term, find, read_terms
from monitor.matching.text import Text

#: Fewer entries say little: in 500 of ordinary feeds even a name that is in the news may be missing.
LEAST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Terms of one place in the story file that stood in no text."""

    #: As in "topic avocado, aliases" or "words closed".
    place: str
    #: As written, in the file's order; never empty.
    terms: tuple[str, ...]
    #: How many terms the place has.
    of: int


def unheard(story: Story, texts: Iterable[Text]) -> tuple[Unheard, ...]:
    """The places of the story with terms that stand in none of the texts.

    What only speaks against (vetoes, what a query excludes) and what is asked of other fields than title and summary is
    left out. QueryError where a query cannot be read.
    """
    places = {place: tuple(dict.fromkeys(terms)) for place, terms in _places(story) if terms}
    waiting: dict[str, set[Term]] = defaultdict(set)
    for terms in places.values():
        for term in terms:
            waiting[term.needle].add(term)
    scanner = Scanner(term for terms in places.values() for term in terms)
    for text in texts:
        for needle, starts in scanner.scan(text).items():
            waiting[needle] -= {term for term in waiting[needle] if any(find(term, text, starts))}
    silent = {
        place: tuple(term.text for term in terms if term in waiting[term.needle]) for place, terms in places.items()
    }
    return tuple(Unheard(place=place, terms=terms, of=len(places[place])) for place, terms in silent.items() if terms)


def _places(story: Story) -> Iterator[tuple[str, tuple[Term, ...]]]:
    for name, listed in story.words.items():
        yield f"words {name}", read_terms(listed, {})
    for topic in story.topics:
        for key in ("strong", "aliases", "anchors"):
            own = [item for item in getattr(topic, key) if not item.startswith("@")]
            yield f"topic {topic.id}, {key}", read_terms(own, {})
    for line in story.storylines:
        if line.query.strip():
            yield f"storyline {line.id}, query", tuple(_asked(parse_query(line.query).tree))
        for expectation in line.expects:
            yield f"storyline {line.id}, {expectation.id}", tuple(_asked(parse_query(expectation.when).tree))


def _asked(tree: Node) -> Iterator[Term]:
    """The terms of a query that must stand in title or summary."""
    other = {
        id(below)
        for node in walk(tree)
        if isinstance(node, Without) or (isinstance(node, Scoped) and node.field not in ("title", "summary"))
        for below in walk(node.part)
    }
    return (node for node in walk(tree) if isinstance(node, Term) and id(node) not in other)
