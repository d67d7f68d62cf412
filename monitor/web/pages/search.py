"""Search over all entries, also those that belong to no story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from monitor.storage import entries, search
from monitor.storage.entries import StoredEntry
from monitor.web.host import host_of
from monitor.web.rendering import page

#: Results on a page.
RESULTS = 30
#: What is shown of a summary.
EXCERPT = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    said: str
    found: tuple[tuple[StoredEntry, str], ...]
    #: Key of the last one shown, where there are more.
    older: int | None


def show(request: Request, q: str = "", before: int = 0) -> Response:
    found: Sequence[StoredEntry] = ()
    if q.strip():
        with host_of(request).tools().store.read() as connection:
            ids = search.find(connection, q, before=before or None, limit=RESULTS + 1)
            found = entries.several(connection, ids)
    shown = found[:RESULTS]
    view = View(
        said=q,
        found=tuple((one, excerpt(one.entry.summary, q)) for one in shown),
        older=shown[-1].id if len(found) > RESULTS else None,
    )
    return page(request, "search.html", view=view)


def excerpt(summary: str, said: str) -> str:
    """The part of a summary in which the first of the words stands, or else its beginning."""
    at = next((place for word in said.split() if (place := summary.casefold().find(word.casefold())) >= 0), 0)
    start = max(0, min(at - EXCERPT // 3, len(summary) - EXCERPT))
    end = start + EXCERPT
    return ("… " if start else "") + summary[start:end].strip() + (" …" if end < len(summary) else "")
