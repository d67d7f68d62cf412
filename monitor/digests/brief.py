"""A storyline's events in, its brief out: extracts only, each with its link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.digests.compose import cut
from monitor.domain import (
    Brief,
    BriefEvent,
    BriefQuestion,
    BriefReport,
    DigestExpectation,
    DigestStatement,
    Entry,
    Event,
    ExpectationState,
    Feed,
    Novelty,
    Report,
    Story,
    Storyline,
)

#: Events of a timeline; a reader who wants more asks for the events themselves.
SHOWN_EVENTS = 60
#: Developments told of one event: the first ones, and the last.
SHOWN_DEVELOPMENTS = 4


def compose_brief(
    *,
    story: Story,
    line: Storyline,
    events: Sequence[Event],
    expectations: Sequence[DigestExpectation],
    state: str,
    since: datetime | None,
    reason: str,
    origin: Callable[[Entry], str],
    now: datetime,
) -> Brief:
    """Put together what is known of a storyline.

    events  those that have a report in it, in any order; reports seen after ``now`` are left out
    origin  the source that an entry goes back to
    """
    known = [cropped for event in events if (cropped := _until(event, now))]
    told = sorted((_event(event, origin) for event in known), key=lambda event: (event.lead.at, event.id))
    reports = [report for event in known for report in event.reports]
    latest = max(known, key=lambda event: (_newest(event).at, event.id), default=None)
    return Brief(
        story=story.story,
        story_title=story.title or story.story,
        id=line.id,
        title=line.title,
        about=" ".join(line.about.split()),
        at=now,
        state=state,
        since=since,
        reason=reason,
        last=_event(latest, origin) if latest else None,
        timeline=tuple(told[-SHOWN_EVENTS:]),
        omitted=max(0, len(told) - SHOWN_EVENTS),
        expectations=tuple(expectations),
        questions=tuple(_questions(expectations)),
        events=len(known),
        reports=len(reports),
        outlets=len({outlet(report) for report in reports}),
        origins=len({origin(report.entry).casefold() for report in reports}),
    )


def _until(event: Event, now: datetime) -> Event | None:
    reports = tuple(report for report in event.reports if report.first_seen <= now)
    return replace(event, reports=reports) if reports else None


def _newest(event: Event) -> Report:
    """The last report that brought something: repeats are no change."""
    news = [report for report in event.reports if report.novelty in (Novelty.FIRST, Novelty.NEW_FACT)]
    return max(news or event.reports, key=lambda report: (report.at, report.entry_id))


def _event(event: Event, origin: Callable[[Entry], str]) -> BriefEvent:
    """Led by the report that opened it, which stands nearest to the happening."""
    ordered = sorted(event.reports, key=lambda report: (report.at, report.entry_id))
    lead = next((report for report in ordered if report.novelty is Novelty.FIRST), ordered[0])
    facts = [report for report in ordered if report.novelty is Novelty.NEW_FACT and report is not lead]
    shown = facts if len(facts) <= SHOWN_DEVELOPMENTS else [*facts[: SHOWN_DEVELOPMENTS - 1], facts[-1]]
    return BriefEvent(
        id=event.id,
        lead=_quoted(lead),
        summary=cut(lead.entry.summary),
        developments=tuple(_quoted(report, report.reason.partition("; joins ")[0]) for report in shown),
        outlets=tuple(dict.fromkeys(map(outlet, ordered))),
        origins=_distinct(origin(report.entry) for report in ordered if report.novelty is not Novelty.DUPLICATE),
        reports=len(ordered),
    )


def _quoted(report: Report, note: str = "") -> BriefReport:
    entry = report.entry
    return BriefReport(
        title=entry.title, url=entry.url, source=outlet(report), lang=entry.lang, at=report.at, note=note
    )


def outlet(report: Report) -> str:
    return report.entry.source or Feed(url=report.entry.feed_url).label


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever its capitals."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    return tuple(seen.values())


def _questions(expectations: Iterable[DigestExpectation]) -> Iterator[BriefQuestion]:
    """What is not settled, and what is said of it without being sure."""
    for one in expectations:
        if one.state not in (ExpectationState.MET, ExpectationState.DENIED, ExpectationState.CANCELLED):
            step = one.current
            until = f"{one.state} by {step.latest}" if step and step.latest else one.state
            until = f"overdue since {step.latest}" if one.state is ExpectationState.OVERDUE and step else until
            yield _asked(f"{one.claim.rstrip('.')} ({until})", step if step and step.url else None)
        for step in one.possible:
            yield _asked(f"{_SAID[step.state]}: {one.claim}", step)
        if one.state is ExpectationState.MET and not one.confirmed:
            yield _asked(f"Met according to one source alone: {one.claim}", one.history[-1])


_SAID = {
    ExpectationState.OPEN: "Somebody says it stands as promised",
    ExpectationState.SLIPPED: "Somebody says it comes later",
    ExpectationState.DENIED: "Somebody denies it",
    ExpectationState.CANCELLED: "Somebody says it is given up",
}


def _asked(text: str, step: DigestStatement | None) -> BriefQuestion:
    if step is None:
        return BriefQuestion(text=text)
    return BriefQuestion(text=text, source=step.source, title=step.title, url=step.url)
