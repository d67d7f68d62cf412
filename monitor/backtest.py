"""Replay labelled or unlabelled items through the whole of matching and grouping, and score what came out.

The items go, one at a time and in their order, through the same ``pipeline.relate`` as a polled entry, over a database
in memory. Labels are never shown to the matcher.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.domain import Entry, Feed, Match, Novelty, Story
from monitor.errors import MonitorError
from monitor.matching.matcher import Matcher
from monitor.meaning import beats
from monitor.pipeline import relate, see
from monitor.storage import drift, entries
from monitor.storage.edits import resolve
from monitor.storage.store import Store

#: Where time begins for items that carry none and follow none that does.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the monitor said of one item."""

    #: As the item has it.
    id: Any
    topics: tuple[str, ...]
    storylines: tuple[str, ...]
    #: Of every storyline of the story, 0 to 1.
    scores: Mapping[str, float]
    event: str | None = None
    novelty: Novelty | None = None


def read_items(path: Path) -> list[dict[str, Any]]:
    """Items from a file with one JSON object a line. Raises MonitorError that names the line."""
    items = []
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")  # and at nothing else: a text may hold a U+2028
    except (OSError, UnicodeDecodeError) as error:
        raise MonitorError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            item["id"], item["title"], _time(item)
        except (ValueError, TypeError, KeyError) as error:
            raise MonitorError(f"{path}:{number}: is no item with id, title and published: {error}") from error
        items.append(item)
    return items


def replay(items: Iterable[Mapping[str, Any]], story: Story) -> Iterator[Answer]:
    """Answer for each item, in order, as if it had arrived at its ``published`` (where null: with the one before).

    Every item is an entry of its own, also where two have one id. Events are those that it is in at the end: two that
    turn out to be one are merged.
    """
    with Store.open("sqlite://") as store:
        answers = [answer for _, answer in _arriving(items, story, store)]
        with store.read() as connection:
            for answer in answers:
                yield replace(answer, event=resolve(connection, answer.event)) if answer.event else answer


def _arriving(items: Iterable[Mapping[str, Any]], story: Story, store: Store) -> Iterator[tuple[int, Answer]]:
    """The items taken in one by one: the number of each as a stored entry, and its answer."""
    matchers = {story.story: Matcher(story)}
    known = beats([matchers[story.story].story])
    lines = [line.id for line in matchers[story.story].story.storylines]
    now = EPOCH
    for place, item in enumerate(items):
        now = _time(item) or now
        entry = replace(entry_of(item), identity=f"{place}:{item['id']}")
        feed = Feed(url=entry.feed_url)
        seen = {entry.identity: see(entry, feed, matchers)}
        with store.write() as connection:
            stored = entries.add(connection, [entry], now=now, primed=False)
            reports = relate(connection, stored, seen, matchers, known)
        yield (
            stored[0].id,
            _answer(item["id"], seen[entry.identity][story.story].match, lines, reports[0] if reports else None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedName:
    """A name that the items propose for a topic."""

    term: str
    topic: str
    score: float
    proposed_at: datetime
    #: Ids of items.
    evidence: tuple[Any, ...]


def drifted(items: Iterable[Mapping[str, Any]], story: Story) -> list[ProposedName]:
    """The names that would have been proposed as the items came in, oldest first."""
    with Store.open("sqlite://") as store:
        ids = {number: answer.id for number, answer in _arriving(items, story, store)}
        with store.read() as connection:
            proposals = drift.listed(connection, story.story)
    return [
        ProposedName(
            term=one.term,
            topic=one.topic,
            score=one.score,
            proposed_at=one.proposed_at,
            evidence=tuple(ids[number] for number in one.evidence),
        )
        for one in proposals
    ]


# --- What was nearly seen, and what another configuration would see --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A topic or storyline that nearly held."""

    id: Any
    title: str
    label: str
    score: float
    missing: tuple[str, ...]
    #: Whether the item is labelled with it; None where it has no labels, or readers disagreed.
    wanted: bool | None


def near_misses(items: Iterable[Mapping[str, Any]], story: Story, most: int) -> list[NearMiss]:
    """The ``most`` that came nearest to holding: wanted ones first, then by score, then those that lack least."""
    matcher = Matcher(story)
    found = []
    for item in items:
        match = matcher.match(entry_of(item))
        nearly = [
            *(("topics", topic.topic, topic.score, topic.missing) for topic in match.topics if not topic.held),
            *(("storylines", line.storyline, line.score, line.missing) for line in match.storylines if not line.held),
        ]
        for field, label, score, missing in nearly:
            wanted = None if field not in item or label in item.get(f"maybe_{field}", ()) else label in item[field]
            found.append(
                NearMiss(
                    id=item["id"],
                    title=str(item["title"]),
                    label=label,
                    score=round(score, 4),
                    missing=missing,
                    wanted=wanted,
                )
            )
    return sorted(found, key=lambda near: (near.wanted is not True, -near.score, len(" ".join(near.missing))))[:most]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item that gains or loses a label under another configuration."""

    id: Any
    title: str
    label: str
    gained: bool
    #: Whether the labels agree with the change; None where they do not say.
    right: bool | None


def changes(items: Iterable[Mapping[str, Any]], story: Story, other: Story) -> list[Change]:
    """What the other version of the story would see otherwise, in the order of the items."""
    ours, theirs = Matcher(story), Matcher(other)
    found = []
    for item in items:
        entry = entry_of(item)
        now, then = ours.match(entry), theirs.match(entry)
        for field in ("topics", "storylines"):
            before, after = set(getattr(now, f"held_{field}")), set(getattr(then, f"held_{field}"))
            for label in sorted(before ^ after):
                told = field in item and label not in item.get(f"maybe_{field}", ())
                found.append(
                    Change(
                        id=item["id"],
                        title=str(item["title"]),
                        label=label,
                        gained=label in after,
                        right=(label in item[field]) == (label in after) if told else None,
                    )
                )
    return found


def _answer(item_id: Any, match: Match, lines: Sequence[str], report: Any) -> Answer:
    scores = dict.fromkeys(lines, 0.0) | {line.storyline: round(line.score, 4) for line in match.storylines}
    return Answer(
        id=item_id,
        topics=match.held_topics,
        storylines=match.held_storylines,
        scores=scores,
        event=report.event if report else None,
        novelty=report.novelty if report else None,
    )


def entry_of(item: Mapping[str, Any]) -> Entry:
    """An item as the entry that a feed of its source would have given."""
    source = str(item.get("source") or "")
    return Entry(
        feed_url=f"backtest:{source}",
        identity=str(item["id"]),
        guid=str(item["id"]),
        url=item.get("url"),
        title=str(item["title"] or ""),
        summary=str(item.get("summary") or ""),
        source=source,
        lang=item.get("lang"),
        published=_time(item),
    )


def _time(item: Mapping[str, Any]) -> datetime | None:
    if not item.get("published"):
        return None
    stated = datetime.fromisoformat(item["published"])
    return stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)


# --- Scores -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Precision and recall of one label, with the counts behind them."""

    label: str
    hits: int
    false_alarms: int
    misses: int

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false_alarms) if self.hits + self.false_alarms else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 1.0

    @property
    def f1(self) -> float:
        return harmonic(self.precision, self.recall)


def harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def scores(items: Sequence[Mapping[str, Any]], answers: Sequence[Answer], field: str) -> list[Score]:
    """A Score for each label of ``topics`` or ``storylines``, then one of all together, called ``all``.

    answers  one for each item, in the same order

    A label under ``maybe_FIELD`` counts neither way: readers disagreed on it.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for item, answer in zip(items, answers, strict=True):
        wanted, open_ = set(item.get(field) or ()), set(item.get(f"maybe_{field}") or ())
        given = set(getattr(answer, field))
        for label in (wanted | given) - open_:
            counts[label][0 if label in wanted and label in given else 1 if label in given else 2] += 1
    total = [sum(column) for column in zip(*counts.values(), strict=True)] or [0, 0, 0]
    rows = [*sorted(counts.items()), ("all", total)]
    return [Score(label=label, hits=hit, false_alarms=false, misses=miss) for label, (hit, false, miss) in rows]


def b_cubed(items: Sequence[Mapping[str, Any]], answers: Sequence[Answer]) -> tuple[float, float]:
    """Precision and recall of the events over the items that carry an event label (Bagga and Baldwin 1998).

    An item that was given no event counts as an event of its own. ``answers`` has one for each item, in their order.
    """
    both_said = list(enumerate(zip(items, answers, strict=True)))
    label = {place: str(item["event"]) for place, (item, _) in both_said if item.get("event")}
    given = {place: answer.event or f"alone:{place}" for place, (_, answer) in both_said if place in label}
    ours, theirs = _groups(given), _groups(label)
    both = [(len(ours[given[i]] & theirs[label[i]]), len(ours[given[i]]), len(theirs[label[i]])) for i in label]
    if not both:
        return 1.0, 1.0
    precision = sum(shared / size for shared, size, _ in both) / len(both)
    return precision, sum(shared / size for shared, _, size in both) / len(both)


def _groups(group_of: Mapping[int, str]) -> dict[str, set[int]]:
    groups: dict[str, set[int]] = defaultdict(set)
    for item, group in group_of.items():
        groups[group].add(item)
    return groups
