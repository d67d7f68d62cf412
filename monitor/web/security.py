"""The door: under which names we may be asked, from which page, by whom; and what browsers are told to refuse.

Cross-site requests are told by Sec-Fetch-Site, where a browser is too old or the page is not served securely by Origin
(Filippo Valsorda, "Cross-Site Request Forgery", 2025): no token in any form. Names are checked against DNS rebinding;
an address in digits cannot be rebound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.config.models import WebSettings
from monitor.pushes import CALLBACK
from monitor.web.access import READER, Access, Caller
from monitor.web.problems import is_for_programs, refused

#: Answered to everybody: they tell nothing, guard themselves, or are the way in.
OPEN = ("/healthz", "/readyz", CALLBACK, "/static/", "/login")
#: Programs call these and no page of anybody's can: callbacks have a secret in their path, the API takes tokens.
UNGUARDED = (CALLBACK,)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}

#: RFC 9110 §7.2: a name or an address in digits, and perhaps a port.
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]*)(?::[0-9]*)?")

#: For a sheet that is a page of its own (a digest, a brief): no script at all, its one sheet of style, and shown within
#: our pages only.
PAPER = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
}


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    words: str


def names_of(settings: WebSettings) -> frozenset[str]:
    """The names under which the page may be asked for, in lower case."""
    bound = settings.bind.rpartition(":")[0].strip("[]")
    public = urlsplit(settings.public_url).hostname or ""
    return frozenset(name.lower() for name in ("localhost", bound, public, *settings.allowed_hosts) if name)


def is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header is one of ours; a client that sends none is no browser."""
    found = _HOST.fullmatch(host.lower())
    if found is None:
        return False
    name = found[1].strip("[]")
    try:
        ip_address(name)
    except ValueError:
        return not host or name in names
    return True


def is_same_origin(headers: Mapping[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return bool(headers.get("host")) and headers.get("origin", "").partition("://")[2] == headers.get("host")


def refusal(method: str, path: str, headers: Mapping[str, str], caller: Caller | None) -> Refusal | None:
    """Why this request is not answered; None: it is. Nobody known is no refusal for what is open to all."""
    is_open = path.startswith(OPEN)
    if caller is None and not is_open:
        return Refusal(401, "say who you are: log in, or send a token")
    if method in SAFE_METHODS or path.startswith(UNGUARDED):
        return None
    if caller is not None and "write" not in caller.rights:
        return Refusal(403, "this token may only read: it lacks the scope write")
    if caller is READER and is_for_programs(path):
        return Refusal(403, "a session may only read here: send a token")
    if (caller is None or not caller.by_token) and not is_same_origin(headers):
        return Refusal(403, "another site's page asked for this, so it was not done")
    return None


class Door:
    """ASGI middleware; the caller is in ``request.state.caller`` after it, None where a path is open to all."""

    def __init__(self, app: ASGIApp, *, settings: WebSettings, access: Access) -> None:
        self._app = app
        self._names = names_of(settings)
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        caller = self._access.caller(request.headers, request.cookies)
        request.state.caller = caller
        answer: ASGIApp = self._answer(request, caller) or self._app
        await answer(scope, receive, _with_headers(send))

    def _answer(self, request: Request, caller: Caller | None) -> Response | None:
        headers: Headers = request.headers
        if not is_known(headers.get("host", ""), self._names):
            return refused(request.url.path, 421, "this name is not known here: add it to web.allowed_hosts")
        found = refusal(request.method, request.url.path, headers, caller)
        if found is None:
            return None
        wants_page = "text/html" in headers.get("accept", "") and request.method in SAFE_METHODS
        if found.status == 401 and wants_page and self._access.has_password:
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
        return refused(request.url.path, found.status, found.words, _challenge(found.status, request, caller))


def _challenge(status: int, request: Request, caller: Caller | None) -> dict[str, str]:
    """How to ask with success; of programs in the words of RFC 6750 §3."""
    if not is_for_programs(request.url.path):
        return {"WWW-Authenticate": 'Basic realm="monitor", charset="UTF-8"'} if status == 401 else {}
    if status == 401:
        error = ', error="invalid_token"' if "authorization" in request.headers else ""
        return {"WWW-Authenticate": f'Bearer realm="monitor"{error}'}
    lacking = caller is not None and "write" not in caller.rights
    return {"WWW-Authenticate": 'Bearer realm="monitor", error="insufficient_scope", scope="write"'} if lacking else {}


def _with_headers(send: Send) -> Send:
    """Every answer says what browsers must refuse; one that says it itself keeps its own words."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def inside(path: str) -> str:
    """The path where it leads to a page of ours; else the front page."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if own else "/"
