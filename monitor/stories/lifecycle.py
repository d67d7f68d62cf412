"""How alive a storyline is, from when it was reported on, what it waits for, and whether anybody was listening."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from monitor.domain import DigestExpectation
from monitor.stories.expectations import SETTLED

#: A storyline is emerging while its first report is this young, and reopened while its return is.
YOUNG = timedelta(days=7)
#: Where the rhythm is not known, silence begins after this.
SILENT = timedelta(days=14)
#: Silence is so many times the usual gap. News comes in bursts: by this alone, 36 of 110 gaps in fifteen months of the
#: shipped story's eight storylines were silences; where a gap must be longer than all but one of the latest too, 22.
GAPS = 4
#: Never less than a week: holidays, and weekends on which nobody writes.
FLOOR = timedelta(days=7)
#: Days with a report before a rhythm is spoken of, and how many of the latest gaps make it.
FEW_DAYS, LATEST_GAPS = 5, 20
WEEK = timedelta(days=7)
#: As far back as the little charts of activity go: a season.
WEEKS = 12
#: Silence counts only if feeds that brought this share of its reports are read without trouble.
HEARD = 0.8


class LifeState(StrEnum):
    EMERGING = "emerging"
    ACTIVE = "active"
    QUIET = "quiet"
    RESOLVED = "resolved"  # nothing is left to wait for, and nothing comes
    REOPENED = "reopened"  # it was resolved, and there is news again


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """The feeds that ever reported on a storyline and are still watched."""

    feeds: int = 0
    healthy: int = 0
    #: Of its reports, the share that healthy feeds brought; 0 to 1.
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    state: LifeState
    #: None: there was never a report.
    since: datetime | None
    #: In words.
    reason: str
    #: Last report.
    last: datetime | None = None
    #: Usual time between two days with a report; None: too few to say.
    rhythm: timedelta | None = None


def rhythm_of(times: Collection[datetime]) -> timedelta | None:
    """The median of the latest gaps between days (UTC) with a report; None for fewer than ``FEW_DAYS``.

    Days, not reports: forty reports of one event are one sign of life.
    """
    gaps = _gaps(times)
    return timedelta(days=median(gaps)) if gaps else None


def patience(times: Collection[datetime]) -> timedelta:
    """How long nothing may come before it is silence."""
    gaps = _gaps(times)
    if not gaps:
        return SILENT
    return max(FLOOR, timedelta(days=GAPS * median(gaps)), timedelta(days=sorted(gaps)[-2]))


def _gaps(times: Collection[datetime]) -> list[int]:
    """The latest gaps between days with a report, in days; none where there are too few."""
    days = sorted({at.date() for at in times})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return gaps[-LATEST_GAPS:] if len(days) >= FEW_DAYS else []


def is_silent(times: Sequence[datetime], now: datetime) -> bool:
    """True where the last report is longer ago than its own rhythm explains; whether feeds were read is not asked."""
    return bool(times) and now - max(times) > patience(times)


def live(times: Sequence[datetime], expectations: Sequence[DigestExpectation], hearing: Hearing, now: datetime) -> Life:
    """Judge a storyline.

    times         of all its reports, oldest first
    expectations  what it waits for, as it stands now
    hearing       asked only where it is silent
    """
    if not times:
        return Life(state=LifeState.QUIET, since=None, reason="no report yet")
    last, rhythm = times[-1], rhythm_of(times)

    def life(state: LifeState, since: datetime, reason: str) -> Life:
        return Life(state=state, since=since, reason=reason, last=last, rhythm=rhythm)

    settled = _settled(expectations)
    if is_silent(times, now):
        began, days = last + patience(times), (now - last).days
        if hearing.share < HEARD:
            heard = f"only {hearing.healthy} of the {hearing.feeds} feeds that reported on it are read without trouble"
            return life(LifeState.ACTIVE, times[0], f"no report for {days} days, but {heard}")
        if settled:
            return life(LifeState.RESOLVED, max(began, settled), "all it waited for is settled, and nothing more comes")
        usual = f"usually a report each {_days(rhythm)}" if rhythm else "too few reports to know its rhythm"
        return life(LifeState.QUIET, began, f"quiet for {days} days; {usual}")
    back = _return(times, settled)
    if back and now - back <= YOUNG:
        return life(LifeState.REOPENED, back, "news again, after all it waited for was settled")
    if now - times[0] <= YOUNG:
        return life(LifeState.EMERGING, times[0], "its first report is younger than a week")
    ended = [later for earlier, later in _silences(times)]
    return life(LifeState.ACTIVE, ended[-1] if ended else times[0], "reported on in its usual rhythm")


def _settled(expectations: Sequence[DigestExpectation]) -> datetime | None:
    """When the last thing that it waited for was settled; None while one is open, or where it waits for nothing."""
    ends = [one.since for one in expectations if one.state in SETTLED and one.since]
    return max(ends) if ends and len(ends) == len(expectations) else None


def _silences(times: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """Each silence of the past: the report before it and the one after."""
    return [
        (earlier, later)
        for place, (earlier, later) in enumerate(pairwise(times), start=1)
        if later - earlier > FLOOR and later - earlier > patience(times[:place])
    ]


def _return(times: Sequence[datetime], settled: datetime | None) -> datetime | None:
    """The report that ended the last silence after everything was settled."""
    returns = [later for earlier, later in _silences(times) if settled and later > settled + FLOOR]
    return returns[-1] if returns else None


def _days(rhythm: timedelta) -> str:
    days = rhythm / timedelta(days=1)
    return "day" if days == 1 else f"{days:.2g} days"


def weekly_activity(times: Sequence[datetime], now: datetime) -> tuple[int, ...]:
    """Reports in each of the last ``WEEKS`` weeks, oldest first; the last week ends now and has what is later, too."""
    ages = [max(0, (now - at) // WEEK) for at in times]
    return tuple(ages.count(age) for age in reversed(range(WEEKS)))
