"""Events: what has happened, and putting right by hand what grouping got wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    ConfigDir,
    Json,
    StoryOption,
    fail,
    out,
    pick_story,
    show,
    stamp,
    tools_for,
)
from monitor.domain import Event

if TYPE_CHECKING:
    from monitor.pipeline import Tools
    from monitor.pipeline.edits import Edit

events = typer.Typer(no_args_is_help=True)


@events.command("list")
def list_events(
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    storyline: Annotated[str | None, typer.Option(help="Of this storyline only.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, latest first.")] = 50,
    as_json: Json = False,
) -> None:
    """What has happened, latest first."""
    with tools_for(config) as tools:
        from monitor.storage import stories

        found = pick_story(tools.config, story)
        with tools.store.read() as connection:
            latest = stories.list_events(connection, found.story, storyline=storyline, limit=limit)
        rows = [
            {
                "event": event.id,
                "last": stamp(event.last_seen),
                "reports": len(event.reports),
                "storylines": ", ".join(_storylines(event)),
                "title": event.reports[0].entry.title,
            }
            for event in latest
        ]
        columns = ("event", "last", "reports", "storylines", "title")
        show(rows, columns, as_json=as_json, empty="No event yet: `monitor poll --all` looks for some.")


def _storylines(event: Event) -> list[str]:
    return list(dict.fromkeys(line for report in event.reports for line in report.match.held_storylines))


@events.command("show")
def show_event(
    event_id: Annotated[str, typer.Argument(help="As `monitor events list` names it.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """One event, with each report of it and why it joined."""
    with tools_for(config) as tools:
        from monitor.storage import edits, stories
        from monitor.stories.lead import choose_lead
        from monitor.stories.origins import count_origins, count_outlets

        with tools.store.read() as connection:
            now_in = edits.resolve(connection, event_id)
            found = stories.events(connection, {now_in})
        if not found:
            fail(f"there is no event {event_id!r}; `monitor events list` shows them")
        if now_in != event_id:
            out(f"{event_id} was merged into {now_in}")
        event = found[0]
        lead = choose_lead(event.reports, event.reports)
        title = next(report.entry.title for report in event.reports if report.entry_id == lead.entry_id)
        out(f"{now_in}: {', '.join(_storylines(event))}")
        out(f"{title}\n  leads because: {lead.reason}")
        out(f"  {count_origins(event.reports)} sources in {count_outlets(event.reports)} outlets")
        for report in event.reports:
            out(f"  {stamp(report.at)}  {report.novelty:12} {report.entry.title}")
            out(f"  {'':20}  {'':12} {report.entry.source}: {report.reason}")
            out(f"  {'':20}  {f'entry {report.entry_id}':12} {report.entry.url or ''}")


@events.command("merge")
def merge(
    event_id: Annotated[str, typer.Argument(metavar="EVENT", help="The event that stays.")],
    other_id: Annotated[str, typer.Argument(metavar="OTHER", help="The one that becomes part of it.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Let two events be one: the second goes into the first, and its id leads there."""
    with tools_for(config) as tools:
        from monitor.pipeline import edits

        _tell(edits.merge(tools.store, event_id, other_id, datetime.now(UTC)))


@events.command("split")
def split(
    event_id: Annotated[str, typer.Argument(metavar="EVENT", help="The event that is divided.")],
    entries: Annotated[list[str], typer.Argument(metavar="ENTRY...", help="Numbers or links of its entries.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Let some entries of an event be an event of their own."""
    with tools_for(config) as tools:
        from monitor.pipeline import edits

        wanted = [_entry(tools, text) for text in entries]
        _tell(edits.split(tools.store, event_id, wanted, datetime.now(UTC)))


@events.command("move")
def move(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="Number or link of an entry.")],
    event_id: Annotated[str, typer.Argument(metavar="EVENT", help="The event that it reports.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Let an entry report another event."""
    with tools_for(config) as tools:
        from monitor.pipeline import edits

        _tell(edits.move(tools.store, _entry(tools, entry), event_id, datetime.now(UTC)))


def _entry(tools: Tools, text: str) -> int:
    """Number of the entry that somebody means."""
    from monitor.storage import entries

    with tools.store.read() as connection:
        found = entries.find(connection, text)
    if found is None:
        fail(f"there is no entry {text!r}; `monitor events show EVENT` lists the entries of an event")
    return found.id


def _tell(edit: Edit) -> None:
    for report in edit.moved:
        out(f"entry {report.entry_id} is in {edit.event.id} now, as {report.novelty}: {report.entry.title}")
    for event_id in edit.gone:
        out(f"{event_id} is part of {edit.event.id} now, and leads there")
    out(f"{edit.event.id} has {len(edit.event.reports)} reports; copies of what was moved will follow it")
