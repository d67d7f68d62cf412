"""Durations and rates as people write them: ``5s``, ``15m``, ``1h``, ``7d``; ``30/m``."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
PATTERN = re.compile(r"(\d+)\s*([smhd])")
RATE = re.compile(r"([1-9]\d{0,5})\s*/\s*([smhd])")


def parse_duration(value: object) -> timedelta:
    """Read ``90s`` or ``15m``; a timedelta passes through. ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    match = PATTERN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no duration; write a number and s, m, h or d, as in 15m")
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


def format_duration(value: timedelta) -> str:
    """The shortest text that :func:`parse_duration` reads back; parts below a second are dropped."""
    seconds = int(value.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds and seconds % UNITS[unit] == 0:
            return f"{seconds // UNITS[unit]}{unit}"
    return f"{seconds}s"


def parse_rate(value: object) -> timedelta:
    """Read ``30/m`` as the time between two, here 2 s; a timedelta passes through. ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    match = RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no rate; write a number above 0, / and s, m, h or d, as in 30/m")
    return timedelta(seconds=UNITS[match[2]]) / int(match[1])


def format_rate(value: timedelta) -> str:
    """The rate in the smallest unit in which it is a whole number or more."""
    for unit, seconds in UNITS.items():
        number = timedelta(seconds=seconds) / value
        if number >= 1:
            return f"{round(number)}/{unit}"
    return "1/d"
