"""What all operations share: pages of a list, and how numbers, names and times are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

#: Numbers beyond are rounded by JavaScript (RFC 8259 §6), so we have none.
MOST = 2**53 - 1

Value = TypeVar("Value")


class Shape(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """What is sent: a key that we do not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Shape, Generic[Value]):
    """A part of a list."""

    items: list[Value]
    next: str | None = Field(None, description="Address of the page that follows; null: this is the last one.")


Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Before = Annotated[int | None, Query(ge=1, le=MOST, description="Only older ones; `next` says it.")]
Id = Annotated[int, Path(ge=1, le=MOST)]


def _is_number(value: Any) -> Any:
    """JSON knows one kind of number, so that 3.0 is 3; but true is no number, nor is "3"."""
    if isinstance(value, bool | str):
        raise ValueError("this is no number")  # noqa: TRY004 - pydantic makes a mistake of this error alone
    return value


Counted = Annotated[int, Field(ge=1, le=MOST)]
Number = Annotated[Counted, BeforeValidator(_is_number, json_schema_input_type=Counted)]


def _said(value: Any) -> Any:
    """A number is no time here, though pydantic would read one."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("write it as in 2026-04-01T08:00:00Z")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first hours of year 1, or the last of 9999
        return value.replace(tzinfo=UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_said, json_schema_input_type=datetime), AfterValidator(_in_utc)]


def cut(
    request: Request, found: Sequence[Value], limit: int, name: str, place: Callable[[Value], object]
) -> tuple[Sequence[Value], str | None]:
    """Of one more than ``limit`` what stands on a page, and the address of the next one.

    name    of the parameter that says where a page begins
    place   what it is after that value
    """
    if len(found) <= limit:
        return found, None
    shown = found[:limit]
    url = request.url.include_query_params(**{name: place(shown[-1])})
    return shown, f"{url.path}?{url.query}"
