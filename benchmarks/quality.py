"""How right the watch is: writes docs/quality.md from labelled items.

    python benchmarks/quality.py ITEMS.jsonl [--out docs/quality.md]

Items are those of ``monitor backtest``, with ``topics``, ``storylines`` and, if there are any, ``maybe_topics``,
``maybe_storylines``, ``event``, ``kind``, ``confusion``. Labels are for counting only; nothing here is fitted to them
but the simulated answers of a reader, and these are scored on what tells of other events, or comes later. What
no count can tell stands in ``quality-notes.md`` and is put at the end.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grouping
import yaml
from calibration import Pair, bands, pair
from calibration import table as calibration_table
from pydantic import TypeAdapter

from monitor.backtest import entry_of, harmonic, read_items
from monitor.domain import Feedback, Match, Story
from monitor.matching.matcher import Matcher

HERE = Path(__file__).parent
NOTES = HERE / "quality-notes.md"
STORY = HERE.parent / "config" / "stories" / "open-source-retreat.yaml"
Item = Mapping[str, Any]
Labels = frozenset[str]

#: What people type into a watch for words: each name, in the languages they think of.
KEYWORDS = {
    "avocado": ("avocado", "牛油果", "アボカド"),
    "llama": ("llama", "羊驼"),
    "tbd-lab": ("tbd",),
    "qwen": ("qwen", "通义千问", "千问"),
}
#: What somebody writes who has read the manual's first page: one short query a storyline.
NEWCOMER = {
    "avocado-release": "@avocado",
    "qwen-inside": "@qwen @meta",
    "open-source-retreat": '@meta "open source"',
    "llama4-fallout": '"Llama 4"',
    "tbd-lab-leadership": "@wang OR @superlab",
    "talent-wars": "@lecun OR (@meta (hire* OR layoff* OR leaves))",
    "chinese-open-models": "@qwen",
    "investor-reaction": "(@meta OR @alibaba) (shares OR stock OR capex)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("items", type=Path)
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "quality.md")
    options = parser.parse_args()
    items = read_items(options.items)
    story = TypeAdapter(Story).validate_python(yaml.safe_load(STORY.read_text("utf-8")))
    options.out.write_text("\n".join(page(items, story)) + "\n", "utf-8")
    print(f"wrote {options.out}")


# --- Counting ---------------------------------------------------------------------------------------------------------


@dataclass
class Count:
    hits: int = 0
    false: int = 0
    missed: int = 0

    def add(self, *, wanted: bool, given: bool) -> None:
        self.hits += wanted and given
        self.false += given and not wanted
        self.missed += wanted and not given

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        return harmonic(self.precision, self.recall)

    @property
    def cells(self) -> str:
        return f"{self.precision:.3f} | {self.recall:.3f} | {self.f1:.3f}"


def counted(
    items: Sequence[Item], given: Sequence[Labels], field: str, group: Callable[[Item, str], str]
) -> dict[str, Count]:
    """Counts by group, and of all as ``all``; what readers disagreed on counts neither way."""
    counts: dict[str, Count] = defaultdict(Count)
    for item, labels in zip(items, given, strict=True):
        wanted = frozenset(item.get(field) or ())
        for label in (wanted | labels) - frozenset(item.get(f"maybe_{field}") or ()):
            for name in (group(item, label), "all"):
                counts[name].add(wanted=label in wanted, given=label in labels)
    return counts


def by_label(_: Item, label: str) -> str:
    return label


def by_language(item: Item, _: str) -> str:
    return str(item.get("lang"))


def keyword_watch(item: Item) -> Labels:
    text = f"{item['title']} {item.get('summary') or ''}".lower()
    return frozenset(topic for topic, words in KEYWORDS.items() if any(word in text for word in words))


def newcomer(story: Story) -> Story:
    lines = tuple(replace(line, query=NEWCOMER.get(line.id, line.query)) for line in story.storylines)
    return replace(story, storylines=lines)


def held(match: Match, story: Story) -> Labels:
    """Storylines of the story; a topic that none of them names is followed by itself, and has no labels."""
    return frozenset(match.held_storylines) & {line.id for line in story.storylines}


# --- The page ---------------------------------------------------------------------------------------------------------


def page(items: Sequence[Item], story: Story) -> Iterator[str]:
    matches = [Matcher(story).match(entry_of(item)) for item in items]
    rough = [Matcher(newcomer(story)).match(entry_of(item)) for item in items]
    topics = [frozenset(match.held_topics) for match in matches]
    lines = [held(match, story) for match in matches]
    plain = [keyword_watch(item) for item in items]
    yield from INTRODUCTION.format(items=len(items)).splitlines()
    yield from ("", "## Topics, beside a plain keyword watch", "")
    ours, theirs = counted(items, topics, "topics", by_label), counted(items, plain, "topics", by_label)
    yield from table("topic", ours, theirs, ("the monitor", "keyword watch"))
    yield from ("", "## Storylines, beside one short query each", "")
    ours = counted(items, lines, "storylines", by_label)
    theirs = counted(items, [held(match, story) for match in rough], "storylines", by_label)
    yield from table("storyline", ours, theirs, ("the monitor", "one query each"))
    yield from ("", "## Languages", "")
    yield from table(
        "language",
        counted(items, topics, "topics", by_language),
        counted(items, lines, "storylines", by_language),
        ("topics", "storylines"),
    )
    yield from ("", "## False alarms", "", *false_alarms(items, matches, plain))
    yield from ("", "## Events, beside tf-idf", "", *grouping.section(items, story))
    yield from ("", "## What a score is worth", "", *worth(items, story, matches, rough))
    yield from ("", "## What a reader's answers do", "", *answered(items, story))
    yield from ("", *NOTES.read_text("utf-8").strip().splitlines())


def table(name: str, left: Mapping[str, Count], right: Mapping[str, Count], over: tuple[str, str]) -> Iterator[str]:
    yield f"| {name} | {over[0]}: precision | recall | F1 | {over[1]}: precision | recall | F1 |"
    yield "|---|---|---|---|---|---|---|"
    for label in sorted(set(left) | set(right), key=lambda label: (label == "all", label)):
        yield f"| {label} | {left.get(label, Count()).cells} | {right.get(label, Count()).cells} |"


def false_alarms(items: Sequence[Item], matches: Sequence[Match], plain: Sequence[Labels]) -> Iterator[str]:
    """Items that belong nowhere, by what they could be mistaken for."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for item, match, words in zip(items, matches, plain, strict=True):
        if str(item.get("kind", "")).endswith("negative") and not item.get("topics") and not item.get("storylines"):
            row = rows[str(item.get("confusion") or "other news")]
            row[0] += 1
            row[1] += bool(match.held or match.held_topics)
            row[2] += bool(words)
    yield "| confusion | items | seen by the monitor | seen by the keyword watch |"
    yield "|---|---|---|---|"
    for name, (count, seen, words) in sorted(rows.items()):
        yield f"| {name} | {count} | {seen} | {words} |"
    total = [sum(column) for column in zip(*rows.values(), strict=True)]
    yield f"| all | {total[0]} | {total[1]} | {total[2]} |"


def worth(items: Sequence[Item], story: Story, ours: Sequence[Match], rough: Sequence[Match]) -> Iterator[str]:
    """Whether scores are probabilities, for a good story and for a rough one."""
    shipped, newcomers = list(pairs(items, story, ours)), list(pairs(items, story, rough))
    yield from calibration_table({"as shipped": shipped, "one short query a storyline": newcomers})
    yield from ("", *bands(shipped, newcomers, ("as shipped", "one short query each")))


def pairs(items: Sequence[Item], story: Story, matches: Sequence[Match]) -> Iterator[Pair]:
    ids = {line.id for line in story.storylines}
    for item, match in zip(items, matches, strict=True):
        for line in match.storylines:
            if line.storyline in ids and line.storyline not in (item.get("maybe_storylines") or ()):
                yield pair(line, right=line.storyline in (item.get("storylines") or ()))


def answered(items: Sequence[Item], story: Story) -> Iterator[str]:
    """F1 of the storylines without and with answers to errors, for a good story and for a rough one."""
    yield "| story | answers | scored on | F1 without | F1 with | difference |"
    yield "|---|---|---|---|---|---|"
    for name, one in (("as shipped", story), ("one short query a storyline", newcomer(story))):
        errors = list(mistakes(items, one))
        yield f"| {name} | {len(errors)}, less the fold's own | other events, 5 folds | {folds(items, one, errors)} |"
        yield f"| {name} | to each error as it comes | what arrives later | {arriving(items, one, wrong=0.0)} |"
        yield f"| {name} | the same, one in ten is wrong | what arrives later | {arriving(items, one, wrong=0.1)} |"
    yield ""
    yield "Only errors are answered. A fold is a fifth of the events, scored with the answers to all the others."


def mistakes(items: Sequence[Item], story: Story) -> Iterator[tuple[int, str, bool]]:
    """Number of the item, storyline, and what it should have been."""
    matcher = Matcher(story)
    for number, item in enumerate(items):
        given = held(matcher.match(entry_of(item)), story)
        for line in (given ^ set(item.get("storylines") or ())) - set(item.get("maybe_storylines") or ()):
            yield number, line, line not in given


def folds(items: Sequence[Item], story: Story, errors: Sequence[tuple[int, str, bool]]) -> str:
    counts = (Count(), Count())
    alone = Matcher(story)
    events = [str(item.get("event") or item["id"]) for item in items]
    order = sorted(set(events))
    random.Random(0).shuffle(order)
    for fold in range(5):
        mine = frozenset(order[fold::5])
        said = [
            Feedback(entry=entry_of(items[number]), kind="storyline", target=line, belongs=belongs)
            for number, line, belongs in errors
            if events[number] not in mine
        ]
        taught = Matcher(story, said)
        for item, event in zip(items, events, strict=True):
            if event in mine:
                add(counts, item, held(alone.match(entry_of(item)), story), held(taught.match(entry_of(item)), story))
    return difference(counts)


def add(counts: tuple[Count, Count], item: Item, before: Labels, after: Labels) -> None:
    wanted = frozenset(item.get("storylines") or ())
    for label in (wanted | before | after) - frozenset(item.get("maybe_storylines") or ()):
        for count, given in zip(counts, (before, after), strict=True):
            count.add(wanted=label in wanted, given=label in given)


def difference(counts: tuple[Count, Count]) -> str:
    return f"{counts[0].f1:.4f} | {counts[1].f1:.4f} | {counts[1].f1 - counts[0].f1:+.4f}"


def arriving(items: Sequence[Item], story: Story, *, wrong: float) -> str:
    """Each error is answered once it is seen, a share of them wrongly; an item is scored before it is answered."""
    matcher, said, counts = Matcher(story), list[Feedback](), (Count(), Count())
    alone, dice = Matcher(story), random.Random(0)
    for item in items:
        entry, wanted = entry_of(item), frozenset(item.get("storylines") or ())
        after = held(matcher.match(entry), story)
        add(counts, item, held(alone.match(entry), story), after)
        errors = sorted((wanted ^ after) - frozenset(item.get("maybe_storylines") or ()))
        for label in errors:
            belongs = (label in wanted) != (dice.random() < wrong)
            said.append(Feedback(entry=entry, kind="storyline", target=label, belongs=belongs))
        if errors:
            matcher = Matcher(story, said)
    return difference(counts)


INTRODUCTION = """# How right the watch is

Made by `python benchmarks/quality.py ITEMS.jsonl`. The items: {items} real news items of the shipped story and of what
is easily taken for it, labelled by three readers; what they disagreed on counts neither way. The story file was written
while looking at these items, so expect less on others: the section "On headlines it had not seen" says how much less.
Of matching, seven weights of a score are fitted to labels; they change no decision."""

if __name__ == "__main__":
    main()
