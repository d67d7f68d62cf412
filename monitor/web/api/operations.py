"""What an operation of the API is, and how routes and their description are made of a list of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Security
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.web.problems import MEDIA, Problem

PREFIX = "/api/v1"
ABOUT = """\
What the page shows and does, for programs. Times are ISO 8601 in UTC, durations ISO 8601 too. Lists come in pages:
`next` is the address of the one that follows. What is read carries an ETag; send it as `If-None-Match` and get 304
while nothing has changed. What goes wrong is told in problem details (RFC 9457)."""

#: Only described here: the door has asked for it before anything else is looked at.
TOKEN = HTTPBearer(
    scheme_name="token",
    auto_error=False,
    description="A token of `web.tokens` in monitor.yaml. `read` is enough for GET; all else needs `write`.",
)
_ANY = {
    401: "Nobody known asks: send a token.",
    403: "The token lacks the scope, or another site's page asks.",
    422: "What was sent cannot be read; each mistake is listed with its place.",
    503: "The database does not answer, or too much is asked at once.",
}
_READING = {304: "Nothing has changed since the answer that had this ETag."}
_WRITING = {
    400: "The body is no text, or no JSON.",
    408: "The body took too long.",
    411: "The length of the body is not said.",
    413: "The body is too large.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    #: Below PREFIX.
    path: str
    #: Its name is the operation's id, its docstring the description, its signature what goes in and comes out.
    answer: Callable[..., Any]
    status: int = 200
    #: Statuses that this operation has besides those of all, and when.
    errors: Mapping[int, str] = field(default_factory=dict)


class Tagged(APIRoute):
    """A route whose answers carry an ETag (RFC 9110 §8.8.3), and which says 304 to whoever has the answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await answer(request)
            if request.method == "GET" and response.status_code == 200:
                return tag(response, request.headers.get("if-none-match", ""))
            return response

        return tagged


def tag(response: Response, known: str) -> Response:
    """The answer with its ETag, or 304 where the asker knows it.

    known   If-None-Match (RFC 9110 §13.1.2); compared weakly, since a proxy that compresses makes tags weak
    """
    etag = f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    listed = {one.strip().removeprefix("W/") for one in known.split(",")}
    if etag in listed or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def router(operations: Sequence[Operation]) -> APIRouter:
    made = APIRouter(prefix=PREFIX, route_class=Tagged, dependencies=[Security(TOKEN)])
    for one in operations:
        usual = _ANY | (_READING if one.method == "GET" else _WRITING)
        if "{" in one.path:
            usual |= {404: "There is none of that name."}
        errors = usual | dict(one.errors)
        name = getattr(one.answer, "__name__", "")
        made.add_api_route(
            one.path,
            one.answer,
            methods=[one.method],
            status_code=one.status,
            operation_id=name,
            summary=name.replace("_", " ").capitalize(),
            tags=[one.path.split("/")[1]],
            responses={status: _response(status, errors[status]) for status in sorted(errors)},
            response_class=Response if one.status == HTTPStatus.NO_CONTENT else JSONResponse,
        )
    return made


def _response(status: int, words: str) -> dict[str, Any]:
    if status == HTTPStatus.NOT_MODIFIED:
        return {"description": words}
    return {"description": words, "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document. Made once: nothing in it changes while the process runs."""
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
        shapes = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        found["components"]["schemas"] |= {**shapes.pop("$defs"), "Problem": shapes}
        app.openapi_schema = found
    return app.openapi_schema
