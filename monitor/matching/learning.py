"""What readers' answers teach: each becomes an example that draws what is like it, and bounds how far.

A kernel logistic regression that starts from what the rules say: their log-odds are its offset, each answer's pull
begins at zero and is held near it, all are refitted together whenever one is added. So no answers change nothing, an
answer that agrees with the rules changes next to nothing, and one that contradicts them moves the entries that are like
it and no others. (Rules as the prior of a logistic regression: Zhang 2004, "Using Bayesian priors to combine
classifiers for adaptive filtering".)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.matching.likeness import Sample, likeness

#: The most that answers may add to or take from what the rules say, in log-odds: they correct, they do not replace.
CAP = 3.5
#: Likeness below which an answer says nothing of an entry: two reports of one beat share this much by its own words.
FLOOR = 0.15
#: Likeness from which an answer counts in full: reports of one happening in two newsrooms' words.
FULL = 0.4
#: How strongly the pulls are held at zero: an answer against a rule that is sure (+2.9) then ends up just beyond it.
HELD = 0.1
#: Steps of gradient ascent and their size; the pulls of 200 answers then move by less than 0.01.
STEPS = 60
STEP = 0.7
#: Less than this is not worth a line of the explanation.
LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """An entry about which somebody answered."""

    title: str
    text: Sample
    #: What the rules say of it, in log-odds.
    rules: float
    belongs: bool


@dataclass(frozen=True, slots=True)
class Lesson:
    """An answer and how it pulls what is like it, in log-odds; the sign is mostly the answer's."""

    answer: Answer
    pull: float


def fit(answers: Sequence[Answer]) -> tuple[Lesson, ...]:
    """The pulls that would have answered as people did, as far as they may go."""
    alike = [[_alike(one.text, other.text) for other in answers] for one in answers]
    pulls = [0.0] * len(answers)
    crowd = [max(1.0, sum(row)) for row in alike]  # answers about one happening share the work: steps stay stable
    for _ in range(STEPS):
        errors = []
        for answer, row in zip(answers, alike, strict=True):
            log_odds = answer.rules + sum(pull * like for pull, like in zip(pulls, row, strict=True) if like)
            errors.append((1.0 if answer.belongs else 0.0) - 1.0 / (1.0 + math.exp(-log_odds)))
        pulls = [
            pull + STEP * (error / HELD - pull) / (size * (1.0 + 0.25 / HELD))
            for pull, error, size in zip(pulls, errors, crowd, strict=True)
        ]
    return tuple(Lesson(answer, pull) for answer, pull in zip(answers, pulls, strict=True))


def correction(lessons: Sequence[Lesson], text: Sample) -> tuple[float, str]:
    """What the answers say of a text, in log-odds within CAP, and the answer that says most of it, in words.

    (0, "") where no answer is about anything like it.
    """
    parts = [(lesson.pull * like, lesson) for lesson in lessons if (like := _alike(lesson.answer.text, text))]
    total = max(-CAP, min(CAP, sum(part for part, _ in parts)))
    if abs(total) < LEAST:
        return 0.0, ""
    _, most = max(parts, key=lambda part: part[0] * total)
    return total, f"you said {'yes' if most.answer.belongs else 'no'} to “{most.answer.title}”"


def _alike(one: Sample, other: Sample) -> float:
    """0 up to FLOOR, 1 for the same words."""
    return min(1.0, max(0.0, (likeness(one, other)[0] - FLOOR) / (FULL - FLOOR)))
