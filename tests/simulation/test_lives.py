"""Short lives with many faults, and one fault at each possible place; ``make prove`` lives whole years."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.logs import configure
from tests.simulation.check import broken
from tests.simulation.life import Life, Plan

START = datetime(2026, 3, 20, tzinfo=UTC)
WEEKLY = Plan(seldom="0 8 * * 1", apart=7, calm=25)
SHORT = replace(
    WEEKLY,
    days=25,
    origins=10,
    receivers=7,
    a_day=0.5,
    belonging=0.3,
    deadly=0.003,
    refused=0.003,
    shaken=0.06,
    interval="1d",
)
DAY = replace(
    WEEKLY,
    days=2,
    origins=1,
    receivers=3,
    a_day=3,
    belonging=0.7,
    deadly=0,
    refused=0,
    shaken=0,
    interval="12h",
    calm=4,
)


@pytest.fixture(autouse=True)
def silence() -> None:
    """Faults are what these lives are made of: they need not be read."""
    configure(sys.stderr, level="CRITICAL", fmt="text")


def test_a_hard_month_breaks_no_promise(tmp_path: Path):
    """Across the spring change of the clocks, which is also set wrong, and on a disk that fills."""
    life = Life("a", SHORT, START, f"sqlite:///{tmp_path}/monitor.db")
    life.live()
    assert life.counts["deaths"] > 3
    assert life.counts["refusals"] > 3
    assert sum(life.troubles.values()) > 3
    assert broken(life) == []


class Struck(Life):
    """A life that is struck once, at its n-th statement, fetch, send or answer."""

    def __init__(self, *words: Any, n: int, deadly: bool) -> None:
        self.left, self.deadly = n, deadly
        super().__init__(*words)

    def may_die(self) -> None:
        self.left -= not self.calm
        if not self.left and not self.calm:
            self.die() if self.deadly else None

    def may_fail(self, *_: Any) -> None:
        self.left -= not self.calm
        if not self.left and not self.calm:
            self.die() if self.deadly else self.refuse()


def struck(folder: Path, n: int, *, deadly: bool) -> Struck:
    life = Struck("n", DAY, START, f"sqlite:///{folder}/{n}.db", n=n, deadly=deadly)
    life.live()
    return life


@pytest.mark.parametrize("deadly", [pytest.param(True, id="killed"), pytest.param(False, id="refused")])
def test_no_single_fault_breaks_a_promise(tmp_path: Path, fault_step: int, deadly: bool):
    """n = 1, 2, 3 ... until a life ends before its n-th event; the suite takes every 47th, ``make prove`` each."""
    n = 1 + fault_step // 2
    while (life := struck(tmp_path, n, deadly=deadly)).left <= 0:
        assert broken(life) == [], f"struck at {n}"
        n += fault_step
    assert n > 90
    assert broken(life) == []
