"""Topics: whether an entry is about a named thing, judged by its names and what stands around them.

A strong name decides. An alias needs an anchor near it or in the title, or a feed that is tagged with the topic. A veto
speaks against, and decides only where nothing strong stands. All of it adds up in log-odds, so that the score and the
reasons are the same thing.
"""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain import Hit, Part, Topic, TopicMatch
from monitor.matching.learning import Lesson, correction
from monitor.matching.likeness import Sample
from monitor.matching.scan import Scan
from monitor.matching.terms import Found, Term, find, find_all, hit, outside, read_masks, read_terms
from monitor.matching.text import Text

# Log-odds. What must come out, and does: a strong name holds alone (+2) and no veto undoes it; an alias alone does not
# hold (-1.5); with an anchor it does (+1); a veto beats one anchor (-1), and three anchors beat a veto (+0.6).
PRIOR = -3.0
STRONG = 5.0
ALIAS = 1.5
ANCHOR = 2.5
MORE_ANCHORS = 0.8
VETO = -2.0
#: Three distinct anchors or vetoes say what ten do.
MOST = 3
#: A strong name with vetoes around it still holds, barely.
STRONG_FLOOR = 0.2
#: Words between an alias and its anchor: a feed's summary of a few sentences, not a whole article.
REACH = 40


@dataclass(frozen=True, slots=True)
class _Compiled:
    topic: Topic
    anchors: tuple[Term, ...]
    #: Phrases in which an anchor is none.
    masks: tuple[Term, ...]
    vetoes: tuple[Term, ...]
    passing: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """A strong name or an alias of a topic."""

    topic: str
    term: Term
    strong: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A topic's match, with the places where its names stand."""

    match: TopicMatch
    names: tuple[Found, ...]


class TopicIndex:
    """Topics compiled: names lead to topics, and only a topic of which a name stands in the text is looked at."""

    def __init__(self, topics: Sequence[Topic], words: Mapping[str, Sequence[str]]) -> None:
        self._topics = {
            topic.id: _Compiled(
                topic=topic,
                anchors=read_terms(topic.anchors, words),
                masks=read_masks(topic.anchors, words),
                vetoes=read_terms(topic.vetoes, words),
                passing=read_terms(topic.passing, words),
            )
            for topic in topics
        }
        self._names: dict[str, list[_Name]] = defaultdict(list)
        for topic in topics:
            for strong, listed in ((True, topic.strong), (False, topic.aliases)):
                for term in read_terms(listed, words):
                    self._names[term.needle].append(_Name(topic.id, term, strong))

    def terms(self) -> Iterator[Term]:
        """Every term that a scan must look for."""
        for names in self._names.values():
            yield from (name.term for name in names)
        for compiled in self._topics.values():
            yield from (*compiled.anchors, *compiled.masks, *compiled.vetoes, *compiled.passing)

    def judge(self, text: Text, scan: Scan, feed_tags: Sequence[str] = ()) -> dict[str, Judged]:
        """Every topic of which a name stands in the text."""
        seen: dict[str, list[tuple[_Name, Found]]] = defaultdict(list)
        for needle, starts in scan.items():
            for name in self._names.get(needle, ()):
                for found in find(name.term, text, starts):
                    seen[name.topic].append((name, found))
        return {topic: _judge(self._topics[topic], names, text, scan, feed_tags) for topic, names in seen.items()}


def _judge(
    compiled: _Compiled, names: list[tuple[_Name, Found]], text: Text, scan: Scan, feed_tags: Sequence[str]
) -> Judged:
    topic = compiled.topic
    strong = _widest([found for name, found in names if name.strong])
    mentions = outside(_widest([found for name, found in names if not name.strong]), strong)
    vetoes = find_all(compiled.vetoes, text, scan)
    passing = [found for found in find_all(compiled.passing, text, scan) if text.place(found.first) == "summary"]
    # A veto that holds the alias ("llama.cpp", "se llama") takes that mention away and says nothing of the others.
    aliases = outside(mentions, [*vetoes, *passing])
    against = outside(vetoes, mentions)
    anchors = outside(
        find_all(compiled.anchors, text, scan), [*strong, *aliases, *find_all(compiled.masks, text, scan)]
    )
    near = _near(anchors, aliases, text)
    on_topic = [tag for tag in feed_tags if tag.casefold() == topic.id]
    lowered = VETO * min(MOST, _distinct(against, text))
    if strong:
        log_odds = max(PRIOR + STRONG + lowered, STRONG_FLOOR)
    else:
        supports = min(MOST, _distinct(near, text) + len(on_topic)) if aliases else 0
        log_odds = PRIOR + (ALIAS if aliases else 0.0) + lowered
        log_odds += ANCHOR + MORE_ANCHORS * (supports - 1) if supports else 0.0
    held = log_odds >= 0
    hits = dict.fromkeys(
        (
            *(hit(found, text, "strong") for found in strong),
            *(hit(found, text, "alias") for found in aliases),
            *(hit(found, text, "anchor") for found in near),
            *(Hit(term=tag, found=tag, place="feed", role="anchor") for tag in on_topic),
            *(hit(found, text, "veto") for found in (*vetoes, *passing)),
        )
    )
    missing = () if held else _missing(topic, aliases, near, anchors, [*vetoes, *passing], text)
    match = TopicMatch(topic=topic.id, held=held, score=sigmoid(log_odds), hits=tuple(hits), missing=missing)
    return Judged(match, (*strong, *aliases))


def corrected(judged: Judged, lessons: Sequence[Lesson], text: Sample) -> Judged:
    """The same with what readers' answers add. A strong name cannot be unlearned: with one the topic still holds."""
    learnt, because = correction(lessons, text)
    if not learnt:
        return judged
    match = judged.match
    log_odds = logit(match.score) + learnt
    if any(hit.role == "strong" for hit in match.hits):
        log_odds = max(log_odds, STRONG_FLOOR)
    held = log_odds >= 0
    changed = replace(
        match,
        held=held,
        score=sigmoid(log_odds),
        missing=() if held else (match.missing or (because,)),
        feedback=Part(name="feedback", weight=learnt, because=because),
    )
    return replace(judged, match=changed)


def _missing(
    topic: Topic,
    aliases: Sequence[Found],
    near: Sequence[Found],
    anchors: Sequence[Found],
    vetoes: Sequence[Found],
    text: Text,
) -> tuple[str, ...]:
    """What would have been needed, in words."""
    missing = []
    if aliases and not near:
        alias = text.found(aliases[0].first, aliases[0].end)
        examples = ", ".join(topic.anchors[:3]) + (" …" if len(topic.anchors) > 3 else "")
        far = f"; {text.found(anchors[0].first, anchors[0].end)!r} is too far away" if anchors else ""
        missing.append(
            f"an anchor near {alias!r} ({examples}){far}" if topic.anchors else f"a strong name: {alias!r} is an alias"
        )
    if vetoes:
        spoken = ", ".join(dict.fromkeys(text.found(found.first, found.end) for found in vetoes))
        missing.append(f"more than what speaks against it: {spoken}")
    return tuple(missing)


def _widest(found: list[Found]) -> list[Found]:
    """Without those that lie inside another: of "TBD" and "TBD Lab" at one place, the longer."""
    by_place = sorted(set(found), key=lambda one: (one.first, -one.end, one.term))  # a set's order is another each day
    kept: list[Found] = []
    for one in by_place:
        if not kept or one.end > kept[-1].end:
            kept.append(one)
    return kept


def _near(anchors: Sequence[Found], aliases: Sequence[Found], text: Text) -> list[Found]:
    """The anchors in the title, and those within reach of an alias: of its neighbours on either side."""
    firsts = [alias.first for alias in aliases]
    near = []
    for anchor in anchors:
        at = bisect.bisect(firsts, anchor.first)
        if text.place(anchor.first) == "title" or any(
            text.within(REACH, alias.first, alias.end, anchor.first, anchor.end)
            for alias in aliases[max(0, at - 1) : at + 1]
        ):
            near.append(anchor)
    return near


def _distinct(found: Sequence[Found], text: Text) -> int:
    return len({text.words[one.first : one.end] for one in found})


def sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def logit(score: float) -> float:
    """The log-odds behind a score of this module: none is so far out that it would be 0 or 1."""
    return math.log(score / (1.0 - score))
