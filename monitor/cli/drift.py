"""New names of what is watched: proposed, accepted into the story's file, or rejected for good."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    ConfigDir,
    Json,
    StoryOption,
    dump,
    fail,
    out,
    pick_story,
    show,
    stamp,
    tools_for,
)
from monitor.domain import Proposal, ProposalState

if TYPE_CHECKING:
    from monitor.config.naming import Kind
    from monitor.pipeline import Tools

drift = typer.Typer(no_args_is_help=True)

COLUMNS = ("id", "state", "term", "topic", "score", "origins", "proposed_at", "reason")


@drift.command("list")
def list_proposals(
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Those accepted and rejected too.")] = False,
    as_json: Json = False,
) -> None:
    """Names that seem to have become names of a topic, and why."""
    with tools_for(config) as tools:
        from monitor.storage import drift as storage
        from monitor.storage import entries

        chosen = [pick_story(tools.config, story)] if story else tools.config.stories
        rows: list[dict[str, Any]] = []
        with tools.store.read() as connection:
            for each in chosen:
                for one in storage.listed(connection, each.story, state=None if everything else ProposalState.PROPOSED):
                    rows.append(_row(one))
                    if as_json:
                        found = [entries.get(connection, number) for number in one.evidence]
                        rows[-1]["evidence"] = [
                            {"id": entry.id, "title": entry.entry.title, "url": entry.entry.url}
                            for entry in found
                            if entry
                        ]
        show(rows, COLUMNS, as_json=as_json, empty="No new name is proposed.")


def _row(one: Proposal) -> dict[str, Any]:
    return {
        "id": one.id,
        "story": one.story,
        "topic": one.topic,
        "term": one.term,
        "state": one.state.value,
        "score": one.score,
        "origins": one.origins,
        "proposed_at": stamp(one.proposed_at),
        "reason": one.reason,
    }


@drift.command()
def accept(
    proposal: Annotated[int, typer.Argument(help="Number of the proposal.")],
    config: ConfigDir = DEFAULT_CONFIG,
    alias: Annotated[
        bool | None,
        typer.Option(
            "--alias/--strong",
            help="Whether it needs an anchor near it; left out: a single word does, other names do not.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a proposed name into the story's file."""
    with tools_for(config) as tools:
        from monitor.config.naming import StoryFile
        from monitor.proposals import accept as accepted

        def save(file: StoryFile) -> str:
            file.save(os.environ)
            return "A running monitor takes it up when it is restarted or sent SIGHUP."

        _must_be(tools, proposal)
        kind: Kind | None = None if alias is None else "aliases" if alias else "strong"
        done = accepted(tools.store, config, proposal, kind=kind, save=save)
        one = done.proposal
        _say(one, as_json, f"wrote {one.term!r} to {done.kind} of {one.topic} in {done.path}\n{done.said}")


@drift.command()
def reject(
    proposal: Annotated[int, typer.Argument(help="Number of the proposal.")],
    config: ConfigDir = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Never propose this name again."""
    with tools_for(config) as tools:
        from monitor.proposals import reject as rejected

        _must_be(tools, proposal)
        found = rejected(tools.store, proposal)
        _say(found, as_json, f"{found.term!r} is not proposed again for {found.topic}")


def _must_be(tools: Tools, number: int) -> None:
    """A number that stands for nothing is a slip of the pen: a usage error."""
    from monitor.storage import drift as storage

    with tools.store.read() as connection:
        if storage.get(connection, number) is None:
            fail(f"there is no proposal {number}; `monitor drift list` shows them", code=2)


def _say(found: Proposal, as_json: bool, words: str) -> None:
    out(dump(_row(found)) if as_json else words)
