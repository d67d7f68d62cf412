"""Muting storylines: nothing is told of them for a while, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    At,
    ConfigDir,
    Json,
    StoryOption,
    fail,
    moment,
    out,
    pick_story,
    read_moment,
    show,
    stamp,
    tools_for,
)

Line = Annotated[str, typer.Argument(help="The storyline, as `monitor storylines list` shows it.")]


def mute(
    storyline: Annotated[str | None, typer.Argument(help="The storyline; left out: show which are muted.")] = None,
    until: Annotated[str | None, typer.Option(help="Until this time or day, as in 2026-04-01.")] = None,
    how_long: Annotated[str | None, typer.Option("--for", help="For so long, as in 7d.")] = None,
    at: At = None,
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    as_json: Json = False,
) -> None:
    """Tell nobody of a storyline for a while; what it brings is kept, and told in a line when the mute ends."""
    if storyline is None:
        _list(config, moment(at) or datetime.now(UTC), as_json=as_json)
        return
    if (until is None) == (how_long is None):
        fail("say how long: --for 7d, or --until 2026-04-01", code=2)
    with tools_for(config) as tools:
        from monitor.config.durations import parse_duration
        from monitor.storage import mutes

        wanted = tools.matchers[pick_story(tools.config, story).story].story
        lines = [line.id for line in wanted.storylines]
        if storyline not in lines:
            fail(f"{wanted.story} has no storyline {storyline!r}; it has: {', '.join(lines)}", code=2)
        now = moment(at) or datetime.now(UTC)
        try:
            end = read_moment(until, "--until") if until is not None else now + parse_duration(how_long)
        except ValueError as error:
            fail(f"--for: {error}", code=2)
        if end <= now:
            fail(f"that ends at {stamp(end)}, which is past", code=2)
        with tools.store.write() as connection:
            mutes.mute(connection, wanted.story, storyline, now=now, until=end)
        out(f"{storyline} is muted until {stamp(end)}")


def unmute(storyline: Line, at: At = None, config: ConfigDir = DEFAULT_CONFIG, story: StoryOption = None) -> None:
    """End a mute: what it held back comes with the next digest."""
    with tools_for(config) as tools:
        from monitor.storage import mutes

        wanted = pick_story(tools.config, story).story
        with tools.store.write() as connection:
            ended = mutes.unmute(connection, wanted, storyline, now=moment(at) or datetime.now(UTC))
        if not ended:
            fail(f"{storyline} is not muted; `monitor mute` shows which are")
        out(f"{storyline} is told of again")


def _list(config: ConfigDir, now: datetime, *, as_json: bool) -> None:
    with tools_for(config) as tools:
        from monitor.storage import mutes

        with tools.store.read() as connection:
            found = [
                {"story": story.story, "storyline": one.storyline, "since": stamp(one.since), "until": stamp(one.until)}
                for story in tools.config.stories
                for one in mutes.of_story(connection, story.story)
                if one.until > now
            ]
        columns = ("story", "storyline", "since", "until")
        show(found, columns, as_json=as_json, empty="No storyline is muted.")
