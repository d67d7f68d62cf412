"""Templates: sandboxed, escaping, strict about unknown names; and what all of them share."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any, cast

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from monitor import __version__
from monitor.digests.render import words as digest_words
from monitor.web import live, words
from monitor.web.host import host_of
from monitor.web.problems import is_for_programs, problem

TITLES = {
    401: "Log in first",
    403: "Not allowed",
    404: "There is no such page",
    405: "That cannot be done here",
    409: "Something else came first",
    422: "That cannot be read",
    503: "It does not work just now",
}


def environment() -> SandboxedEnvironment:
    found = SandboxedEnvironment(
        loader=PackageLoader("monitor.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["clean"] = digest_words.clean
    found.filters["web_url"] = digest_words.web_url
    found.globals["count"] = digest_words.count
    found.globals["words"] = words
    found.globals["version"] = __version__
    # Changes with the files, so that browsers may keep them for good.
    found.globals["edition"] = _edition()
    return found


def _edition() -> str:
    folder = files("monitor.web").joinpath("static")
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def page(request: Request, template: str, *, status: int = 200, **view: Any) -> HTMLResponse:
    """A page with its frame; ``view`` is what its template shows."""
    host = host_of(request)
    stories = host.tools().config.stories
    environment = cast("SandboxedEnvironment", request.app.state.templates)
    text = environment.get_template(template).render(
        view,
        now=host.clock(),
        path=request.url.path,
        query=request.query_params,
        pulse=lambda: live.shown(host),
        stories=stories,
        has_password=request.app.state.access.has_password,
    )
    return HTMLResponse(text, status)


def trouble(request: Request, status: int, said: str) -> Response:
    """A page that says what went wrong; to programs, the same as problem details."""
    if is_for_programs(request.url.path):
        return problem(status, said)
    title = TITLES.get(status, "That did not work")
    return page(request, "trouble.html", status=status, title=title, said="" if said == "Not Found" else said)
