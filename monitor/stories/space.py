"""Where events lie in meaning: sums of sentence vectors, kept so that a text is compared with all of them at once.

It needs numpy, and is imported with the first text that is compared: numpy takes a tenth of a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.stories.meaning import OWN_REPORTS, STORED

Vector = NDArray[np.float32]
Rows = NDArray[np.intp]

#: Rows at first; they double.
FIRST_ROWS = 64
#: Stands for a length of nothing.
LEAST = 1e-6


class Space:
    """Where the events of a board lie in meaning."""

    def __init__(self, own: Vector) -> None:
        """own: the mean of the story's own texts."""
        self._total = own * OWN_REPORTS
        self._reports = OWN_REPORTS
        self._rows: dict[str, int] = {}
        #: The event of each row that was given away; "" where it was merged.
        self._events: list[str] = []
        #: A row for each event: the sum of its reports' vectors; and how many they are.
        self._sums = np.zeros((FIRST_ROWS, len(own)), dtype=np.float32)
        self._counts = np.zeros(FIRST_ROWS, dtype=np.float32)
        #: Of each row's mean, the length squared.
        self._squares = np.zeros(FIRST_ROWS, dtype=np.float32)

    def add(self, event: str, stored: bytes) -> None:
        vector = _read(stored)
        row = self._rows.setdefault(event, len(self._events))
        if row == len(self._events):
            self._events.append(event)
        if row == len(self._sums):
            self._sums = np.vstack((self._sums, np.zeros_like(self._sums)))
            self._counts = np.concatenate((self._counts, np.zeros_like(self._counts)))
            self._squares = np.concatenate((self._squares, np.zeros_like(self._squares)))
        self._sums[row] += vector
        self._counts[row] += 1
        self._squares[row] = self._sums[row] @ self._sums[row] / self._counts[row] ** 2
        self._total = self._total + vector
        self._reports += 1

    def nearest(self, stored: bytes, most: int) -> list[tuple[str, float]]:
        """The events that a text is nearest to, each with how near it is to their middle, 0 to 1; in no order."""
        count = len(self._events)
        # Row by row, as a product of matrices would take every core of the machine, and on a busy one wait for them
        # (24 ms for 2,000 events).
        centre, text = self._centred(stored)
        used = self._sums[:count]
        along, middle = np.vecdot(used, text), np.vecdot(used, centre)
        near = self._likeness(slice(count), along, middle, centre, text)
        if most < count:
            best = np.argpartition(-near, most)[:most]
            found = zip([self._events[row] for row in best], near[best].tolist(), strict=True)
        else:
            found = zip(self._events, near.tolist(), strict=True)
        return [(event, one) for event, one in found if event]

    def compare(self, stored: bytes, events: Sequence[str]) -> list[float]:
        """How near a text is to the middle of each of these events, of which there are few, 0 to 1."""
        rows = np.array([self._rows[event] for event in events], dtype=np.intp)
        centre, text = self._centred(stored)
        sums = self._sums[rows]
        along, middle = np.vecdot(sums, text), np.vecdot(sums, centre)
        return [float(one) for one in self._likeness(rows, along, middle, centre, text)]

    def _likeness(self, rows: Rows | slice, along: Vector, middle: Vector, centre: Vector, text: Vector) -> Vector:
        """``(m - c)u / |m - c|`` for the means m of these rows; given are the products of their sums with u and c."""
        counts = self._counts[rows]
        squares = self._squares[rows] - 2 * middle / counts + centre @ centre
        return np.asarray(np.maximum(0.0, (along / counts - centre @ text) / np.sqrt(np.maximum(squares, LEAST))))

    def compare_texts(self, stored: bytes, other: bytes) -> float:
        """How near a text is to one report, 0 to 1."""
        centre, text = self._centred(stored)
        rest = _read(other) - centre
        return max(0.0, float(rest @ text) / max(float(np.linalg.norm(rest)), LEAST))

    def merge(self, event: str, into: str) -> None:
        """Let an event that is here be part of another."""
        row, target = self._rows.pop(event), self._rows[into]
        self._events[row] = ""
        self._squares[row] = np.inf  # nothing is near it any more
        self._sums[target] += self._sums[row]
        self._counts[target] += self._counts[row]
        self._squares[target] = self._sums[target] @ self._sums[target] / self._counts[target] ** 2

    def _centred(self, stored: bytes) -> tuple[Vector, Vector]:
        """What all texts have in common, and what this one has beside it, at length 1."""
        vector = _read(stored)
        centre: Vector = (self._total + vector) / np.float32(self._reports + 1)
        rest = vector - centre
        return centre, np.asarray(rest / max(float(np.linalg.norm(rest)), LEAST), dtype=np.float32)


def _read(stored: bytes) -> Vector:
    return np.frombuffer(stored, dtype=STORED).astype(np.float32)
