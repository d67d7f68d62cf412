"""New names of what is watched: proposed, accepted into the story's file, or rejected for good."""

from __future__ import annotations

import os
from typing import Annotated, Any

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
        from monitor.config.naming import Kind, StoryFile
        from monitor.storage import drift as storage
        from monitor.stories.drift import is_certain

        with tools.store.read() as connection:
            found = _open(storage.get(connection, proposal), proposal)
        weak = not is_certain(found.term) if alias is None else alias
        kind: Kind = "aliases" if weak else "strong"
        file = StoryFile.find(config, found.story).with_name(found.topic, found.term, kind)
        file.save(os.environ)
        with tools.store.write() as connection:
            storage.decide(connection, proposal, ProposalState.ACCEPTED)
        _say(found, ProposalState.ACCEPTED, as_json, f"wrote {found.term!r} to {kind} of {found.topic} in {file.path}")
        if not as_json:
            out("A running monitor takes it up when it is restarted or sent SIGHUP.")


@drift.command()
def reject(
    proposal: Annotated[int, typer.Argument(help="Number of the proposal.")],
    config: ConfigDir = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Never propose this name again."""
    with tools_for(config) as tools:
        from monitor.storage import drift as storage

        with tools.store.write() as connection:
            found = _open(storage.get(connection, proposal), proposal)
            storage.decide(connection, proposal, ProposalState.REJECTED)
        _say(found, ProposalState.REJECTED, as_json, f"{found.term!r} is not proposed again for {found.topic}")


def _open(found: Proposal | None, number: int) -> Proposal:
    """The proposal that is still to be decided; ends with a message where it is none."""
    if found is None:
        fail(f"there is no proposal {number}; `monitor drift list` shows them", code=2)
    if found.state is not ProposalState.PROPOSED:
        fail(f"proposal {number} was {found.state.value} before")
    return found


def _say(found: Proposal, state: ProposalState, as_json: bool, words: str) -> None:
    out(dump(_row(found) | {"state": state.value}) if as_json else words)
