"""New names of what is watched: proposed, accepted into the story's file, or rejected for good."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import HTTPException, Query, Request
from pydantic import Field

from monitor.config.naming import StoryFile
from monitor.domain import Proposal, ProposalState
from monitor.pipeline import Tools
from monitor.storage import drift
from monitor.stories.drift import is_certain
from monitor.web.api.operations import Operation
from monitor.web.api.shapes import Asked, Id, Page, Shape
from monitor.web.host import host_of
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
    found = _open(host.tools(), proposal_id)
    kind: Literal["strong", "aliases"] = as_.kind or ("strong" if is_certain(found.term) else "aliases")
    said = host.save(StoryFile.find(host.folder, found.story).with_name(found.topic, found.term, kind))
    return Decided(proposal=_decided(host.tools(), proposal_id, ProposalState.ACCEPTED), said=said)


def reject_proposal(request: Request, proposal_id: Id) -> Decided:
    """Never propose this name again."""
    tools = host_of(request).tools()
    _open(tools, proposal_id)
    return Decided(proposal=_decided(tools, proposal_id, ProposalState.REJECTED), said="")


def _open(tools: Tools, proposal_id: int) -> Proposal:
    """The proposal that is still to be decided."""
    found = _proposal(tools, proposal_id)
    if found.state is not ProposalState.PROPOSED:
        raise HTTPException(409, f"proposal {proposal_id} was {found.state} before")
    return found


def _decided(tools: Tools, proposal_id: int, state: ProposalState) -> Proposal:
    with tools.store.write() as connection:
        drift.decide(connection, proposal_id, state)
    return _proposal(tools, proposal_id)


def _proposal(tools: Tools, proposal_id: int) -> Proposal:
    with tools.store.read() as connection:
        found = drift.get(connection, proposal_id)
    if found is None:
        raise HTTPException(404, f"there is no proposal {proposal_id}")
    return found


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
