"""Storylines: whether an entry belongs to a thread of the story, as a sum of reasons in log-odds.

The query says yes. Prose and examples may lift an entry that the query misses, and add confidence where it hits. The
topics are a gate: where none of them holds nothing else counts. Written rules come first: on real entries likeness to
the prose alone reached F1 0.49, a topic gate with cue words 0.78.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain import Part, Storyline, StorylineMatch
from monitor.matching.evaluation import View, answer_part, whole
from monitor.matching.lacking import lacking
from monitor.matching.learning import Lesson, correction
from monitor.matching.likeness import Lexicon, Sample, likeness, sample
from monitor.matching.needs import Needs, met, needs
from monitor.matching.query import Query, parse_query
from monitor.matching.syntax import Either, Node
from monitor.matching.terms import Found
from monitor.matching.text import Text, read
from monitor.matching.topics import logit, sigmoid

# Log-odds, so that a score is how often one is right: rounded from a logistic regression over labelled entries and
# headlines of a careful story and of a rough one, cross-validated over events (docs/quality.md, "What a score is
# worth"). What must come out all the same: a query that is answered holds, a near repetition of an example holds
# without it, prose never does alone, a storyline without a query holds as soon as its topics do.
PRIOR = -3.1
TOPICS_ALONE = 3.6
QUERY = 4.7
#: A headline tells what an entry is about; a summary's words may be by the way.
QUERY_IN_TITLE = 1.3
#: Each further alternative of the query that is answered, up to MOST of them.
SEVERAL = 0.8
MOST = 2
#: Other storylines have their query answered too: the text is about one of them rather than about all.
#: No more than leaves a margin to the bar, so that a faint correction by readers does not undo a query's answer.
SHARED = -1.2
EXAMPLE = 5.4
ABOUT = 2.2
#: Likeness below these says nothing: unrelated headlines of one beat reach 0.25, unrelated prose 0.1.
EXAMPLE_FLOOR = 0.25
ABOUT_FLOOR = 0.1
#: Without one of its topics a storyline stays below this, whatever else was found.
SHUT = PRIOR
#: Words named as the reason.
NAMED = 4


@dataclass(frozen=True, slots=True)
class Thread:
    """A storyline compiled."""

    storyline: Storyline
    query: Query | None
    about: Sample
    examples: tuple[Sample, ...]
    #: The least norm among the examples: what cannot be like one of that norm is like none of them.
    least_norm: float
    #: What its query names with ``@``: where one of these topics holds, a near miss is worth telling.
    named: frozenset[str]
    #: Without these its query is not answered.
    needs: Needs = ()
    #: What the query consists of, where it is an ``OR``, else itself; each with what it needs.
    alternatives: tuple[tuple[Node, Needs], ...] = ()
    #: What readers' answers taught.
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One entry, ready for many storylines."""

    view: View
    #: Topics that hold.
    topics: frozenset[str]
    title: Sample
    text: Sample
    #: Needles that a scan found, and ids of the topics and lists of words that hold.
    present: frozenset[str]


def compile_storyline(storyline: Storyline, lexicon: Lexicon, sizes: Mapping[str, int]) -> Thread:
    """QueryError where its query cannot be read. ``sizes``: how many words each topic and list has."""
    query = parse_query(storyline.query) if storyline.query.strip() else None
    examples = tuple(sample(read(example).words, lexicon) for example in storyline.examples)
    return Thread(
        storyline=storyline,
        query=query,
        about=sample(read(storyline.about).words, lexicon),
        examples=examples,
        least_norm=min((example.norm for example in examples), default=math.inf),
        named=frozenset(name.id for name in query.names()) if query else frozenset(),
        needs=needs(query.tree, sizes) if query else (),
        alternatives=tuple((node, needs(node, sizes)) for node in _alternatives(query.tree)) if query else (),
    )


def _alternatives(tree: Node) -> tuple[Node, ...]:
    return tree.parts if isinstance(tree, Either) else (tree,)


def _possible(thread: Thread, present: frozenset[str]) -> tuple[Node, ...]:
    """The alternatives of its query that may be answered by what is present."""
    if not met(thread.needs, present):
        return ()
    return tuple(node for node, wanted in thread.alternatives if met(wanted, present))


def is_silent(thread: Thread, title: Sample, text: Sample, present: frozenset[str]) -> bool:
    """Whether ``judge`` surely says None of an entry in which no topic's name stands; told from what is at hand early.

    present  at least all that would be in the reading's
    """
    if _possible(thread, present):
        return False
    if thread.storyline.topics:
        return True
    may_be = title.may_be_like(thread.least_norm, EXAMPLE_FLOOR) or text.may_be_like(thread.about.norm, ABOUT_FLOOR)
    return not may_be and not thread.lessons


def judge(thread: Thread, reading: Reading) -> StorylineMatch | None:
    """The storyline's score with its parts; None where nothing at all speaks for it."""
    topics = [topic for topic in thread.storyline.topics if topic in reading.topics]
    shut = bool(thread.storyline.topics) and not topics
    possible = _possible(thread, reading.present)
    answers = [
        found for node in possible if (found := answer_part(node, reading.view, whole(reading.view))) is not None
    ]
    if not answers and shut:
        return None
    parts = []
    if answers:
        parts += _query_parts(answers, reading.view.text)
    elif topics and thread.query is None:
        parts.append(Part(name="topics", weight=TOPICS_ALONE, because=", ".join(topics)))
    parts += _likeness_parts(thread, reading)
    learnt, because = correction(thread.lessons, reading.text)
    if learnt:
        parts.append(Part(name="feedback", weight=learnt, because=because))
    if not parts and not topics and reading.topics.isdisjoint(thread.named):
        return None
    parts.insert(0, Part(name="prior", weight=PRIOR, because="most entries belong elsewhere"))
    log_odds = sum(part.weight for part in parts)
    if shut:
        parts.append(Part(name="topics", weight=min(0.0, SHUT - log_odds), because="none of its topics holds"))
        log_odds = min(log_odds, SHUT)
    held = log_odds >= 0
    missing = []
    if shut:
        missing.append(f"one of its topics: {', '.join(thread.storyline.topics)}")
    if thread.query is not None and not answers and not held:
        missing.append(f"in its query: {', '.join(lacking(thread.query, reading.view))}")
    return StorylineMatch(
        storyline=thread.storyline.id,
        held=held,
        score=sigmoid(log_odds),
        parts=tuple(parts),
        missing=() if held else tuple(missing),
    )


def weighed(lines: Sequence[StorylineMatch]) -> list[StorylineMatch]:
    """The same, each a little less sure where the queries of others are answered too. No query's answer is undone."""
    claiming = [line.storyline for line in lines if any(part.name == "query" for part in line.parts)]
    if len(claiming) < 2:
        return list(lines)
    return [_shared(line, claiming) if line.storyline in claiming else line for line in lines]


def _shared(line: StorylineMatch, claiming: Sequence[str]) -> StorylineMatch:
    others = [other for other in claiming if other != line.storyline]
    part = Part(name="shared", weight=SHARED, because=f"also answers {', '.join(others)}")
    log_odds = logit(line.score) + SHARED
    return replace(line, score=sigmoid(log_odds), held=line.held and log_odds >= 0, parts=(*line.parts, part))


def _query_parts(answers: Sequence[Sequence[Found]], text: Text) -> list[Part]:
    """The query's answer, and what it is worth that several of its alternatives are answered."""
    found = [one for answer in answers for one in answer]
    in_title = any(one.first < text.title_words for one in found)
    words = dict.fromkeys(text.found(one.first, one.end) for one in found)
    because = ", ".join(list(words)[:NAMED]) or "its query, by what is absent or by its fields"
    because += " (in the title)" if in_title else ""
    parts = [Part(name="query", weight=QUERY + (QUERY_IN_TITLE if in_title else 0.0), because=because)]
    if len(answers) > 1:
        weight = SEVERAL * min(MOST, len(answers) - 1)
        parts.append(
            Part(name="several", weight=weight, because=f"{len(answers)} alternatives of its query are answered")
        )
    return parts


def _likeness_parts(thread: Thread, reading: Reading) -> list[Part]:
    parts = []
    may_be = reading.title.may_be_like(thread.least_norm, EXAMPLE_FLOOR)
    compared = [likeness(reading.title, example) for example in thread.examples] if may_be else []
    closest, shared = max(compared, default=(0.0, ()))
    if closest > EXAMPLE_FLOOR:
        weight = EXAMPLE * (closest - EXAMPLE_FLOOR) / (1 - EXAMPLE_FLOOR)
        parts.append(Part(name="examples", weight=weight, because=", ".join(shared[:NAMED])))
    may_be = reading.text.may_be_like(thread.about.norm, ABOUT_FLOOR)
    same, shared = likeness(reading.text, thread.about) if may_be else (0.0, ())
    if same > ABOUT_FLOOR:
        weight = ABOUT * (same - ABOUT_FLOOR) / (1 - ABOUT_FLOOR)
        parts.append(Part(name="about", weight=weight, because=", ".join(shared[:NAMED])))
    return parts
