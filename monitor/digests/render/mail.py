"""The digest as a mail: text and HTML, with the headers that let mail programs thread, file and not answer it.

The same digest gives the same bytes: the ids are made from its names, the date is the end of its window.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from monitor.digests.render import text, words
from monitor.digests.render.html import environment
from monitor.domain import Digest

#: Gmail cuts a mail off near 102 kB.
MAX_BYTES = 100_000
MAX_SUBJECT = 150
#: Hex digits in a message id: few enough that a line of 78 characters holds one, with a domain of usual length.
ID_DIGITS = 24

_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Between whom the mails of a channel go."""

    sender: Address
    to: tuple[Address, ...]
    #: For ``List-Unsubscribe``: a mailto: or https: address; empty: no such header.
    unsubscribe: str = ""


def render(digest: Digest, zone: ZoneInfo, envelope: Envelope) -> bytes:
    """Return the whole message, in lines of 7-bit characters. Times are shown in ``zone``, which is named.

    All mails of a story name one ancestor that was never sent (RFC 5322 §3.6.4), so they form a thread.
    """
    domain = envelope.sender.domain
    ancestor = f"<{_digits(digest.channel, digest.story)}@{domain}>"
    own = _digits(digest.channel, digest.digest_id, str(digest.sequence), str(digest.part))
    message = EmailMessage(_POLICY)
    message["From"] = envelope.sender
    message["To"] = envelope.to
    message["Subject"] = subject(digest)
    message["Date"] = format_datetime(digest.window.end.astimezone(zone))
    message["Message-ID"] = f"<{own}@{domain}>"
    message["In-Reply-To"] = ancestor
    message["References"] = ancestor
    message["List-Id"] = f"<{digest.story}.{digest.channel}.{domain}>"
    if envelope.unsubscribe:
        message["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice answers it
    message.set_content(text.render(digest, zone))
    message.add_alternative(_html("mail.html", digest, zone), subtype="html")
    message.set_boundary(f"=_{own}")  # else it would be random
    return message.as_bytes()


def fits(body: bytes) -> bool:
    return len(body) <= MAX_BYTES


def subject(digest: Digest) -> str:
    """The story, and the headline that leads; one line."""
    lead = f": {words.clean(digest.events[0].title)}" if digest.events else ": nothing new"
    end = words.numbered(digest)
    return f"{words.clean(f'{words.clean(digest.title, 60)}{lead}', MAX_SUBJECT - len(end))}{end}"


def fragment(digest: Digest, zone: ZoneInfo) -> str:
    """The HTML of the mail's body alone, as a feed entry holds it."""
    return _html("mail_body.html", digest, zone)


def _html(template: str, digest: Digest, zone: ZoneInfo) -> str:
    return environment().get_template(template).render(digest=digest, zone=zone, words=words)


def _digits(*names: str) -> str:
    return sha256("\0".join(names).encode()).hexdigest()[:ID_DIGITS]
