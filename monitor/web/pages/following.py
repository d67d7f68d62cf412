"""Taking up feeds: from the address of a page, from another reader's list; and giving the list on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import File, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from monitor.config.editing import MainFile
from monitor.config.models import FeedSettings
from monitor.domain import Feed
from monitor.errors import ConfigError, FeedError
from monitor.feeds.discovery import Candidate
from monitor.feeds.opml import NotOpmlError
from monitor.following import Prober, brought_along, followed_as, given_on, web_address, writable
from monitor.web.host import Host, host_of
from monitor.web.rendering import page


def form(request: Request) -> Response:
    return _form(request)


def _form(
    request: Request, *, url: str = "", said: str = "", found: Sequence[Candidate] = (), status: int = 200
) -> Response:
    config = host_of(request).tools().config
    known = {one.url for one in found if followed_as(config, one.url)}
    return page(request, "following.html", status=status, url=url, said=said, found=found, known=known)


def find(request: Request, url: Annotated[str, Form()]) -> Response:
    """Look for the feeds that a page offers, and let people choose."""
    tools = host_of(request).tools()
    address = web_address(url.strip())
    try:
        checked = FeedSettings(url=address)
        found = Prober(tools.config, tools.client(), tools.parser).discover(checked.url)
    except ValidationError:
        return _form(
            request, url=url, said="That is no web address. It looks like example.org or https://…", status=422
        )
    except FeedError as error:
        return _form(request, url=url, said=f"{Feed(url=error.url).label}: {error}", status=422)
    if not found:
        return _form(request, url=url, said="No feed was found there. Give the feed's own address.", status=422)
    return _form(request, url=url, found=found)


def add(
    request: Request,
    url: Annotated[str, Form()],
    title: Annotated[str, Form()] = "",
    tags: Annotated[str, Form()] = "",
) -> Response:
    """Write it into monitor.yaml and take it up."""
    host = host_of(request)
    if followed_as(host.tools().config, url):
        return _form(request, url=url, said="This feed is followed already.", status=409)
    try:
        new = writable(url, title.strip(), tuple(tag for tag in tags.replace(",", " ").split() if tag))
        said = _write(host, [new])
    except ValueError as error:
        reason = "is no web address" if isinstance(error, ValidationError) else str(error)
        return _form(request, url=url, said=f"The feed cannot be taken up: it {reason}.", status=422)
    except ConfigError as error:
        return _form(request, url=url, said=str(error), status=409)
    return RedirectResponse(f"/feeds/{Feed(url=url).handle}?said={'later' if said else 'added'}", 303)


def bring_along(request: Request, file: Annotated[bytes, File()]) -> Response:
    """Take up the feeds of an OPML list; what was left out is told."""
    host = host_of(request)
    try:
        new, left_out = brought_along(file, host.tools().config)
        said = _write(host, new) if new else ""
    except (NotOpmlError, ConfigError) as error:
        return _form(request, said=f"The list cannot be taken up: {error}", status=422)
    return page(request, "brought.html", new=new, left_out=left_out, said=said)


def give_on(request: Request) -> Response:
    """The list as OPML, for another reader; passwords are left out."""
    host = host_of(request)
    opml, _ = given_on(MainFile.read(host.folder).feeds(), host.clock())
    headers = {"Content-Disposition": 'attachment; filename="feeds.opml"'}
    return Response(opml, media_type="text/x-opml", headers=headers)


def _write(host: Host, new: Sequence[FeedSettings]) -> str:
    return host.save(MainFile.read(host.folder).with_feeds(new))
