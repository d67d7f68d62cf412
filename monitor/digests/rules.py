"""What a digest's rules say: whether its time has come, what of the new it tells now, and what cannot wait.

    waits    is the slot held, by quiet hours or by the gap to the last digest?
    weigh    which of the new events are told, and which are held back, and why
    alarms   which new entries answer an alert

Nothing that is held back is lost: it stays untold, and is weighed again for the next slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.digests.schedule import instant
from monitor.domain import DigestExpectation, Event, ExpectationState, HeldBack, Mute, Novelty, Report, Why

#: What an alert is about where its rule does not say.
NEWS = frozenset({Novelty.FIRST, Novelty.NEW_FACT})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Wall times between which nothing is sent; from 22:00 to 07:00 spans midnight. The two differ."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What cannot wait for the next slot. One entry must meet everything that the rule names."""

    #: Any of these must hold; empty: any storyline.
    storylines: frozenset[str] = frozenset()
    novelty: frozenset[Novelty] = NEWS
    #: Least score in such a storyline, 0 to 1.
    score: float = 0.0
    #: The entry brings one of its storyline's expectations into one of these states; empty: does not matter.
    expectations: frozenset[ExpectationState] = frozenset()
    #: As written; empty: no query.
    query: str = ""
    #: Whether an entry answers the query.
    answers: Callable[[Report], bool] | None = None
    #: Sent within quiet hours too.
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one digest."""

    zone: ZoneInfo
    quiet_hours: QuietHours | None = None
    settle: timedelta = timedelta(0)
    min_gap: timedelta = timedelta(0)
    #: An event that fits no storyline better than this is not told, 0 to 1.
    floor: float = 0.0
    alerts: tuple[Alert, ...] = ()
    #: Least time between two alerts of this digest; what answers meanwhile is told at its end, together.
    alert_gap: timedelta = timedelta(hours=1)


# --- Whether its time has come ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A slot that is held."""

    until: datetime
    why: str


def quiet_until(rules: Rules, at: datetime) -> datetime | None:
    """When the quiet hours end in which ``at`` falls, aware UTC; None where it falls in none."""
    hours = rules.quiet_hours
    if hours is None:
        return None
    wall = at.astimezone(rules.zone).replace(tzinfo=None)
    inside = hours.start <= wall.time() < hours.end
    if hours.start > hours.end:
        inside = wall.time() >= hours.start or wall.time() < hours.end
    if not inside:
        return None
    day = wall.date() if wall.time() < hours.end else wall.date() + _DAY
    return instant(datetime.combine(day, hours.end), rules.zone)


def waits(rules: Rules, now: datetime, last: datetime | None) -> Wait | None:
    """Why a slot that has come is not served yet; None: it is.

    last   when the digest was last sent, by its schedule, on request or as an alert; None: never
    """
    quiet = quiet_until(rules, now)
    if quiet is not None:
        return Wait(until=quiet, why=f"quiet hours until {_clock(quiet, rules.zone)}")
    if last is not None and last <= now < last + rules.min_gap:
        return Wait(until=last + rules.min_gap, why="min_gap: the last digest was sent too short a time ago")
    return None


def slot_reason(rules: Rules, reason: str, at: datetime, missed: int, now: datetime) -> str:
    """Why a digest is sent, in words.

    at      the moment of its slot
    missed  earlier slots for which it stands as well
    """
    held = quiet_until(rules, at)
    if held is not None and held <= now:
        reason += f"; held by quiet hours until {_clock(held, rules.zone)}"
    if missed:
        reason += f"; stands for {missed + 1} slots, {missed} of them {'held or ' if held else ''}missed"
    return reason


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


# --- What is told, and what is held back ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An event that is held back, and why."""

    event: Event
    #: Ids of its entries that are new to the channel.
    entries: frozenset[int]
    why: Why
    until: datetime | None = None
    #: The storylines by which it is muted.
    storylines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What of the new is told now."""

    #: Ids of entries.
    told: frozenset[int]
    held: tuple[Hold, ...] = ()
    #: Ids of the told events all of which came while their storylines were muted.
    muted: frozenset[str] = frozenset()


def weigh(
    events: Sequence[Event],
    new: Collection[int],
    rules: Rules,
    mutes: Sequence[Mute],
    now: datetime,
    *,
    settled: bool = False,
) -> Ruling:
    """Say of each event whether it is told.

    events   those with something new, each with all its reports
    new      ids of the entries that the channel has not been told of
    mutes    of the story, one a storyline, those that are over included
    settled  take every event for settled: somebody asked for the digest now

    An event is muted if every storyline it belongs to is. It is settled once the oldest of its new entries is older
    than ``settle``: however many more come, it is told at the first slot after that.
    """
    told: set[int] = set()
    held: list[Hold] = []
    muted: set[str] = set()
    known = {mute.storyline: mute for mute in mutes}
    for event in events:
        fresh = [report for report in event.reports if report.entry_id in new]
        if not fresh:
            continue
        lines = scores_of(event.reports)
        over = [known[line] for line in lines if line in known]
        silent = len(over) == len(lines)  # every storyline that it belongs to is muted, or was
        hold = _hold(event, fresh, lines, over if silent else [], rules, now, settled=settled)
        if hold is not None:
            held.append(hold)
            continue
        told |= {report.entry_id for report in fresh}
        if silent and all(any(m.since <= report.first_seen < m.until for m in over) for report in fresh):
            muted.add(event.id)
    return Ruling(told=frozenset(told), held=tuple(held), muted=frozenset(muted))


def _hold(
    event: Event,
    fresh: Sequence[Report],
    lines: Mapping[str, float],
    mutes: Sequence[Mute],
    rules: Rules,
    now: datetime,
    *,
    settled: bool,
) -> Hold | None:
    entries = frozenset(report.entry_id for report in fresh)
    if mutes and all(now < mute.until for mute in mutes):
        first = min(mute.until for mute in mutes)
        return Hold(event=event, entries=entries, why=Why.MUTED, until=first, storylines=tuple(lines))
    if max(lines.values(), default=1.0) < rules.floor:
        return Hold(event=event, entries=entries, why=Why.BELOW_FLOOR)
    until = min(report.first_seen for report in fresh) + rules.settle
    if until > now and not settled:
        return Hold(event=event, entries=entries, why=Why.SETTLING, until=until)
    return None


def counted(
    ruling: Ruling, mutes: Sequence[Mute], titles: Mapping[str, str], now: datetime, since: datetime
) -> tuple[HeldBack, ...]:
    """What the digest says of what it does not tell: a line for each reason, and one for each storyline that is muted.

    titles  of the storylines, by id
    since   entries below the floor are counted from here on: those of earlier digests were counted there
    """
    found = []
    settling = [hold for hold in ruling.held if hold.why is Why.SETTLING]
    if settling:
        last = max(hold.until for hold in settling if hold.until)
        found.append(HeldBack(why=Why.SETTLING, entries=sum(len(hold.entries) for hold in settling), until=last))
    low = sum(
        report.entry_id in hold.entries and report.first_seen > since
        for hold in ruling.held
        if hold.why is Why.BELOW_FLOOR
        for report in hold.event.reports
    )
    if low:
        found.append(HeldBack(why=Why.BELOW_FLOOR, entries=low))
    kept: dict[str, int] = defaultdict(int)
    for hold in ruling.held:
        if hold.why is Why.MUTED:
            kept[hold.storylines[0]] += len(hold.entries)  # its best: an entry is counted once
    for mute in mutes:
        if now < mute.until:
            line, title = mute.storyline, titles.get(mute.storyline, mute.storyline)
            found.append(HeldBack(why=Why.MUTED, entries=kept[line], storyline=line, title=title, until=mute.until))
    return tuple(found)


def scores_of(reports: Sequence[Report]) -> dict[str, float]:
    """Storyline -> highest score of a report in it, best first."""
    scores: dict[str, float] = {}
    for report in reports:
        for line in report.match.storylines:
            if line.held:
                scores[line.storyline] = max(line.score, scores.get(line.storyline, 0.0))
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


# --- What cannot wait -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an alert must know beside the events."""

    #: Event id -> last revision told to the channel; an event that is missing was never told.
    revisions: Mapping[str, int]
    #: How each expectation stands, and the ids of the entries that answer it, primed ones included.
    expectations: Sequence[tuple[DigestExpectation, frozenset[int]]] = field(default=())


def alarms(
    events: Sequence[Event], new: Collection[int], alerts: Sequence[Alert], known: Known
) -> dict[str, tuple[str, ...]]:
    """The events that must be told at once, and by which rules: event id -> reasons in words.

    events   those with something new that no rule holds back, each with all its reports
    new      ids of the entries that the channel has not been told of

    An event of which the channel has heard sets off no alert unless an entry brings a new fact.
    """
    found: dict[str, tuple[str, ...]] = {}
    for event in events:
        heard = event.id in known.revisions
        fresh = [report for report in event.reports if report.entry_id in new]
        able = [report for report in fresh if not heard or report.novelty is Novelty.NEW_FACT]
        reasons = [why for alert in alerts for report in able if (why := _answers(report, alert, new, known))]
        if reasons:
            found[event.id] = tuple(dict.fromkeys(reasons))
    return found


def _answers(report: Report, alert: Alert, new: Collection[int], known: Known) -> str | None:
    """Why this entry sets the alert off; None: it does not."""
    lines = scores_of([report])
    best = next((line for line in lines if not alert.storylines or line in alert.storylines), None)
    if best is None or lines[best] < alert.score or report.novelty not in alert.novelty:
        return None
    words = [f"{report.novelty.value} in {best}"]
    if alert.score:
        words.append(f"score {lines[best]:.2f}")
    if alert.expectations:
        turned = [
            f"{expectation.id} {expectation.state.value}"
            for expectation, entries in known.expectations
            if expectation.state in alert.expectations and report.entry_id in entries and entries <= set(new)
        ]
        if not turned:
            return None
        words += turned
    if alert.answers is not None:
        if not alert.answers(report):
            return None
        words.append(f"answers `{alert.query}`")
    return ", ".join(words)


def alert_reason(reasons: Mapping[str, Sequence[str]]) -> str:
    """``alert: first in avocado-release, score 0.93``; of several reasons the first, and how many more."""
    words = list(dict.fromkeys(why for event in reasons.values() for why in event))
    more = f"; and {len(words) - 1} more" if len(words) > 1 else ""
    return f"alert: {words[0]}{more}"


def alert_waits(rules: Rules, now: datetime, last: datetime | None) -> bool:
    """Whether alerts wait for the gap since the last one of this digest, sent at ``last``."""
    return last is not None and last <= now < last + rules.alert_gap


def ready(rules: Rules, now: datetime) -> tuple[Alert, ...]:
    """The alerts that may be sent now: within quiet hours only the urgent ones."""
    quiet = quiet_until(rules, now.astimezone(UTC)) is not None
    return tuple(alert for alert in rules.alerts if alert.urgent or not quiet)
