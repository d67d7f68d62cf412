"""``/websub/TOKEN``: where hubs ask whether we meant a subscription (GET), and push what changed (POST)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import PlainTextResponse, Response

from monitor import pushes
from monitor.errors import MonitorError
from monitor.web.host import host_of

PATH = pushes.CALLBACK + "{token}"


async def body_of(request: Request) -> bytes:
    """It has been read already, so nobody waits here."""
    return await request.body()


def confirm(request: Request, token: str) -> Response:
    """Answer a hub's question, as §5.3 of the Recommendation wants it.

    The challenge goes back as plain text: an answer that is made of the question must not be read as a page.
    """
    host = host_of(request)
    question = dict(reversed(request.query_params.multi_items()))  # of two that have one name the first counts
    try:
        answer = pushes.confirm(token, question, host.tools(), host.clock())
    except MonitorError:  # the database is away, which health says: hubs come again
        return Response(status_code=503)
    return PlainTextResponse("not found\n", 404) if answer is None else PlainTextResponse(answer)


def receive(request: Request, token: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
    """Take in what a hub pushes (§7)."""
    host = host_of(request)
    try:
        if pushes.receive(token, request.headers, body, host.tools(), host.clock()):
            return Response(status_code=202)
    except MonitorError:
        return Response(status_code=503)
    return PlainTextResponse("there is no such subscription\n", 410)
