"""Storylines: whether an entry belongs to a thread of the story, as a sum of reasons in log-odds.

The query says yes. Prose and examples may lift an entry that the query misses, and add confidence where it hits. The
topics are a gate: where none of them holds nothing else counts. Written rules come first: on real entries likeness to
the prose alone reached F1 0.49, a topic gate with cue words 0.78.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain import Part, Storyline, StorylineMatch
from monitor.matching.evaluation import View, answer
from monitor.matching.lacking import lacking
from monitor.matching.learning import Lesson, correction
from monitor.matching.likeness import Lexicon, Sample, likeness, sample
from monitor.matching.query import Query, parse_query
from monitor.matching.terms import Found
from monitor.matching.text import Text, read
from monitor.matching.topics import sigmoid

# Log-odds. What must come out: a query that is answered holds (+1), a near repetition of an example holds without it,
# prose never does alone; a storyline without a query holds as soon as its topics do (0).
PRIOR = -2.0
TOPICS_ALONE = 2.0
QUERY = 3.0
QUERY_IN_TITLE = 0.5
EXAMPLE = 3.5
ABOUT = 1.5
#: Likeness below these says nothing: unrelated headlines of one beat reach 0.25, unrelated prose 0.1.
EXAMPLE_FLOOR = 0.25
ABOUT_FLOOR = 0.1
#: Without one of its topics a storyline stays below this, whatever else was found.
SHUT = -2.0
#: Words named as the reason.
NAMED = 4


@dataclass(frozen=True, slots=True)
class Thread:
    """A storyline compiled."""

    storyline: Storyline
    query: Query | None
    about: Sample
    examples: tuple[Sample, ...]
    #: What its query names with ``@``: where one of these topics holds, a near miss is worth telling.
    named: frozenset[str]
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


def compile_storyline(storyline: Storyline, lexicon: Lexicon) -> Thread:
    """QueryError where its query cannot be read."""
    query = parse_query(storyline.query) if storyline.query.strip() else None
    return Thread(
        storyline=storyline,
        query=query,
        about=sample(read(storyline.about).words, lexicon),
        examples=tuple(sample(read(example).words, lexicon) for example in storyline.examples),
        named=frozenset(name.id for name in query.names()) if query else frozenset(),
    )


def judge(thread: Thread, reading: Reading) -> StorylineMatch | None:
    """The storyline's score with its parts; None where nothing at all speaks for it."""
    topics = [topic for topic in thread.storyline.topics if topic in reading.topics]
    shut = bool(thread.storyline.topics) and not topics
    answered = answer(thread.query, reading.view) if thread.query else None
    if answered is None and shut:
        return None
    parts = [Part(name="prior", weight=PRIOR, because="most entries belong elsewhere")]
    if answered is not None:
        parts.append(_query_part(answered, reading.view.text))
    elif topics and thread.query is None:
        parts.append(Part(name="topics", weight=TOPICS_ALONE, because=", ".join(topics)))
    parts += _likeness_parts(thread, reading)
    learnt, because = correction(thread.lessons, reading.text)
    if learnt:
        parts.append(Part(name="feedback", weight=learnt, because=because))
    if len(parts) == 1 and not topics and reading.topics.isdisjoint(thread.named):
        return None
    log_odds = sum(part.weight for part in parts)
    if shut:
        parts.append(Part(name="topics", weight=min(0.0, SHUT - log_odds), because="none of its topics holds"))
        log_odds = min(log_odds, SHUT)
    held = log_odds >= 0
    missing = []
    if shut:
        missing.append(f"one of its topics: {', '.join(thread.storyline.topics)}")
    if thread.query is not None and answered is None and not held:
        missing.append(f"in its query: {', '.join(lacking(thread.query, reading.view))}")
    return StorylineMatch(
        storyline=thread.storyline.id,
        held=held,
        score=sigmoid(log_odds),
        parts=tuple(parts),
        missing=() if held else tuple(missing),
    )


def _query_part(answered: Sequence[Found], text: Text) -> Part:
    in_title = any(found.first < text.title_words for found in answered)
    words = dict.fromkeys(text.found(found.first, found.end) for found in answered)
    because = ", ".join(list(words)[:NAMED]) or "its query, by what is absent or by its fields"
    return Part(name="query", weight=QUERY + (QUERY_IN_TITLE if in_title else 0.0), because=because)


def _likeness_parts(thread: Thread, reading: Reading) -> list[Part]:
    parts = []
    compared = [likeness(reading.title, example) for example in thread.examples]
    closest, shared = max(compared, default=(0.0, ()))
    if closest > EXAMPLE_FLOOR:
        weight = EXAMPLE * (closest - EXAMPLE_FLOOR) / (1 - EXAMPLE_FLOOR)
        parts.append(Part(name="examples", weight=weight, because=", ".join(shared[:NAMED])))
    same, shared = likeness(reading.text, thread.about)
    if same > ABOUT_FLOOR:
        weight = ABOUT * (same - ABOUT_FLOOR) / (1 - ABOUT_FLOOR)
        parts.append(Part(name="about", weight=weight, because=", ".join(shared[:NAMED])))
    return parts
