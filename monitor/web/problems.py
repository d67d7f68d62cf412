"""What went wrong, as programs read it: problem details of RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse, Response

from monitor.errors import ConfigError, MonitorError

#: Where programs ask; what lies elsewhere is for people.
API = "/api/"
MEDIA = "application/problem+json"


class Mistake(BaseModel):
    """One thing that is wrong, and where."""

    place: str = Field(description="As in `query.limit` or `body.url`; of the configuration: file, line and key.")
    what: str
    mend: str = Field("", description="What to do about it; empty where `what` says so.")


class Problem(BaseModel):
    """Problem details, RFC 9457."""

    type: str = Field("about:blank", description="The status says it all.")
    title: str = Field(description="The status in words.", examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="What went wrong this time, and what to do about it.")
    mistakes: list[Mistake] = Field([], description="Each thing that is wrong with what was sent or is configured.")


def is_for_programs(path: str) -> bool:
    return path.startswith(API)


def problem(
    status: int, said: str, *, mistakes: Sequence[Mistake] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that says what went wrong."""
    title = HTTPStatus(status).phrase
    found = Problem(title=title, status=status, detail=_plain(said), mistakes=list(mistakes))
    return Response(found.model_dump_json(), status, dict(headers or {}), MEDIA)


def refused(path: str, status: int, said: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer from before any page: a line of text for people, a problem for programs."""
    if is_for_programs(path):
        return problem(status, said, headers=headers)
    return PlainTextResponse(f"{said}\n", status, dict(headers or {}))


def not_understood(error: RequestValidationError) -> Response:
    """Every part of a request that cannot be read, with its place."""
    mistakes = [
        Mistake(place=_plain(".".join(map(str, mistake["loc"]))), what=_plain(mistake["msg"]))
        for mistake in error.errors()
    ]
    places = ", ".join(mistake.place for mistake in mistakes)
    return problem(422, f"this cannot be read: {places}; /openapi.json says what can", mistakes=mistakes)


def went_wrong(error: MonitorError) -> Response:
    """409 where the configuration is in the way, which people mend; 503 where it is the database."""
    if not isinstance(error, ConfigError):
        return problem(503, str(error))
    mistakes = [
        Mistake(
            place=": ".join(part for part in (f"{one.file}:{one.line}" if one.line else one.file, one.key) if part),
            what=one.message,
            mend=one.hint,
        )
        for one in error.problems
    ]
    return problem(409, str(error), mistakes=mistakes)


def _plain(text: str) -> str:
    """Half a surrogate pair, which JSON can hold and UTF-8 cannot, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
