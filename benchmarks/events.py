"""What a matched entry costs: from ``take_in`` to its report stored, and what of it is the sentence encoder.

    python benchmarks/events.py [--stored 100000] [--windows 400,2000,10000] [--entries 40]

For each size of window a database of its own, with that many reports of the last two weeks in events of one to nine
reports, and other entries up to ``--stored``. Then polls that bring one entry of the story each: the dearest way. Times
are of one core's work (CPU, not wall); the first poll draws the board, is told apart, and is not in the mean.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from monitor.app import wire
from monitor.config.models import Config
from monitor.domain import Entry, Feed, FeedState, Match, Novelty, Report, Story
from monitor.feeds.polling import Poll, PollStatus
from monitor.matching.matcher import Matcher
from monitor.meaning import beats
from monitor.pipeline import take_in
from monitor.storage import entries, feeds, stories
from monitor.storage.store import Store
from monitor.stories.events import new_event_id

STORY = Path(__file__).parent.parent / "config" / "stories" / "open-source-retreat.yaml"
NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
FEED = Feed(url="https://news.test/feed", title="News", state=FeedState(primed=True))
WHO = ("Meta", "Alibaba's Qwen", "Zuckerberg's TBD Lab", "Yann LeCun", "Alexandr Wang", "Meta's Llama team")
DOES = ("delays", "launches", "prices", "sues over", "hires for", "lays off staff of", "denies", "opens", "trains")
WHAT = ("its AI model Avocado", "Qwen 3.5", "the Llama licence", "an open-weight AI model", "a research lab in Paris")
WHY = ("after tests fell short", "to please investors", "as rivals catch up", "say people familiar with it", "in May")
#: Chunks of rows at a time.
CHUNK = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--windows", default="400,2000,10000")
    parser.add_argument("--entries", type=int, default=40)
    options = parser.parse_args()
    print(f"{'reports in window':>18} {'drawing the board':>18} {'an entry':>9} {'slowest':>8} {'encoder':>8}   ms")
    for size in map(int, options.windows.split(",")):
        with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/monitor.db") as store:
            measured = measure(store, size, options.stored, options.entries)
        print(
            f"{size:>18,} {measured.first:>18,.0f} {statistics.mean(measured.each):>9.2f} {max(measured.each):>8.2f} "
            f"{measured.encoder:>8.2f}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """In milliseconds."""

    first: float
    each: Sequence[float]
    #: Mean for an entry, in a run of its own.
    encoder: float


def measure(store: Store, size: int, stored: int, count: int) -> Measured:
    story = TypeAdapter(Story).validate_python(yaml.safe_load(STORY.read_text("utf-8")))
    matcher = Matcher(story)
    dice = random.Random(size)
    meaning = beats([matcher.story])[story.story].meaning
    fill(store, matcher, [*headlines(dice, size, matcher)], stored, meaning)
    config = Config.model_validate({"stories": [yaml.safe_load(STORY.read_text("utf-8"))]})
    tools = wire(config, store, parser=None)  # type: ignore[arg-type]  # nothing is read
    fresh = [replace(one, identity=f"new {n}") for n, one in enumerate(headlines(dice, count + 1, matcher))]
    ours = tools.beats[story.story].meaning
    if ours is not None:
        ours.vector(fresh[0])  # loads the model
    took = []
    for entry in fresh:
        poll = Poll(feed=FEED, state=FEED.state, status=PollStatus.OK, entries=(replace(entry, published=NOW),))
        began = time.process_time()
        intake = take_in(poll, tools, NOW)
        took.append(1000 * (time.process_time() - began))
        assert intake.matched == 1, entry.title
    return Measured(first=took[0], each=took[1:], encoder=encoding(meaning, [*headlines(dice, count, matcher)]))


def encoding(meaning: Any, found: Sequence[Entry]) -> float:
    if meaning is None:
        return 0.0
    began = time.process_time()
    for entry in found:
        meaning.vector(entry)
    return 1000 * (time.process_time() - began) / len(found)


def headlines(dice: random.Random, count: int, matcher: Matcher) -> Iterator[Entry]:
    """Entries of the story, no two of one text."""
    made = (entry for number in itertools.count() for entry in [headline(dice, number)] if matcher.match(entry).held)
    return itertools.islice(made, count)


def headline(dice: random.Random, number: int) -> Entry:
    title = " ".join(dice.choice(words) for words in (WHO, DOES, WHAT, WHY))
    detail = f"It told staff number {dice.randrange(10**6)} on {dice.choice(('Monday', 'Friday'))}, a report says."
    return Entry(
        feed_url=FEED.url,
        identity=f"{number}",
        url=f"https://news.test/{number}",
        title=f"{title}, {dice.randrange(10**6):x}",
        summary=f"{title}. {detail}",
        source=f"Outlet {dice.randrange(300)}",
        published=NOW - dice.random() * timedelta(days=14),
    )


def fill(store: Store, matcher: Matcher, found: Sequence[Entry], stored: int, meaning: Any) -> None:
    """The window's reports, in events of one to nine, and other entries up to ``stored``."""
    dice = random.Random(1)
    with store.write() as connection:
        feeds.sync(connection, [FEED], NOW)
        feeds.save_state(connection, FEED.url, FEED.state)
    event, left = "", 0
    for start in range(0, len(found), CHUNK):
        with store.write() as connection:
            for kept in entries.add(connection, found[start : start + CHUNK], now=NOW, primed=False):
                match = matcher.match(kept.entry)
                if not left:
                    event, left = new_event_id(match.story, kept.entry), dice.randint(1, 9)
                left -= 1
                stories.save_matches(connection, [(kept.id, match)])
                stories.save_report(
                    connection,
                    report(kept.id, kept.entry, match, event),
                    meaning.vector(kept.entry) if meaning else b"",
                )
    others = [
        Entry(feed_url="https://other.test/feed", identity=str(n), title=f"Avocado toast number {n}", published=NOW)
        for n in range(max(0, stored - len(found)))
    ]
    for start in range(0, len(others), CHUNK):
        with store.write() as connection:
            entries.add(connection, others[start : start + CHUNK], now=NOW, primed=False)


def report(entry_id: int, entry: Entry, match: Match, event: str) -> Report:
    return Report(
        entry_id=entry_id,
        entry=entry,
        match=match,
        first_seen=NOW,
        event=event,
        novelty=Novelty.FIRST,
        reason="made up",
    )


if __name__ == "__main__":
    main()
