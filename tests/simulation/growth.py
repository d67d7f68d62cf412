"""Three years of news and pruning: how large the database grows, what a poll costs, and what comes back.

    python -m tests.simulation.growth [--feeds 20] [--years 3]

The suite lets fewer feeds grow.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from monitor.logs import configure
from monitor.storage.schema import entries, forgotten, matches
from tests.simulation.check import spoilt
from tests.simulation.life import Life, Plan
from tests.simulation.world import DAY

#: A week's news of a feed; one of ``RARE`` entries belongs to the story. Listed are those of two weeks.
A_WEEK, RARE = 14, 56
#: Entries that come back, of each feed.
FIRST = 500
#: Nothing goes wrong: what is looked at is how things grow.
CALM = Plan(receivers=3, deadly=0, refused=0, shaken=0, interval="5d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The database at the end of a year."""

    published: int
    #: Entries still held that belong to no story, and marks of those that are not.
    kept: int
    forgotten: int
    size: int
    #: Statements that a poll took, and seconds of a processor: means of the year.
    statements: float
    seconds: float


class Growth(Life):
    """A life without faults. What matters here is counted a week at a time."""

    def year(self) -> Year:
        begun, asked, polled = time.process_time(), self.counts["statements"], self.counts["polls"]
        for _ in range(52):
            for origin in self.world.origins.values():
                for _ in range(A_WEEK):
                    self.world.publish(origin, belongs=self.world.serial % RARE == 0)
            self.world.now += 7 * DAY
            self.moment()
        polls = self.counts["polls"] - polled
        seconds, statements = time.process_time() - begun, self.counts["statements"] - asked
        with self.unharmed(), self.store.read() as c:
            pages, room = (c.exec_driver_sql(f"PRAGMA {word}").scalar_one() for word in ("page_count", "page_size"))
            strange = ~select(matches.c.entry_id).where(matches.c.entry_id == entries.c.id, matches.c.held).exists()
            kept = c.execute(select(func.count()).select_from(entries).where(strange)).scalar_one()
            marks = c.execute(select(func.count()).select_from(forgotten)).scalar_one()
        return Year(
            published=self.world.serial,
            kept=kept,
            forgotten=marks,
            size=pages * room,
            statements=statements / polls,
            seconds=seconds / polls,
        )

    def comes_back(self) -> int:
        """Every feed lists its first entries again: how many are taken for new."""
        stored = self.stored()
        for origin in self.world.origins.values():
            origin.published = origin.published[:FIRST]
        self.world.listed = FIRST
        for _ in range(4):
            self.world.now += 7 * DAY
            self.moment()
        return self.stored() - stored

    def stored(self) -> int:
        """Entries and marks together: what was ever taken in."""
        with self.unharmed(), self.store.read() as c:
            tables = (entries, forgotten)
            return sum(c.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def grown(folder: Path, feeds: int, years: int) -> tuple[Growth, list[Year]]:
    plan = replace(CALM, origins=feeds)
    life = Growth("growth", plan, datetime(2026, 1, 1, tzinfo=UTC), f"sqlite:///{folder}/monitor.db")
    for origin in life.world.origins.values():
        origin.habit = next(iter(type(origin.habit)))  # steady, all of them
    life.world.listed = 2 * A_WEEK
    life.moment()
    return life, [life.year() for _ in range(years)]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--feeds", type=int, default=20)
    words.add_argument("--years", type=int, default=3)
    asked = words.parse_args()
    configure(sys.stderr, level="CRITICAL", fmt="text")
    with tempfile.TemporaryDirectory() as folder:
        life, years = grown(Path(folder), asked.feeds, asked.years)
        new, again = life.comes_back(), spoilt(life)
    for number, year in enumerate(years, start=1):
        print(
            f"year {number}: {year.published} published, {year.kept} of no story kept, {year.forgotten} forgotten, "
            f"{year.size / 1e6:.1f} MB, {year.statements:.1f} statements and {year.seconds * 1000:.1f} ms a poll"
        )
    print(f"the first {FIRST} of each feed listed again: {new} taken for new")
    growth = (years[-1].size - years[-2].size) / (years[-1].published - years[-2].published)
    print(f"{years[-1].published} entries in {asked.years} years, {growth:.0f} bytes each, {len(again)} told twice")
    sys.exit(bool(new or again or years[-1].kept > years[0].kept * 1.05))


if __name__ == "__main__":
    main()
