"""The threads of a story: how alive each is, what it waits for, and its brief."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    ConfigDir,
    Json,
    StoryOption,
    ago,
    dump,
    fail,
    moment,
    out,
    pick_story,
    show,
    stamp,
    tools_for,
)

if TYPE_CHECKING:
    from monitor.config.models import Config
    from monitor.domain import Story

storylines = typer.Typer(no_args_is_help=True)
expectations = typer.Typer(no_args_is_help=True)

At = Annotated[str | None, typer.Option("--at", help="The time it is taken to be, as in 2026-03-12T08:00:00Z.")]


class Format(StrEnum):
    TEXT = "text"
    HTML = "html"
    JSON = "json"


@storylines.command("list")
def list_storylines(
    config: ConfigDir = DEFAULT_CONFIG, story: StoryOption = None, at: At = None, as_json: Json = False
) -> None:
    """Every storyline: its state, since when and why, and when something last happened in it."""
    with tools_for(config) as tools:
        from monitor.pipeline import expectations_of, lives_of
        from monitor.storage import stories

        now = moment(at) or datetime.now(UTC)
        rows = []
        for each in _chosen(tools.config, story):
            with tools.store.read() as connection:
                times = stories.report_times(connection, each.story)
                lives = lives_of(connection, each, expectations_of(connection, each, now), times, now)
            for line in each.storylines:
                life = lives[line.id]
                rows.append(
                    {
                        "story": each.story,
                        "storyline": line.id,
                        "title": line.title,
                        "state": life.state,
                        "since": stamp(life.since) if as_json else life.since and f"{life.since:%Y-%m-%d}",
                        "why": life.reason,
                        "reports": sum(1 for reported in times.get(line.id, ()) if reported <= now),
                        "last": stamp(life.last) if as_json else ago(life.last, now),
                    }
                )
        columns = ("storyline", "title", "state", "since", "reports", "last", "why")
        show(rows, columns, as_json=as_json, empty="No storyline is configured.")


@storylines.command("show")
def show_storyline(
    storyline_id: Annotated[str, typer.Argument(help="As `monitor storylines list` names it.")],
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    fmt: Annotated[Format, typer.Option("--format", help="How it is printed.")] = Format.TEXT,
    html: Annotated[Path | None, typer.Option(help="Write it as a page into this file.", dir_okay=False)] = None,
    at: At = None,
    zone: Annotated[str, typer.Option(help="Time zone of the times that are shown.")] = "UTC",
    as_json: Json = False,
) -> None:
    """The brief of a storyline: its state, the last change, a dated timeline with sources, and what is open."""
    with tools_for(config) as tools:
        from dataclasses import asdict

        from monitor.digests.render import storyline
        from monitor.pipeline import brief_of

        found = pick_story(tools.config, story)
        line = next((line for line in found.storylines if line.id == storyline_id), None)
        if line is None:
            fail(f"there is no storyline {storyline_id!r}; there are: {', '.join(one.id for one in found.storylines)}")
        try:
            place = ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            fail(f"there is no time zone {zone!r}; write it as in Europe/Berlin", code=2)
        with tools.store.read() as connection:
            known = brief_of(connection, found, line, moment(at) or datetime.now(UTC))
        if html is not None:
            html.write_text(storyline.page(known, place), encoding="utf-8")
            out(f"wrote {html}")
            return
        match Format.JSON if as_json else fmt:
            case Format.TEXT:
                out(storyline.text(known, place).rstrip("\n"))
            case Format.HTML:
                out(storyline.page(known, place))
            case Format.JSON:
                out(dump(asdict(known)))


@expectations.command("list")
def list_expectations(
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    storyline: Annotated[str | None, typer.Option(help="Of this storyline only.")] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """What the stories wait for, how it stands, and how often it slipped."""
    with tools_for(config) as tools:
        from dataclasses import asdict

        from monitor.digests.render.words import course, standing
        from monitor.pipeline import expectations_of

        now = moment(at) or datetime.now(UTC)
        rows: list[dict[str, Any]] = []
        for each in _chosen(tools.config, story):
            with tools.store.read() as connection:
                found = expectations_of(connection, each, now)
            rows += [
                {"story": each.story, **asdict(one)}
                if as_json
                else {
                    "expectation": one.id,
                    "storyline": one.storyline,
                    "state": standing(one),
                    "course": " → ".join(course(one)),
                    "claim": one.claim,
                }
                for one in found
                if storyline in (None, one.storyline)
            ]
        columns = ("expectation", "storyline", "state", "course", "claim")
        show(rows, columns, as_json=as_json, empty="No storyline waits for anything: `expects` says what.")


def _chosen(config: Config, story: str | None) -> list[Story]:
    return [pick_story(config, story)] if story else list(config.stories)
