"""What listening for new names costs for each entry of a story, at 100,000 stored entries.

    python benchmarks/drift.py [--stored 100000] [--matched 500]

Prints milliseconds of processor time an entry, of ``pipeline.drift.listen``, and of the worst one. One matched entry in
fifty ties a name to a topic, and for each that belongs comes one that does not.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from monitor.domain import Entry, Feed, Story, Topic
from monitor.matching.matcher import Matcher
from monitor.pipeline.drift import listen
from monitor.storage import entries, stories
from monitor.storage.store import Store
from monitor.stories.drift import Vocabulary, vocabulary

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STORY = Story(
    story="s", topics=(Topic(id="helix", strong=("Project Helix",), aliases=("Helix",), anchors=("Arcadia",)),)
)
SYLLABLES = ("ka", "ve", "lo", "ri", "ma", "ton", "sel", "dru", "pa", "nix", "or", "bel", "fen", "qua", "zi", "mor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--matched", type=int, default=500)
    options = parser.parse_args()
    dice, matcher, known = random.Random(1), Matcher(STORY), vocabulary(STORY)
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/monitor.db") as store:
        for start in range(0, options.stored, 5000):
            with store.write() as connection:
                batch = [item(dice, start + n, belongs=False) for n in range(min(5000, options.stored - start))]
                entries.add(connection, batch, now=BEGIN, primed=False)
        spent = [
            spend(store, item(dice, options.stored + n, belongs=n % 2 == 0), matcher, known)
            for n in range(2 * options.matched)
        ]
    mean = 1000 * sum(spent) / options.matched
    print(f"{options.stored} stored: {mean:.2f} ms of processor a matched entry, {1000 * max(spent):.1f} ms the worst")


def spend(store: Store, entry: Entry, matcher: Matcher, known: Vocabulary) -> float:
    """Seconds of processor time that listening to the entry takes, within its transaction."""
    match = matcher.match(entry)
    with store.write() as connection:
        stored = entries.add(connection, [entry], now=entry.published or BEGIN, primed=False)
        stories.save_matches(connection, [(stored[0].id, match)])
        began = time.thread_time()
        listen(connection, known, "s", [(stored[0], match)])
        return time.thread_time() - began


def item(dice: random.Random, number: int, *, belongs: bool) -> Entry:
    feed = Feed(url=f"https://feed{dice.randrange(200)}.test/")
    names = list(people(dice, 12))
    title = f"{names[0]} and {names[1]} meet in the autumn of a long year"
    if belongs:
        title = f"Arcadia shows Project Helix to {names[0]} of {names[1]}"
    if belongs and dice.randrange(50) == 0:
        title = f"Arcadia shows {names[0]}, formerly Project Helix"
    summary = ". ".join(f"It is said that {one} was there with all the others who came" for one in names[2:])
    at = BEGIN + timedelta(minutes=number / 10)
    return Entry(feed_url=feed.url, identity=str(number), title=title, summary=summary, source=feed.host, published=at)


def people(dice: random.Random, number: int) -> Iterator[str]:
    for _ in range(number):
        yield " ".join("".join(dice.choices(SYLLABLES, k=2)).title() for _ in range(2))


if __name__ == "__main__":
    main()
