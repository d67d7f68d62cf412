"""What only matching can know of a story file: queries, names in them, topics that can never hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from monitor.domain import Story, Topic
from monitor.errors import QueryError
from monitor.matching.query import Query, lint, parse_query
from monitor.matching.terms import MASK, name_fault, read_term, read_terms

#: Keys and places from the story down, as in ("storylines", 2, "query").
Place = tuple[str | int, ...]
#: Place, message, hint.
Finding = tuple[Place, str, str]


def problems(story: Story) -> list[Finding]:
    """Every mistake for which the story cannot be used as it stands. Needs neither the automaton nor re2."""
    return [*_words(story), *_topics(story), *_storylines(story)]


def warnings(story: Story) -> list[Finding]:
    """What may stand but is hardly meant."""
    found: list[Finding] = []
    for n, topic in enumerate(story.topics):
        if topic.aliases and not topic.anchors:
            hint = "list words that make it certain, or make it strong if it is"
            found.append((("topics", n, "aliases"), f"no anchor can make {topic.aliases[0]!r} certain", hint))
    for place, text in _queries(story):
        query = _parsed(text)
        found += [(place, remark, "") for remark in (lint(query) if query else ())]
    return found


def _words(story: Story) -> Iterator[Finding]:
    topics = {topic.id for topic in story.topics}
    for name, listed in story.words.items():
        if name in topics:
            yield ("words", name), f"{name!r} is a topic too", "name the list otherwise: `@name` must mean one thing"
        for n, item in enumerate(listed):
            yield from _item(("words", name, n), item, {})


def _topics(story: Story) -> Iterator[Finding]:
    for n, topic in enumerate(story.topics):
        here: Place = ("topics", n)
        lists = {"strong": topic.strong, "aliases": topic.aliases, "anchors": topic.anchors}
        lists |= {"vetoes": topic.vetoes, "passing": topic.passing}
        for key, listed in lists.items():
            for k, item in enumerate(listed):
                if item.startswith(MASK):
                    yield (*here, key, k), f"{item!r} stands in no list of words", "a topic's own exceptions are vetoes"
                else:
                    yield from _item((*here, key, k), item, story.words)
        if not topic.strong and not topic.aliases:
            yield here, f"topic {topic.id!r} has no name, so it can never hold", "give it strong names or aliases"
        yield from _both(here, topic, story.words)


def _both(here: Place, topic: Topic, words: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    vetoes = {term.words for term in read_terms(topic.vetoes, words)}
    for key, listed in (("strong", topic.strong), ("aliases", topic.aliases)):
        for k, item in enumerate(listed):
            if any(term.words in vetoes for term in read_terms((item,), words)):
                yield (*here, key, k), f"{item!r} is a veto of the same topic", "keep it in one of the two lists"


def _item(place: Place, item: str, words: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """One item of a list of names; ``words`` are the lists that it may name, none inside such a list."""
    if item.startswith("@"):
        if item[1:] not in words:
            what = "a list of words cannot hold another" if not words else f"there is no list of words {item[1:]!r}"
            yield place, what, _near(item[1:], words)
        return
    fault = name_fault(item)
    if fault:
        yield place, fault, "" if read_term(item) else "leave it out"


def _storylines(story: Story) -> Iterator[Finding]:
    for n, line in enumerate(story.storylines):
        for k, topic in enumerate(line.topics):
            if topic not in [one.id for one in story.topics]:
                hint = _near(topic, [one.id for one in story.topics])
                yield ("storylines", n, "topics", k), f"there is no topic {topic!r}", hint
    for place, text in _queries(story):
        for message, hint in query_problems(text, story):
            yield place, message, hint


def query_problems(text: str, story: Story) -> Iterator[tuple[str, str]]:
    """Message and hint of every mistake for which a query cannot be asked of the story."""
    names = [*(topic.id for topic in story.topics), *story.words]
    try:
        query = parse_query(text)
    except QueryError as error:
        yield str(error), ""
        return
    for name in query.names():
        if name.id not in names:
            yield f"`@{name.id}` names no topic and no list of words", _near(name.id, names)


def _queries(story: Story) -> Iterator[tuple[Place, str]]:
    for n, line in enumerate(story.storylines):
        if line.query.strip():
            yield ("storylines", n, "query"), line.query
        for k, expectation in enumerate(line.expects):
            here: Place = ("storylines", n, "expects", k)
            yield (*here, "when"), expectation.when
            for key in ("slipped", "denied", "cancelled"):
                if getattr(expectation, key).strip():
                    yield (*here, key), getattr(expectation, key)


def _parsed(text: str) -> Query | None:
    try:
        return parse_query(text)
    except QueryError:
        return None


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else ""
