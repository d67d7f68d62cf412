"""A digest as a mail, handed to one SMTP server (RFC 5321).

The server is the operator's own word, no stranger's: it is dialled as it stands, also at a private address, where mail
servers usually are. Its certificate is checked.

All recipients are in one message. While one of them is refused for now, nobody gets it and all are tried again later,
so that a repeat reaches nobody twice. Whoever is refused for good, or for longer than ``PATIENCE``, is named in the
answer, and the others get theirs.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.delivery.channels import Answer, Render
from monitor.delivery.channels.posting import tidied
from monitor.domain import Delivery, Outcome
from monitor.errors import DeliveryError

#: Tries, some three hours: longer than greylisting lasts, and no full mailbox keeps the others waiting for days.
PATIENCE = 4
PORTS = {"starttls": 587, "ssl": 465, "none": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChannel:
    id: str
    host: str
    port: int
    tls: Literal["starttls", "ssl", "none"]
    #: Empty: no login.
    user: str
    password: str = field(repr=False)
    #: Plain addresses, as the envelope has them.
    sender: str
    to: tuple[str, ...]
    render: Render
    #: Time for each answer of the server, > 0.
    timeout_s: float
    content_type: str = "message/rfc822"

    @property
    def place(self) -> str:
        return f"{', '.join(self.to)} by {self.host}"

    def send(self, delivery: Delivery, now: datetime) -> Answer:  # noqa: ARG002 - a Channel
        """Hand the mail over once. DeliveryError: nobody got it."""
        try:
            server = self._connect()
            try:
                return self._hand_over(server, delivery)
            finally:
                with suppress(smtplib.SMTPException, OSError):  # what it said of the mail stands
                    server.quit()
                server.close()
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            reason = f"{self.host} cannot be used: {self._tidied(str(error)) or type(error).__name__}"
            raise DeliveryError(reason, Outcome.RETRY) from error

    def _connect(self) -> smtplib.SMTP:
        own_name = self.sender.rpartition("@")[2]  # else our name would be looked up, which may take long
        if self.tls == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, own_name, timeout=self.timeout_s, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, own_name, timeout=self.timeout_s)
        try:
            if self.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, delivery: Delivery) -> Answer:
        server.ehlo_or_helo_if_needed()
        _expect(server.mail(self.sender))
        refused: dict[str, tuple[int, bytes]] = {}
        for recipient in self.to:
            code, said = server.rcpt(recipient)
            if code not in (250, 251):
                refused[recipient] = (code, said)
            if 400 <= code <= 499 and delivery.attempts < PATIENCE:
                raise self._refused(code, said, recipient)
        if len(refused) == len(self.to):
            recipient, (code, said) = next(iter(refused.items()))
            raise self._refused(code, said, recipient)
        code, said = _expect(server.data(delivery.body))
        told = [f"{recipient} was refused: {code} {self._tidied(why)}" for recipient, (code, why) in refused.items()]
        return Answer(status=code, detail="; ".join([self._tidied(said), *told]))

    def _refused(self, code: int, said: bytes | str, recipient: str = "") -> DeliveryError:
        """4xx passes, 5xx stays (RFC 5321 §4.2.1); a login that fails is mended by people, so it is tried again."""
        login = code in (530, 534, 535, 538)
        outcome = Outcome.REJECTED if 500 <= code <= 599 and not login else Outcome.RETRY
        whom = f" to {recipient}" if recipient else ""
        return DeliveryError(f"{self.host} answered {code}{whom}", outcome, status=code, answer=self._tidied(said))

    def _tidied(self, said: bytes | str) -> str:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return tidied(text, [self.password] if self.password else [])


def _expect(answer: tuple[int, bytes]) -> tuple[int, bytes]:
    code, said = answer
    if not 200 <= code <= 299:
        raise smtplib.SMTPResponseException(code, said)
    return answer
