"""Three years of one feed; ``make prove`` lets twenty grow."""

from __future__ import annotations

import sys
from pathlib import Path

from monitor.logs import configure
from tests.simulation.check import spoilt
from tests.simulation.growth import A_WEEK, grown


def test_three_years_stay_small_cost_the_same_and_tell_nothing_again(tmp_path: Path):
    configure(sys.stderr, level="CRITICAL", fmt="text")
    life, years = grown(tmp_path, feeds=1, years=3)
    first, _, last = years
    # What belongs to no story is kept for 90 days, and a week is what passes between two polls.
    assert last.kept <= A_WEEK * (90 / 7 + 2)
    assert last.kept <= first.kept * 1.05
    assert last.forgotten > 2 * 52 * A_WEEK
    assert last.statements <= first.statements * 1.05
    assert last.size - years[1].size < 500 * (last.published - years[1].published)
    assert life.comes_back() == 0
    assert spoilt(life) == []
    assert sum(len(receiver.taken) for receiver in life.world.receivers.values()) > 5
