"""How what was promised stands: judged from the facts that reports stated, each time it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile

from monitor.domain import (
    DigestExpectation,
    DigestStatement,
    Expectation,
    ExpectationState,
    Report,
    Seed,
    Statement,
    StatementKind,
)
from monitor.stories.origins import count_origins, source_of

#: Tags of a feed that knows: what it says needs no second source.
TRUSTED_TAGS = frozenset(("trusted", "primary"))
#: Sources, independent of each other, that make a thing sure where no trusted feed says it.
SURE_ORIGINS = 2
#: Reports of one delay go on for about so long; the March delay of the shipped story was retold for two weeks.
ONE_TELLING = timedelta(days=21)
#: What one source alone said is an open question no longer than this, unless the time that it names is later.
STALE = timedelta(days=60)

Stated = tuple[Statement, Report]
_ENDS = {
    StatementKind.SLIPPED: ExpectationState.SLIPPED,
    StatementKind.DENIED: ExpectationState.DENIED,
    StatementKind.CANCELLED: ExpectationState.CANCELLED,
    StatementKind.STANDS: ExpectationState.OPEN,
}
SETTLED = frozenset((ExpectationState.MET, ExpectationState.DENIED, ExpectationState.CANCELLED))


def judge(
    expectation: Expectation, storyline_id: str, stated: Sequence[Stated], now: datetime, seed: Seed | None = None
) -> DigestExpectation:
    """Say how an expectation stands.

    stated  what reports say of it, oldest first
    seed    the article that promised it: reports from before its day are no answer to it

    Met as soon as a report answers ``when``, whatever else is said: primed or not, what was there before we watched
    happened all the same, though it is no news. A slip, a denial or a cancellation counts once it is sure (``_Life``);
    until then it is listed as possible. Overdue from the day (UTC) after the last promised day; open otherwise, for
    good where no time can be read.
    """
    said_on = seed.published if seed else None
    valid = [(said, report) for said, report in stated if said_on is None or report.at.date() >= said_on]
    met = [(said, report) for said, report in valid if said.kind is StatementKind.MET]
    life = _Life(_opening(expectation, seed))
    for said, report in valid:
        if said.kind is not StatementKind.MET and not (met and report.at > met[0][1].at):
            life.hear(said, report)
    if met:
        life.end(ExpectationState.MET, met)
    state, since = life.state, life.since
    promise, today = life.promise, now.astimezone(UTC).date()
    open_ended = state not in SETTLED and promise.latest is not None
    if open_ended and promise.latest and today > promise.latest:
        state = ExpectationState.OVERDUE
        since = datetime.combine(promise.latest + timedelta(days=1), time(), UTC)
    left = (promise.latest - today).days if open_ended and promise.latest else None
    decisive = life.history[-1] if len(life.history) > 1 else None
    first, last = _range(expectation, seed)
    return DigestExpectation(
        id=expectation.id,
        storyline=storyline_id,
        claim=expectation.claim,
        state=state,
        by=expectation.by,
        earliest=first,
        latest=last,
        evidence=decisive.title if decisive else "",
        url=decisive.url if decisive else None,
        since=since,
        confirmed=life.sure,
        history=tuple(life.history),
        possible=() if met else tuple(life.possible(today)),
        remind=left if left is not None and 0 <= left <= expectation.remind.days and expectation.remind else None,
        news=not life.primed or state is ExpectationState.OVERDUE,
    )


def brought_by(judged: DigestExpectation, stated: Sequence[Stated]) -> frozenset[int]:
    """The entries that brought an expectation into its state: all that meet it, or the one that made a slip sure.

    stated  what ``judge`` was given

    None for a state that the calendar brought.
    """
    if judged.state is ExpectationState.MET:
        return frozenset(report.entry_id for said, report in stated if said.kind is StatementKind.MET)
    return frozenset(
        report.entry_id
        for said, report in stated
        if _ENDS.get(said.kind) is judged.state and report.at == judged.since and not said.hedged
    )


def _range(expectation: Expectation, seed: Seed | None) -> tuple[date | None, date | None]:
    """The first and last day of what was promised; None where no time can be read."""
    from monitor.stories.dates import read_range  # its patterns take a twentieth of a second to build

    return read_range(expectation.by, seed.published if seed else None) or (None, None)


def _opening(expectation: Expectation, seed: Seed | None) -> DigestStatement:
    """The promise as the story's own article made it."""
    first, last = _range(expectation, seed)
    day = seed.published if seed else None
    return DigestStatement(
        state=ExpectationState.OPEN,
        said=expectation.by,
        earliest=first,
        latest=last,
        reported=datetime.combine(day, time(), UTC) if day else None,
        title=seed.title if seed else "",
        url=seed.url if seed else None,
    )


@dataclass(slots=True)
class _Life:
    """An expectation as the reports come in, one after another.

    Something is sure when a trusted feed says it, or ``SURE_ORIGINS`` independent sources within ``ONE_TELLING``, none
    of them with "could". A later time is one that begins after the promised one begins and ends no sooner: reports of
    one delay that say "May" and "May or June" are one.
    """

    promise: DigestStatement
    state: ExpectationState = ExpectationState.OPEN
    since: datetime | None = None
    sure: bool = True
    #: What brought it there stood in its feed before we began to watch it.
    primed: bool = False
    history: list[DigestStatement] = field(init=False)
    #: Said and not sure yet, oldest first.
    pending: list[Stated] = field(default_factory=list)
    #: Who ever said a thing of each kind plainly. Without it, a thousand reports of one source took a second to judge.
    sources: dict[StatementKind, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.history = [self.promise]

    def hear(self, said: Statement, report: Report) -> None:
        if not self._is_news(said, report):
            return
        self.pending.append((said, report))
        if said.hedged:
            return
        sources = self.sources[said.kind]
        sources.add(source_of(report))
        if not said.trusted and len(sources) < SURE_ORIGINS:
            return
        behind = self._behind(said, report)
        if not said.trusted and count_origins(report for _, report in behind) < SURE_ORIGINS:
            return
        if said.kind is StatementKind.STANDS:
            self._withdraw()
            return
        # The first to say it is the source; the first to name a time is the source of that.
        lead = min(behind, key=lambda one: (one[0].earliest is None, one[1].at))
        self.state, self.since, self.primed = _ENDS[said.kind], report.at, report.primed
        self.history.append(_told(lead, behind))
        if said.kind is StatementKind.SLIPPED:
            self.promise = self.history[-1]
        settled = set(map(id, behind))
        self.pending = [other for other in self.pending if id(other) not in settled and self._is_news(*other)]

    def _behind(self, said: Statement, report: Report) -> list[Stated]:
        """What tells the same, of its own accord and at about the same time, itself among it; oldest first."""
        lately = takewhile(lambda other: report.at - other[1].at <= ONE_TELLING, reversed(self.pending))
        return [other for other in lately if not other[0].hedged and _akin(other[0], said)][::-1]

    def _is_news(self, said: Statement, report: Report) -> bool:
        """False for what is known: the same end again, a delay retold, a time that is no later."""
        known = [step for step in self.history[1:] if step.state is _ENDS[said.kind]]
        if said.kind is not StatementKind.SLIPPED:
            return not known or self.state is not known[-1].state
        if said.earliest is None or said.latest is None:
            return not known or known[-1].reported is None or report.at - known[-1].reported > ONE_TELLING
        if self.promise.earliest is None or self.promise.latest is None:
            return True
        return said.earliest > self.promise.earliest and said.latest >= self.promise.latest

    def _withdraw(self) -> None:
        """The source says that all stands as promised: what was merely possible is not."""
        self.pending = [other for other in self.pending if other[0].kind is StatementKind.STANDS]

    def end(self, state: ExpectationState, answers: Sequence[Stated]) -> None:
        """It came: the earliest answer is the evidence."""
        self.state, self.since, self.primed = state, answers[0][1].at, answers[0][1].primed
        self.sure = any(said.trusted for said, _ in answers) or (
            count_origins(report for _, report in answers) >= SURE_ORIGINS
        )
        self.history.append(replace(_told(answers[0], answers), state=state))

    def possible(self, today: date) -> Iterable[DigestStatement]:
        """The latest of each kind that is still a question."""
        latest: dict[StatementKind, Stated] = {}
        for said, report in self.pending:
            if max(said.latest or date.min, report.at.date() + STALE) >= today:
                latest[said.kind] = said, report
        for said, report in latest.values():
            yield _told((said, report), [other for other in self.pending if _akin(other[0], said)])


def _akin(one: Statement, other: Statement) -> bool:
    """Of one kind, and of times that overlap where both name one."""
    if one.kind is not other.kind:
        return False
    if not (one.earliest and one.latest and other.earliest and other.latest):
        return True
    return one.earliest <= other.latest and other.earliest <= one.latest


def _told(one: Stated, behind: Sequence[Stated]) -> DigestStatement:
    said, report = one
    return DigestStatement(
        state=_ENDS.get(said.kind, ExpectationState.MET),
        said=said.said,
        earliest=said.earliest,
        latest=said.latest,
        reported=report.at,
        source=report.entry.source,
        title=report.entry.title,
        url=report.entry.url,
        origins=count_origins(report for _, report in behind),
    )
