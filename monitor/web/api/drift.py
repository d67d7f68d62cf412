"""New names of what is watched: proposed, accepted into the story's file, or rejected for good."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import HTTPException, Query, Request
from pydantic import Field

from monitor import proposals
from monitor.domain import Proposal, ProposalState
from monitor.errors import StoryError
from monitor.storage import drift
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Id, Page, Shape
from monitor.web.host import host_of
from monitor.web.pages.proposals import proposal_of
from monitor.web.pages.story import story_of


class Kind(Asked):
    kind: Literal["strong", "aliases"] | None = Field(
        None, description="An alias needs an anchor near it. Null: a single word does, other names do not."
    )


class Decided(Shape):
    proposal: Proposal
    said: str = Field(description="What people should know of it; empty: the running monitor has taken it up.")


def list_proposals(
    request: Request,
    story_id: str,
    state: Annotated[ProposalState | None, Query(description="Only those in this state.")] = None,
) -> Page[Proposal]:
    """Names that seem to have become names of a topic, and why, oldest first. `evidence` has ids of entries."""
    story = story_of(request, story_id)
    with host_of(request).tools().store.read() as connection:
        return Page[Proposal](items=drift.listed(connection, story.story, state=state))


def accept_proposal(request: Request, proposal_id: Id, as_: Kind) -> Decided:
    """Write a proposed name into the story's file, and take it up."""
    host = host_of(request)
    proposal_of(host.tools(), proposal_id)
    try:
        done = proposals.accept(host.tools().store, host.folder, proposal_id, kind=as_.kind, save=host.save)
    except StoryError as error:
        raise HTTPException(409, str(error)) from error
    return Decided(proposal=done.proposal, said=done.said)


def reject_proposal(request: Request, proposal_id: Id) -> Decided:
    """Never propose this name again."""
    tools = host_of(request).tools()
    proposal_of(tools, proposal_id)
    try:
        return Decided(proposal=proposals.reject(tools.store, proposal_id), said="")
    except StoryError as error:
        raise HTTPException(409, str(error)) from error


OPERATIONS = (
    Operation("GET", "/stories/{story_id}/proposals", list_proposals),
    Operation(
        "POST",
        "/proposals/{proposal_id}/accept",
        accept_proposal,
        errors={409: "It was decided before, or the story's file cannot be edited so."},
    ),
    Operation("POST", "/proposals/{proposal_id}/reject", reject_proposal, errors={409: "It was decided before."}),
)
