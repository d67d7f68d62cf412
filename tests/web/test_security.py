"""Nobody is answered under a strange name, from a stranger's page, or without the credential that was asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from monitor.app import wire
from monitor.config.models import Config, WebSettings
from monitor.feeds.isolation import Parser
from monitor.storage.store import Store
from monitor.web.access import Access, Throttle, hashed, is_hash_of
from monitor.web.app import PAGES
from monitor.web.host import Host
from monitor.web.security import OPEN, inside, is_known, is_same_origin, names_of
from tests.factories import NOON
from tests.web.conftest import OURS, asking

PASSWORD, TOKEN, LOOKER = "three quiet words", "t" * 32, "l" * 32


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Callable[..., httpx.Client]]:
    """A site with nothing in it but its door; the keys are its configuration under ``web``."""
    folder = tmp_path_factory.mktemp("door")
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(f"sqlite:///{folder}/monitor.db"))

        def make(**web: Any) -> httpx.Client:
            tools = wire(Config.model_validate({"web": web}), store, parser)
            host = Host(tools=lambda: tools, use=lambda _: None, folder=folder, save=str, clock=lambda: NOON)
            return stack.enter_context(asking(host))

        yield make


@pytest.fixture(scope="module")
def unguarded(door: Callable[..., httpx.Client]) -> httpx.Client:
    return door()


@pytest.fixture
def guarded(door: Callable[..., httpx.Client]) -> httpx.Client:
    tokens = [
        {"name": "writer", "token": TOKEN, "scopes": ["read", "write"]},
        {"name": "looker", "token": LOOKER},
    ]
    return door(password=PASSWORD, tokens=tokens)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# --- Names ------------------------------------------------------------------------------------------------------------


def test_a_strange_name_is_not_answered(unguarded: httpx.Client):
    assert unguarded.get("/healthz", headers={"Host": "evil.test"}).status_code == 421


HOSTS = {
    "localhost": True,
    "localhost:8080": True,
    "127.0.0.1:8080": True,
    "[::1]:8080": True,
    "192.168.7.7": True,
    "watch.example.org": True,
    "WATCH.example.org:443": True,
    "also.example.org": True,
    "": True,
    "evil.test": False,
    "watch.example.org.evil.test": False,
    "127.0.0.1.evil.test": False,
    "[evil.test]": False,
    "[": False,
}


@pytest.mark.parametrize(("host", "known"), HOSTS.items(), ids=HOSTS)
def test_our_names_are_known(host: str, known: bool):
    settings = WebSettings(public_url="https://Watch.example.org/x", allowed_hosts=("also.example.org",))
    assert is_known(host, names_of(settings)) is known


# --- Other sites' pages -----------------------------------------------------------------------------------------------

ASKED_FROM: dict[str, tuple[Mapping[str, str], bool]] = {
    "our own page": ({"sec-fetch-site": "same-origin"}, True),
    "our own page, in an old browser": ({"origin": "http://a.test:80", "host": "a.test:80"}, True),
    "another site": ({"sec-fetch-site": "cross-site"}, False),
    "another site that says it is ours": (
        {"sec-fetch-site": "cross-site", "origin": "http://a.test", "host": "a.test"},
        False,
    ),
    "a neighbour": ({"sec-fetch-site": "same-site"}, False),
    "nowhere": ({"sec-fetch-site": "none"}, False),
    "another site, in an old browser": ({"origin": "http://b.test", "host": "a.test"}, False),
    "a sandbox": ({"origin": "null", "host": "a.test"}, False),
    "something that says nothing": ({"host": "a.test"}, False),
    "something that says nothing at all": ({}, False),
}


@pytest.mark.parametrize(("headers", "ours"), ASKED_FROM.values(), ids=ASKED_FROM)
def test_who_asks_is_told_by_what_browsers_say(headers: Mapping[str, str], ours: bool):
    assert is_same_origin(headers) is ours


CHANGING = [path for method, path, _ in PAGES if method != "GET" and not path.startswith("/websub/")]


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_nothing_is_changed_for_another_site_s_page(unguarded: httpx.Client, path: str, site: str | None):
    headers = {"Sec-Fetch-Site": site} if site else {}
    assert unguarded.post(path, headers=headers).status_code == 403


# --- Credentials ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for method, path, _ in PAGES if method == "GET" and not path.startswith(OPEN)])
def test_no_page_is_shown_without_the_password(guarded: httpx.Client, path: str):
    assert guarded.get(path).status_code == 401
    answer = guarded.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


def test_the_password_opens_a_session_that_ends_with_logging_out(guarded: httpx.Client):
    answer = guarded.post("/login", data={"password": PASSWORD, "next": "/?a=1"}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?a=1")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert guarded.get("/").status_code == 200
    assert guarded.post("/logout", headers=OURS).status_code == 303
    assert guarded.get("/").status_code == 401


def test_a_session_of_another_password_or_a_forged_one_is_none(guarded: httpx.Client):
    other = Access(WebSettings.model_validate({"password": "another password"})).session()
    for cookie in (other, "reader", "reader.x.y", ""):
        guarded.cookies.set("monitor_session", cookie)
        assert guarded.get("/").status_code == 401


def test_a_password_may_be_written_as_its_hash():
    known = hashed(PASSWORD)
    assert PASSWORD not in known
    access = Access(WebSettings.model_validate({"password": known}))
    assert access.is_password(PASSWORD)
    assert not access.is_password(known)
    assert not is_hash_of("scrypt:none", PASSWORD)


def test_after_five_wrong_passwords_nobody_is_asked_any_more(guarded: httpx.Client):
    statuses = [guarded.post("/login", data={"password": "wrong"}, headers=OURS).status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    assert guarded.post("/login", data={"password": PASSWORD}, headers=OURS).status_code == 429


def test_tries_are_forgiven_after_a_minute_and_counted_over_all_addresses():
    throttle = Throttle()
    assert [throttle.admits("a", 0.0) for _ in range(6)] == [True] * 5 + [False]
    assert throttle.admits("a", 61.0)
    assert sum(throttle.admits(f"address {number}", 62.0) for number in range(100)) == throttle.IN_ALL - 1


def test_a_token_opens_what_it_is_for(guarded: httpx.Client):
    assert guarded.get("/", headers=bearer(LOOKER)).status_code == 200
    assert guarded.get("/", headers=bearer("x" * 32)).status_code == 401
    assert guarded.post("/logout", headers=bearer(LOOKER)).status_code == 403
    assert guarded.post("/logout", headers=bearer(TOKEN)).status_code == 303
    basic = base64.b64encode(f"reader:{LOOKER}".encode()).decode()
    assert guarded.get("/", headers={"Authorization": f"Basic {basic}"}).status_code == 200
    assert guarded.get("/", headers={"Authorization": "Basic !"}).status_code == 401


ELSEWHERE = [
    "//evil.test", "/\\evil.test", "https:evil.test", "https://evil.test", "///evil.test", "\\\\evil.test",
    "javascript:alert(1)", "", "evil.test", "/\n/evil.test", "http:///evil.test", "/\t/evil.test",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_logging_in_leads_to_no_other_site(guarded: httpx.Client, target: str):
    answer = guarded.post("/login", data={"password": PASSWORD, "next": target}, headers=OURS)
    assert answer.headers["location"] == "/"
    assert inside("/feeds?x=//evil.test") == "/feeds?x=//evil.test"


# --- What browsers are told -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/nowhere", "/healthz", "/static/page.css", "/login"])
def test_every_answer_says_what_browsers_must_refuse(unguarded: httpx.Client, path: str):
    headers = unguarded.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_what_is_not_there_is_told_in_a_page(unguarded: httpx.Client):
    answer = unguarded.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
