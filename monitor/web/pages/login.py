"""The way in, where there is a password."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from monitor.web.access import COOKIE, SESSION_S, Access, Throttle
from monitor.web.rendering import page
from monitor.web.security import inside


def form(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name is the address's
    access: Access = request.app.state.access
    if not access.has_password:
        return RedirectResponse("/", 303)
    return page(request, "login.html", next=inside(next), said="")


def enter(
    request: Request,
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the name is the form's
) -> Response:
    access: Access = request.app.state.access
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    if not throttle.admits(address, time.monotonic()):
        return page(request, "login.html", status=429, next=inside(next), said="Too many tries. Wait a minute.")
    if not access.is_password(password):
        return page(request, "login.html", status=403, next=inside(next), said="That is not the password.")
    throttle.forget(address)
    response = RedirectResponse(inside(next), 303)
    secure = request.url.scheme == "https"
    response.set_cookie(
        COOKIE, access.session(), max_age=SESSION_S, httponly=True, samesite="lax", secure=secure, path="/"
    )
    return response


def leave() -> Response:
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return response
