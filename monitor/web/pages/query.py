"""A storyline's query: what another one would find in the last month, and writing it into the story's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from monitor.config.naming import StoryFile
from monitor.domain import Storyline
from monitor.errors import ConfigError
from monitor.pipeline.previews import Preview, mistakes, preview_storyline, with_storyline
from monitor.web.host import host_of
from monitor.web.pages.story import story_of
from monitor.web.pages.storyline import line_of
from monitor.web.rendering import page

Said = Annotated[str, Form()]


def edit(request: Request, story_id: str, line_id: str) -> Response:
    return _form(request, story_id, line_of(story_of(request, story_id), line_id))


def preview(request: Request, story_id: str, line_id: str, query: Said = "") -> Response:
    """What this query would do to the entries of the last month."""
    host, story = host_of(request), story_of(request, story_id)
    wanted = replace(line_of(story, line_id), query=query)
    wrong = mistakes(with_storyline(story, wanted))
    if wrong:
        return _form(request, story_id, wanted, wrong=wrong, status=422)
    return _form(request, story_id, wanted, found=preview_storyline(story, wanted, host.tools(), host.clock()))


def save(request: Request, story_id: str, line_id: str, query: Said = "") -> Response:
    """Write it into the story's file, its comments kept, if the whole is then without mistakes."""
    host, story = host_of(request), story_of(request, story_id)
    wanted = replace(line_of(story, line_id), query=query)
    wrong = mistakes(with_storyline(story, wanted))
    if wrong:
        return _form(request, story_id, wanted, wrong=wrong, status=422)
    try:
        said = host.save(StoryFile.find(host.folder, story_id).with_text("storylines", line_id, "query", query))
    except ConfigError as error:
        return _form(request, story_id, wanted, wrong=[str(error)], status=409)
    return RedirectResponse(f"/stories/{story_id}/storylines/{line_id}?said={'later' if said else 'saved'}", 303)


def _form(
    request: Request,
    story_id: str,
    line: Storyline,
    *,
    found: Preview | None = None,
    wrong: Sequence[str] = (),
    status: int = 200,
) -> Response:
    story = story_of(request, story_id)
    return page(request, "query.html", status=status, story=story, line=line, found=found, wrong=wrong)
