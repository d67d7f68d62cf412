"""The brief of a storyline for people: as a page, as the body of one, and as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from monitor.digests.render import words
from monitor.digests.render.html import environment
from monitor.digests.render.text import expected_lines, wrap
from monitor.digests.render.words import clean, count, day, moment, web_url
from monitor.domain import Brief, BriefEvent, BriefQuestion, BriefReport


def page(brief: Brief, zone: ZoneInfo) -> str:
    """Return the brief as a page that needs nothing else. Times are shown in ``zone``, which is named."""
    return environment().get_template("brief.html").render(brief=brief, zone=zone, words=words)


def body(brief: Brief, zone: ZoneInfo) -> str:
    """Return what stands under the title of the page, for another page to put in: escaped, without style or script."""
    return environment().get_template("brief_body.html").render(brief=brief, zone=zone, words=words)


def text(brief: Brief, zone: ZoneInfo) -> str:
    """Return the brief as text that ends with a line feed: 80 columns, no colours, no markup."""
    return "\n".join(line.rstrip() for line in _lines(brief, zone)) + "\n"


def _lines(brief: Brief, zone: ZoneInfo) -> Iterator[str]:
    yield from wrap(clean(brief.title))
    yield from wrap(f"{clean(brief.story_title)}, as known on {day(brief.at.astimezone(zone).date())} ({zone.key})")
    since = f" since {day(brief.since.astimezone(zone).date())}" if brief.since else ""
    yield ""
    yield from wrap(f"{brief.state.capitalize()}{since}: {clean(brief.reason)}.")
    if brief.last:
        reports = f"{count(brief.events, 'event')} in {count(brief.reports, 'report')}"
        yield f"{reports} by {count(brief.outlets, 'outlet')}, from {count(brief.origins, 'independent source')}."
        yield from _heading("Last change")
        yield from _report(words.newest(brief.last), zone, dated=True)
    yield from _questions(brief.questions)
    if brief.expectations:
        yield from _heading("Expected")
        for expectation in brief.expectations:
            yield from expected_lines(expectation)
    if brief.timeline:
        yield from _heading("Timeline")
        if brief.omitted:
            yield from wrap(f"({count(brief.omitted, 'older event')} left out)")
        for event in brief.timeline:
            yield from _event(event, zone)


def _questions(questions: Sequence[BriefQuestion]) -> Iterator[str]:
    if questions:
        yield from _heading("Open questions")
    for question in questions:
        yield from wrap(f"- {clean(question.text)}", "", "  ")
        if question.title:
            source = f"{clean(question.source)}: " if question.source else ""
            yield from wrap(f"{source}{clean(question.title)}", "  ", "  ")
        if url := web_url(question.url):
            yield f"  {url}"


def _heading(title: str) -> Iterator[str]:
    yield from ("", "", title, "=" * len(title))


def _event(event: BriefEvent, zone: ZoneInfo) -> Iterator[str]:
    yield ""
    yield from wrap(f"{day(event.lead.at.astimezone(zone).date())}  {clean(event.lead.title)}", "", "  ")
    if url := web_url(event.lead.url):
        yield f"  {url}"
    if event.summary:
        yield from wrap(clean(event.summary), "  ", "  ")
    said = f"{count(event.reports, 'report')} by {words.listed(event.outlets)}"
    sources = "the source is" if len(event.origins) == 1 else "the sources are"
    yield from wrap(f"{said}; {sources} {words.listed(event.origins)}", "  ", "  ")
    for report in event.developments:
        yield from _report(report, zone, dated=False)


def _report(report: BriefReport, zone: ZoneInfo, *, dated: bool) -> Iterator[str]:
    when = day(report.at.astimezone(zone).date()) if dated else moment(report.at, zone)
    note = f" ({clean(report.note)})" if report.note else ""
    yield from wrap(f"- {when}, {clean(report.source)}: {clean(report.title)}{note}", "  ", "    ")
    if url := web_url(report.url):
        yield f"    {url}"
