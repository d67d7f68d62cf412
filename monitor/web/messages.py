"""A request and its answer as values, so that what is answered is decided by functions and served by anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked."""

    #: In upper case.
    method: str
    #: Without the query.
    path: str
    #: Of a name that is given twice the first value.
    query: Mapping[str, str] = field(default_factory=dict)
    #: Names in lower case.
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What is answered."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


NOT_FOUND = Response(status=404, body="not found\n")
