"""The site: every address, and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles

from monitor import __version__
from monitor.errors import MonitorError
from monitor.pushes import CALLBACK
from monitor.web import api, bounds, exports, health, live, metrics, websub
from monitor.web.access import Access, Throttle
from monitor.web.host import Host
from monitor.web.pages import (
    deliveries,
    digests,
    entry,
    event,
    feeds,
    following,
    login,
    proposals,
    query,
    search,
    settings,
    story,
    storyline,
    topics,
)
from monitor.web.problems import is_for_programs, not_understood, problem, went_wrong
from monitor.web.rendering import environment, trouble
from monitor.web.security import Door

#: Method, path, and the function that answers. What it is given stands in its signature; all of it runs in threads.
PAGES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/", story.front),
    ("GET", "/stories/{story_id}", story.show),
    ("GET", "/stories/{story_id}/topics", topics.show),
    ("GET", "/stories/{story_id}/expectations.ics", exports.expectations),
    ("GET", "/stories/{story_id}/storylines/{line_id}.atom", exports.storyline),
    ("GET", "/stories/{story_id}/storylines/{line_id}", storyline.show),
    ("GET", "/stories/{story_id}/storylines/{line_id}/brief", storyline.brief),
    ("GET", "/stories/{story_id}/storylines/{line_id}/query", query.edit),
    ("POST", "/stories/{story_id}/storylines/{line_id}/query", query.save),
    ("POST", "/stories/{story_id}/storylines/{line_id}/query/preview", query.preview),
    ("GET", "/stories/{story_id}/topics/{topic_id}", topics.edit),
    ("POST", "/stories/{story_id}/topics/{topic_id}", topics.save),
    ("POST", "/stories/{story_id}/topics/{topic_id}/preview", topics.preview),
    ("GET", "/topics", topics.front),
    ("POST", "/proposals/{proposal_id}/accept", proposals.accept),
    ("POST", "/proposals/{proposal_id}/reject", proposals.reject),
    ("GET", "/events/{event_id}", event.show),
    ("POST", "/events/{event_id}/merge", event.merge),
    ("POST", "/events/{event_id}/split", event.split),
    ("POST", "/events/{event_id}/move", event.move),
    ("GET", "/entries/{entry_id}", entry.show),
    ("POST", "/entries/{entry_id}/feedback", entry.answer),
    ("GET", "/search", search.show),
    ("GET", "/digests", digests.archive),
    ("GET", "/digests.atom", exports.digests),
    ("GET", "/digests/{digest_id}/preview", digests.preview),
    ("GET", "/digests/{digest_id}/preview/paper", digests.paper),
    ("GET", "/digests/{digest_id}/sent/{slot}/{channel}", digests.sent),
    ("POST", "/digests/{digest_id}/send", digests.send),
    ("GET", "/deliveries", deliveries.listed),
    ("GET", "/deliveries/{delivery_id}", deliveries.show),
    ("GET", "/deliveries/{delivery_id}/digest", deliveries.digest),
    ("GET", "/deliveries/{delivery_id}/paper", deliveries.paper),
    ("POST", "/deliveries/{delivery_id}/again", deliveries.again),
    ("GET", "/feeds", feeds.listed),
    ("POST", "/feeds", following.add),
    ("GET", "/feeds.opml", following.give_on),
    ("GET", "/feeds/add", following.form),
    ("POST", "/feeds/find", following.find),
    ("POST", "/feeds/import", following.bring_along),
    ("GET", "/feeds/{handle}", feeds.show),
    ("POST", "/feeds/{handle}/poll", feeds.poll),
    ("POST", "/feeds/{handle}/pause", feeds.pause),
    ("POST", "/feeds/{handle}/remove", feeds.remove),
    ("GET", "/settings", settings.show),
    ("GET", "/live", live.stream),
    ("GET", "/metrics", metrics.show),
    ("GET", "/login", login.form),
    ("POST", "/login", login.enter),
    ("POST", "/logout", login.leave),
    ("GET", "/healthz", health.healthz),
    ("GET", "/readyz", health.readyz),
    ("GET", websub.PATH, websub.confirm),
    ("POST", websub.PATH, websub.receive),
)


def build_app(host: Host) -> FastAPI:
    """The site over what a process has to show. Its bind, names and credentials stay as they are configured now."""
    config = host.tools().config
    app = FastAPI(title="monitor", version=__version__, docs_url=None, redoc_url=None)
    app.state.host = host
    app.state.templates = environment()
    app.state.access = access = Access(config.web)
    app.state.throttle = Throttle()
    app.state.pulse = live.Pulse(host)
    for method, path, answer in PAGES:
        app.add_api_route(path, answer, methods=[method], include_in_schema=False, response_class=Response)
    app.router.routes.extend(api.router(api.OPERATIONS).routes)
    app.openapi = partial(api.describe, app)  # type: ignore[method-assign]  # as FastAPI's own pages advise
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(MonitorError, _went_wrong)
    app.add_middleware(bounds.Bounded, limit=lambda path: _limit(path, config.polling.max_body_bytes))
    app.add_middleware(Door, settings=config.web, access=access)
    return app


def _limit(path: str, pushed: int) -> int:
    return pushed if path.startswith(CALLBACK) else bounds.BODY_BYTES


def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if is_for_programs(request.url.path):
        headers = {"Allow": ", ".join(_allowed(request))} if error.status_code == 405 else error.headers
        return problem(error.status_code, str(error.detail), headers=headers)
    return trouble(request, error.status_code, str(error.detail))


def _allowed(request: Request) -> list[str]:
    """What can be asked of this path (RFC 9110 §10.2.1); the router itself names the methods of one route alone."""
    of_path = [
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is Match.PARTIAL
    ]
    return sorted({method for route in of_path for method in route.methods or ()})


def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if is_for_programs(request.url.path):
        return not_understood(error)
    names = ", ".join(str(mistake["loc"][-1]) for mistake in error.errors())
    return trouble(request, 422, f"this cannot be read: {names}")


def _went_wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, MonitorError)
    return went_wrong(error) if is_for_programs(request.url.path) else trouble(request, 503, str(error))
