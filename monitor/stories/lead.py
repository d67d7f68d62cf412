"""Which of an event's reports speaks for it, and why: its title is the event's, its text the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain import Novelty, Report
from monitor.stories.origins import origin, outlet
from monitor.stories.vocabulary import fold

#: A summary of fewer characters says hardly more than the headline.
TELLING_CHARACTERS = 80
NEWS = frozenset({Novelty.FIRST, Novelty.NEW_FACT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    entry_id: int
    #: What spoke for it against the others, in words.
    reason: str


def choose_lead(fresh: Sequence[Report], reports: Sequence[Report], language: str | None = None) -> Lead:
    """The lead of an event.

    fresh     those to choose from, at least one
    reports   all of the event, ``fresh`` among them: they say whom they quote
    language  what the reader reads, as in ``en``; None: any

    News comes before what confirms or repeats it. After that, in this order: the reader's language, the source that
    others quote, a report that quotes nobody, a text that is more than a headline, the earliest.
    """
    quoted = Counter(source for report in reports if (source := _quotes(report)))
    left, reasons = list(fresh), []
    for told, holds in (
        ("news", lambda report: report.novelty in NEWS),
        (f"in the language asked for ({language})", lambda report: language and report.entry.lang == language),
        ("the source that others quote", lambda report: fold(outlet(report.entry)) in quoted),
        ("quotes no other outlet", lambda report: not _quotes(report)),
        ("more than a headline", lambda report: len(report.entry.summary) >= TELLING_CHARACTERS),
    ):
        better = [report for report in left if holds(report)]
        if better and len(better) < len(left):
            left = better
            reasons.append(told)
    lead = min(left, key=lambda report: (report.at, report.entry_id))
    if len(left) > 1:
        reasons.append("the earliest")
    return Lead(entry_id=lead.entry_id, reason=", ".join(reasons) or "the only one")


def _quotes(report: Report) -> str | None:
    """The source that a report goes back to where that is another than its outlet, folded."""
    source = fold(origin(report.entry))
    return None if source == fold(outlet(report.entry)) else source
