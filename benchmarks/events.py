"""What a matched entry costs: from ``take_in`` to its report stored, and what of it is the sentence encoder.

    python benchmarks/events.py [--stored 100000] [--windows 400,2000,10000] [--polls 40] [--each 1]

For each size of window a database of its own, with that many reports of the last two weeks but the last two days, one
to nine of one happening, and other entries up to ``--stored``. Then polls that bring ``--each`` entries of the story:
one is the dearest way; one in five is of a new happening. Times are of one core's work (CPU, not wall) by the entry,
the middle one and the slowest of twenty; the first poll draws the board and is told apart.
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
#: Of these each happening draws its own: what tells it from others.
GIST = tuple(
    """
    memory benchmark hospital satellite teachers copyright electricity chips glasses translation advertising elections
    children music robots factory visa quarterly lawsuit harbour insurance weather cooking farmers football pension
    museum passwords drivers novelists archive submarine vaccine tutoring recipes mortgage shipping wildfire orchestra
    cinema accents invoices elevators bakery glacier customs tunnels libraries airports volcano dentists theatre
    sculpture
    """.split()  # noqa: SIM905 - as a list it would be four times as long
)
WHY = ("after tests fell short", "to please investors", "as rivals catch up", "say people familiar with it", "in May")
#: Chunks of rows at a time.
CHUNK = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--windows", default="400,2000,10000")
    parser.add_argument("--polls", type=int, default=40)
    parser.add_argument("--each", type=int, default=1)
    options = parser.parse_args()
    print(f"{'reports in window':>18} {'drawing the board':>18} {'an entry':>9} {'1 in 20':>8} {'encoder':>8}   ms")
    for size in map(int, options.windows.split(",")):
        with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/monitor.db") as store:
            measured = measure(store, size, options.stored, options.polls, options.each)
        print(
            f"{size:>18,} {measured.first:>18,.0f} {statistics.median(measured.each):>9.2f} "
            f"{statistics.quantiles(measured.each, n=20)[-1]:>8.2f} {measured.encoder:>8.2f}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """In milliseconds."""

    first: float
    each: Sequence[float]
    #: The middle one of the entries, in a run of its own.
    encoder: float


def measure(store: Store, size: int, stored: int, count: int, each: int) -> Measured:
    story = TypeAdapter(Story).validate_python(yaml.safe_load(STORY.read_text("utf-8")))
    matcher = Matcher(story)
    dice = random.Random(size)
    meaning = beats([matcher.story])[story.story].meaning
    known = sorted(headlines(dice, size, matcher), key=lambda entry: entry.published or NOW)
    fill(store, matcher, known, stored, meaning)
    config = Config.model_validate({"stories": [yaml.safe_load(STORY.read_text("utf-8"))]})
    tools = wire(config, store, parser=None)  # type: ignore[arg-type]  # nothing is read
    fresh = [more(dice, known, n, matcher) for n in range((count + 1) * each)]
    ours = tools.beats[story.story].meaning
    if ours is not None:
        ours.vector(fresh[0])  # loads the model
    took = []
    for start in range(0, len(fresh), each):
        brought = tuple(replace(entry, published=NOW) for entry in fresh[start : start + each])
        poll = Poll(feed=FEED, state=FEED.state, status=PollStatus.OK, entries=brought)
        began = time.process_time()
        intake = take_in(poll, tools, NOW)
        took.append(1000 * (time.process_time() - began) / each)
        assert intake.matched == each, brought
    return Measured(first=took[0] * each, each=took[1:], encoder=encoding(meaning, [*headlines(dice, count, matcher)]))


def encoding(meaning: Any, found: Sequence[Entry]) -> float:
    if meaning is None:
        return 0.0
    took = []
    for entry in found:
        began = time.process_time()
        meaning.vector(entry)
        took.append(1000 * (time.process_time() - began))
    return statistics.median(took)


def headlines(dice: random.Random, count: int, matcher: Matcher) -> Iterator[Entry]:
    """Entries of the story, one to nine in a row of one happening, no two of one text."""
    made = (
        headline(dice, happening, number)
        for happening in itertools.count(dice.randrange(10**6))
        for number in range(dice.randint(1, 9))
    )
    return itertools.islice((entry for entry in made if matcher.match(entry).held), count)


def headline(dice: random.Random, happening: int, number: int) -> Entry:
    """A report of a happening; the tag says of which."""
    fixed = random.Random(happening)
    who, does, what = (fixed.choice(words) for words in (WHO, DOES, WHAT))
    gist = fixed.sample(GIST, 16)
    day, why, nth = 2 + fixed.random() * 12, dice.choice(WHY), dice.randrange(10**6)
    told = " ".join(dice.sample(gist, len(gist) - 3))
    title = f"{' '.join(dice.sample(gist, 4))}: {who} {does} {what}"
    detail = f"{told}, {why}, staff number {nth} heard on {dice.choice(('Monday', 'Friday'))}."
    return Entry(
        feed_url=FEED.url,
        identity=f"{happening} {number} {nth}",
        url=f"https://news.test/{happening}/{nth}",
        title=title,
        summary=detail,
        source=f"Outlet {dice.randrange(300)}",
        published=NOW - timedelta(days=day) + timedelta(hours=dice.random()),
        tags=(str(happening),),
    )


def more(dice: random.Random, known: Sequence[Entry], number: int, matcher: Matcher) -> Entry:
    """One more entry of the story; one in five of a happening of its own."""
    while True:
        happening = 10**7 + dice.randrange(10**6) if number % 5 == 0 else int(dice.choice(known).tags[0])
        entry = headline(dice, happening, 10)
        if matcher.match(entry).held:
            return entry


def fill(store: Store, matcher: Matcher, found: Sequence[Entry], stored: int, meaning: Any) -> None:
    """The window's reports, an event for each happening, and other entries up to ``stored``."""
    with store.write() as connection:
        feeds.sync(connection, [FEED], NOW)
        feeds.save_state(connection, FEED.url, FEED.state)
    events: dict[str, str] = {}
    for start in range(0, len(found), CHUNK):
        with store.write() as connection:
            for kept in entries.add(connection, found[start : start + CHUNK], now=NOW, primed=False):
                match = matcher.match(kept.entry)
                event = events.setdefault(kept.entry.tags[0], new_event_id(match.story, kept.entry))
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
