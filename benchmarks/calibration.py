"""What a storyline's score is worth: how often one is right who trusts it, for ``quality.py``.

A pair is an item and a storyline for which anything speaks. The error of calibration (ECE) is the distance between the
mean score of a band and the share that is right in it, weighted by its pairs; Brier is the mean squared error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.domain import StorylineMatch

BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.93, 0.97, 1.0)
#: The weights before they were fitted, set by hand: every answered query scored 0.73 to 0.84.
BY_HAND: Mapping[str, float] = {
    "prior": -2.0,
    "query": 3.0,
    "in the title": 0.5,
    "examples": 3.5 / 5.4,
    "about": 1.5 / 2.2,
}


@dataclass(frozen=True)
class Pair:
    score: float
    by_hand: float
    right: bool


def pair(line: StorylineMatch, *, right: bool) -> Pair:
    """With the score that the weights set by hand would have given."""
    log_odds = 0.0
    for part in line.parts:
        if part.name == "prior":
            log_odds += BY_HAND["prior"]
        elif part.name == "query":
            log_odds += BY_HAND["query"] + (BY_HAND["in the title"] if part.because.endswith("(in the title)") else 0.0)
        elif part.name in BY_HAND:
            log_odds += BY_HAND[part.name] * part.weight
    return Pair(line.score, 1.0 / (1.0 + math.exp(-log_odds)), right)


def table(groups: Mapping[str, Sequence[Pair]]) -> Iterator[str]:
    yield "| pairs | how many | weights set by hand: Brier | ECE | as fitted: Brier | ECE |"
    yield "|---|---|---|---|---|---|"
    for name, pairs in groups.items():
        right = [one.right for one in pairs]
        before, after = [one.by_hand for one in pairs], [one.score for one in pairs]
        cells = (f"{brier(given, right):.4f} | {ece(given, right):.4f}" for given in (before, after))
        yield f"| {name} | {len(pairs)} | {' | '.join(cells)} |"


def bands(left: Sequence[Pair], right: Sequence[Pair], over: tuple[str, str]) -> Iterator[str]:
    yield f"| score | {over[0]}: pairs | mean score | share right | {over[1]}: pairs | mean score | share right |"
    yield "|---|---|---|---|---|---|---|"
    for low, high in pairwise(BANDS):
        cells = []
        for pairs in (left, right):
            inside = [one for one in pairs if low <= one.score < high]
            mean = sum(one.score for one in inside) / len(inside) if inside else 0.0
            share = sum(one.right for one in inside) / len(inside) if inside else 0.0
            cells.append(f"{len(inside)} | {mean:.2f} | {share:.2f}" if inside else "0 | | ")
        yield f"| {low:.2f} to {high:.2f} | {' | '.join(cells)} |"


def brier(scores: Sequence[float], right: Sequence[bool]) -> float:
    return sum((score - truth) ** 2 for score, truth in zip(scores, right, strict=True)) / len(scores)


def ece(scores: Sequence[float], right: Sequence[bool]) -> float:
    total = 0.0
    for low, high in pairwise(BANDS):
        inside = [(score, truth) for score, truth in zip(scores, right, strict=True) if low <= score < high]
        total += abs(sum(score - truth for score, truth in inside))
    return total / len(scores)
