"""A real SMTP server on loopback (aiosmtpd), which refuses whom a test names."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from monitor.delivery.channels import Answer
from monitor.delivery.channels.email import PATIENCE, EmailChannel
from monitor.digests.render import mail
from monitor.domain import Outcome
from monitor.errors import DeliveryError
from tests.delivery.channels.smtp import Server, serving
from tests.delivery.factories import a_delivery
from tests.digests.render import judges
from tests.digests.samples import HOSTILE, a_hostile_digest, a_rich_digest
from tests.factories import NOON

#: Vouches for itself, with its key, for 127.0.0.1; made for these tests.
CERTIFICATE = Path(__file__).parent / "data/loopback.pem"
UTC = ZoneInfo("UTC")
PASSWORD = "correct horse battery"
ENVELOPE = mail.Envelope(
    sender=Address("Night watch", addr_spec="watch@news.test"),
    to=(Address(addr_spec="ann@news.test"), Address(addr_spec="bob@news.test")),
)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def port(server: Server) -> Iterator[int]:
    with serving(server) as port:
        yield port


def channel(port: int, **changes: Any) -> EmailChannel:
    fields: dict[str, Any] = {
        "id": "mail",
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "user": "",
        "password": "",
        "sender": "watch@news.test",
        "to": ("ann@news.test", "bob@news.test"),
        "render": lambda digest: [],
        "timeout_s": 5.0,
    }
    return EmailChannel(**(fields | changes))


BODY = mail.render(a_rich_digest(), UTC, ENVELOPE)


def refusal(made: EmailChannel, **changes: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        made.send(a_delivery(body=BODY, **changes), NOON)
    return caught.value


def test_everybody_gets_the_mail_as_it_was_written(server: Server, port: int):
    assert channel(port).send(a_delivery(body=BODY), NOON) == Answer(status=250, detail="taken as 4711")
    (got,) = server.mails
    assert (got.mail_from, got.rcpt_tos, got.content) == (
        "watch@news.test",
        ["ann@news.test", "bob@news.test"],
        BODY,
    )


@pytest.mark.parametrize("stranger", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_arrives_and_adds_no_recipient_and_no_header(server: Server, port: int, stranger: str):
    body = mail.render(a_hostile_digest(stranger), UTC, ENVELOPE)
    channel(port).send(a_delivery(body=body), NOON)
    (got,) = server.mails
    assert got.rcpt_tos == ["ann@news.test", "bob@news.test"]
    assert isinstance(got.content, bytes)
    judges.mail(got.content)


def test_while_one_recipient_is_refused_for_now_nobody_gets_it(server: Server, port: int):
    server.replies["bob@news.test"] = "450 greylisted"
    error = refusal(channel(port))
    assert (error.outcome, error.status, error.answer) == (Outcome.RETRY, 450, "greylisted")
    assert "bob@news.test" in str(error)
    assert server.mails == []
    del server.replies["bob@news.test"]
    channel(port).send(a_delivery(body=BODY, attempts=1), NOON)
    assert [got.rcpt_tos for got in server.mails] == [["ann@news.test", "bob@news.test"]]


def test_a_full_mailbox_does_not_keep_the_others_waiting_for_days(server: Server, port: int):
    server.replies["bob@news.test"] = "452 mailbox full"
    answer = channel(port).send(a_delivery(body=BODY, attempts=PATIENCE), NOON)
    assert answer.detail == "taken as 4711; bob@news.test was refused: 452 mailbox full"
    assert [got.rcpt_tos for got in server.mails] == [["ann@news.test"]]


def test_who_is_refused_for_good_is_named_and_the_others_get_theirs(server: Server, port: int):
    server.replies["ann@news.test"] = "550 no such user"
    answer = channel(port).send(a_delivery(body=BODY), NOON)
    assert answer.detail == "taken as 4711; ann@news.test was refused: 550 no such user"
    assert [got.rcpt_tos for got in server.mails] == [["bob@news.test"]]


def test_when_all_are_refused_for_good_it_is_not_tried_again(server: Server, port: int):
    server.replies |= {"ann@news.test": "550 no such user", "bob@news.test": "550 no such user"}
    assert refusal(channel(port)).outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("451 try later", Outcome.RETRY), ("554 looks like spam", Outcome.REJECTED), ("552 too large", Outcome.REJECTED)],
)
def test_a_mail_that_is_refused_after_its_data(server: Server, port: int, reply: str, outcome: Outcome):
    server.replies["data"] = reply
    assert refusal(channel(port)).outcome is outcome


def test_nobody_who_listens_is_tried_again(port: int):
    assert refusal(channel(1)).outcome is Outcome.RETRY


def test_a_server_without_starttls_gets_nothing(server: Server, port: int):
    error = refusal(channel(port, tls="starttls", user="watch", password=PASSWORD))
    assert error.outcome is Outcome.RETRY
    assert "STARTTLS" in str(error)
    assert server.mails == []


@pytest.fixture
def certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.mark.parametrize("tls", ["starttls", "ssl"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_mail_goes_only_to_a_server_whose_certificate_somebody_vouches_for(
    server: Server, certificate: ssl.SSLContext, tls: str, known: bool, monkeypatch: pytest.MonkeyPatch
):
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    options = {"tls_context": certificate} if tls == "starttls" else {"ssl_context": certificate}
    with serving(server, **options) as port:
        if known:
            channel(port, tls=tls).send(a_delivery(body=BODY), NOON)
        else:
            error = refusal(channel(port, tls=tls))
            assert error.outcome is Outcome.RETRY
            assert "certificate" in str(error)
    assert len(server.mails) == known


@pytest.mark.parametrize(("password", "taken"), [(PASSWORD, True), ("wrong password", False)], ids=["right", "wrong"])
def test_the_password_is_needed_and_shown_nowhere(
    server: Server, certificate: ssl.SSLContext, password: str, taken: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    def authenticate(*said: Any) -> AuthResult:
        given = said[-1]
        return AuthResult(
            success=isinstance(given, LoginPassword) and given.password == PASSWORD.encode(), handled=False
        )

    with serving(server, tls_context=certificate, authenticator=authenticate, auth_required=True) as port:
        made = channel(port, tls="starttls", user="watch", password=password)
        assert password not in repr(made)
        if taken:
            made.send(a_delivery(body=BODY), NOON)
        else:
            error = refusal(made)
            assert (error.outcome, error.status) == (Outcome.RETRY, 535)
            assert password not in f"{error} {error.answer}"
    assert len(server.mails) == taken


def test_people_see_who_gets_it_and_by_which_server(port: int):
    assert channel(port).place == "ann@news.test, bob@news.test by 127.0.0.1"
