"""How right the events are, beside tf-idf single-pass clustering: a section of the page that quality.py writes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.backtest import Answer, b_cubed, entry_of, harmonic, replay
from monitor.domain import Story
from monitor.stories.keys import READ_CHARACTERS
from monitor.stories.similarity import cosine, features

Item = Mapping[str, Any]
#: Cosines that the baseline joins at; it is shown at each, and so at its best.
THRESHOLDS = (0.04, 0.06, 0.08, 0.10, 0.15, 0.20)


def section(items: Sequence[Item], story: Story) -> Iterator[str]:
    """Events: ours and the baseline's B-cubed, then every false merge and the events told as several."""
    answers = list(replay(items, story))
    yield "Over the items that carry an event; one that was given none counts as an event of its own. The baseline is"
    yield "given the same items: words weighed by tf-idf over all of them, joined to the likest centroid of 14 days."
    yield from ("", "| | B-cubed precision | recall | F1 | events |", "|---|---|---|---|---|")
    yield row("the monitor", items, answers)
    for threshold in THRESHOLDS:
        yield row(f"tf-idf, single pass, {threshold:.2f}", items, baseline(items, answers, threshold))
    true = len({item["event"] for item in items if item.get("event")})
    yield f"| as people labelled | | | | {true} |"
    yield from ("", "### False merges", "", *false_merges(items, answers))
    yield from ("", "### Events told as several", "", *splits(items, answers))


def row(name: str, items: Sequence[Item], answers: Sequence[Answer]) -> str:
    precision, recall = b_cubed(items, answers)
    labelled = [answer.event or place for place, answer in enumerate(answers) if items[place].get("event")]
    f1 = harmonic(precision, recall)
    return f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {len(set(labelled))} |"


def baseline(items: Sequence[Item], answers: Sequence[Answer], threshold: float) -> list[Answer]:
    """Single-pass clustering of the items that belong to the story, by words and a window of time alone."""
    entries = [entry_of(item) for item in items]
    texts = [features(entry.title, entry.summary[:READ_CHARACTERS]).terms for entry in entries]
    words = [{term: weight for term, weight in text.items() if ":" not in term} for text in texts]
    held = [place for place, answer in enumerate(answers) if answer.event]
    counts = Counter(term for place in held for term in words[place])
    vectors = {
        place: {term: weight * math.log(len(held) / counts[term]) for term, weight in words[place].items()}
        for place in held
    }
    clusters: list[tuple[dict[str, float], list[datetime], str]] = []
    told = list(answers)
    now = None
    for place in held:
        now = entries[place].published or now
        best, highest = None, threshold
        for cluster in clusters:
            if now and cluster[1] and (now - cluster[1][-1]).days > 14:
                continue
            likeness = cosine(vectors[place], cluster[0])
            if likeness >= highest:
                best, highest = cluster, likeness
        if best is None:
            best = (defaultdict(float), [], f"b{place}")
            clusters.append(best)
        for term, weight in vectors[place].items():
            best[0][term] += weight
        best[1].extend([now] if now else [])
        told[place] = Answer(id=answers[place].id, topics=(), storylines=(), scores={}, event=best[2])
    return told


def false_merges(items: Sequence[Item], answers: Sequence[Answer]) -> Iterator[str]:
    """Each event of ours that holds items of several labelled ones: the items that do not belong to most of it."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item, answer in zip(items, answers, strict=True):
        if answer.event and item.get("event"):
            groups[answer.event].append(item)
    found = False
    for event, members in groups.items():
        counts = Counter(str(item["event"]) for item in members)
        main, _ = counts.most_common(1)[0]
        for item in members:
            if item["event"] != main:
                found = True
                yield f"- {event}, of {main}: “{_cut(item['title'])}” ({item.get('source')}) is of {item['event']}"
    if not found:
        yield "None."


def splits(items: Sequence[Item], answers: Sequence[Answer]) -> Iterator[str]:
    yield "| labelled event | items | told as |"
    yield "|---|---|---|"
    events: dict[str, list[str]] = defaultdict(list)
    for place, (item, answer) in enumerate(zip(items, answers, strict=True)):
        if item.get("event"):
            events[str(item["event"])].append(answer.event or f"alone:{place}")
    for event, told in sorted(events.items()):
        sizes = sorted(Counter(told).values(), reverse=True)
        if len(sizes) > 1:
            yield f"| {event} | {len(told)} | {' + '.join(map(str, sizes))} |"


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
