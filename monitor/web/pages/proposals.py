"""New names of what is watched, as the story's page shows them: what speaks for each, and a yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from monitor import proposals
from monitor.domain import Proposal, ProposalState, Story
from monitor.errors import ConfigError, StoryError
from monitor.pipeline import Tools
from monitor.storage import drift, entries
from monitor.storage.entries import StoredEntry
from monitor.web.host import host_of

#: Entries that are shown of one: those that say so stand first.
EVIDENCE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A proposal that is still to be decided."""

    proposal: Proposal
    #: What its topic is called.
    name: str
    #: The list that it goes into unless people say otherwise: "strong" or "aliases".
    kind: str
    evidence: Sequence[StoredEntry]


def questions(tools: Tools, story: Story) -> tuple[Question, ...]:
    """What is still to be decided, the oldest first."""
    names = {topic.id: topic.name or topic.id for topic in story.topics}
    with tools.store.read() as connection:
        return tuple(
            Question(
                proposal=one,
                name=names.get(one.topic, one.topic),
                kind=proposals.usual_kind(one.term),
                evidence=entries.several(connection, one.evidence[:EVIDENCE]),
            )
            for one in drift.listed(connection, story.story, state=ProposalState.PROPOSED)
        )


def accept(
    request: Request, proposal_id: int, kind: Annotated[Literal["strong", "aliases"] | None, Form()] = None
) -> Response:
    """Write the name into the story's file."""
    host = host_of(request)
    story = proposal_of(host.tools(), proposal_id).story
    try:
        done = proposals.accept(host.tools().store, host.folder, proposal_id, kind=kind, save=host.save)
    except (StoryError, ConfigError) as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/stories/{story}?said={'later' if done.said else 'accepted'}", 303)


def reject(request: Request, proposal_id: int) -> Response:
    """Never propose the name again."""
    tools = host_of(request).tools()
    story = proposal_of(tools, proposal_id).story
    try:
        proposals.reject(tools.store, proposal_id)
    except StoryError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/stories/{story}?said=rejected", 303)


def proposal_of(tools: Tools, proposal_id: int) -> Proposal:
    """The proposal of that number; "not found" when there is none."""
    with tools.store.read() as connection:
        found = drift.get(connection, proposal_id) if 0 < proposal_id < 2**63 else None
    if found is None:
        raise HTTPException(404, f"there is no proposal {proposal_id}")
    return found
