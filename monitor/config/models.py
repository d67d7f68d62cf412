"""The shape of ``monitor.yaml``, typed and frozen. ``Story`` and its parts are in ``domain``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    SecretStr,
)

from monitor.config.durations import format_duration, format_rate, parse_duration, parse_rate
from monitor.domain import ExpectationState, Novelty, Story

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration, json_schema_input_type=str),
    PlainSerializer(format_duration, return_type=str),
]

#: Held as the least time between two messages.
Rate = Annotated[
    timedelta,
    BeforeValidator(parse_rate, json_schema_input_type=str),
    PlainSerializer(format_rate, return_type=str),
]


def read_network(value: object) -> IPv4Network | IPv6Network:
    """Read ``10.0.0.0/8`` or a single address. ValueError for anything else."""
    try:
        return ip_network(str(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is no network; write it as in 127.0.0.2/32") from error


def read_wall_time(value: object) -> time:
    """Read ``22:00``; YAML reads it as a number, 22 times 60, where it is not quoted. ValueError for anything else."""
    if isinstance(value, time):
        return value
    text = f"{value // 60}:{value % 60:02}" if isinstance(value, int) else str(value)
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ValueError(f"{value!r} is no time of day; write it as in 22:00")
    return time(int(found[1]), int(found[2]))


WallTime = Annotated[
    time,
    PlainValidator(read_wall_time, json_schema_input_type=str),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
]
Moment = Annotated[datetime, AfterValidator(lambda value: value if value.tzinfo else value.replace(tzinfo=UTC))]


def read_mailbox(value: object) -> Address:
    """Read ``watch@example.org`` or ``Night watch <watch@example.org>``. ValueError for anything else."""
    text = str(value)
    name, address = parseaddr(text)
    try:
        mailbox = Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise ValueError(f"{text!r} is no mail address") from error
    if not mailbox.username or not mailbox.domain or not text.isprintable() or not address.isascii():
        raise ValueError(f"{text!r} is no mail address; write it as in watch@example.org")
    return mailbox


Mailbox = Annotated[Address, PlainValidator(read_mailbox, json_schema_input_type=str), PlainSerializer(str)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(read_network, json_schema_input_type=str)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]


class Settings(BaseModel):
    """A part of the configuration: frozen, and a key we do not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StorageSettings(Settings):
    url: str = Field("sqlite:///var/monitor.db", description="Database; `DATABASE_URL` in the environment wins.")
    keep: Duration = Field(
        timedelta(days=90), ge=timedelta(days=1), description="Time that entries which belong to no story are kept."
    )


class NetworkSettings(Settings):
    allow: tuple[Network, ...] = Field(
        (), description="Private addresses that may be reached all the same, as networks."
    )


class PollingSettings(Settings):
    interval: Duration = Field(timedelta(hours=1), gt=timedelta(0), description="Time between two polls of a feed.")
    min_interval: Duration = Field(
        timedelta(minutes=15), gt=timedelta(0), description="Never more often than this, whatever a feed asks for."
    )
    concurrency: int = Field(32, ge=1, le=512, description="Feeds polled at once; one at a time for each host.")
    timeout: Duration = Field(
        timedelta(seconds=30), gt=timedelta(0), description="Total time for one poll, from name look-up to last byte."
    )
    max_body_bytes: int = Field(
        10 * 1024 * 1024, ge=1024, description="Largest document read, after decompression; a larger one is an error."
    )
    prime: bool = Field(True, description="The first poll of a feed stores what is there and tells nothing of it.")
    pushed_interval: Duration = Field(
        timedelta(hours=6), gt=timedelta(0), description="Time between two polls of a feed whose hub pushes (WebSub)."
    )


class FeedSettings(Settings):
    url: str = Field(pattern=r"^https?://\S+$", description="Address of the RSS, Atom or JSON feed.")
    title: str = Field("", description="What to call it; left out, its own title.")
    tags: tuple[str, ...] = Field((), description="For queries (`tag:`) and lists.")
    interval: Duration | None = Field(None, gt=timedelta(0), description="Its own time between polls.")


class RatedChannel(Settings):
    """A channel whose receiver may be spared."""

    rate: Rate | None = Field(None, description="At most so many messages, as in `30/m`; left out: as they come.")


class WebhookChannel(RatedChannel):
    type: Literal["webhook"]
    id: Id = Field(description="Name of the channel; digests refer to it.")
    url: SecretStr = Field(description="Where digests are posted. Treated as a secret.")
    secret: SecretStr = Field(description="`whsec_` and the base64 of 24 to 64 bytes; signs every message.")
    previous_secret: SecretStr | None = Field(
        None, description="The secret before this one: messages are signed with both while receivers change over."
    )
    previous_until: Moment | None = Field(
        None, description="When the previous secret stops to sign; left out: when it is taken out of the file."
    )
    timeout: Duration = Field(timedelta(seconds=15), gt=timedelta(0), description="Time the receiver has to answer.")


class ConsoleChannel(Settings):
    type: Literal["console"]
    id: Id = Field(description="Name of the channel; digests refer to it.")


class FileChannel(Settings):
    type: Literal["file"]
    id: Id = Field(description="Name of the channel; digests refer to it.")
    path: Path = Field(Path("var/digests"), description="Folder that gets each digest as JSON, HTML and text.")
    atom: bool = Field(False, description="Keep `digests.atom` there as well: the latest 30 as a feed.")


class ChatChannel(RatedChannel):
    """Slack, Discord or Teams: an incoming webhook of theirs."""

    type: Literal["slack", "discord", "teams"]
    id: Id = Field(description="Name of the channel; digests refer to it.")
    url: SecretStr = Field(description="The webhook's address. Treated as a secret.")
    rate: Rate | None = Field(timedelta(seconds=1), description="At most so many messages; Slack takes one a second.")
    timeout: Duration = Field(timedelta(seconds=15), gt=timedelta(0), description="Time the service has to answer.")


class EmailChannel(RatedChannel):
    type: Literal["email"]
    id: Id = Field(description="Name of the channel; digests refer to it.")
    host: str = Field(min_length=1, description="The SMTP server that takes the mail.")
    port: int | None = Field(
        None, ge=1, le=65535, description="Its port; left out: 587 for `starttls`, 465 for `ssl`, 25 for `none`."
    )
    tls: Literal["starttls", "ssl", "none"] = Field("starttls", description="How the connection is kept private.")
    user: str = Field("", description="Name to log in with; empty: no login.")
    password: SecretStr = Field(SecretStr(""), description="Password to log in with.")
    sender: Mailbox = Field(alias="from", description="Whom it is from: `watch@example.org`, or with a name before it.")
    to: tuple[Mailbox, ...] = Field(min_length=1, max_length=100, description="Who gets it, all in one mail.")
    unsubscribe: str = Field(
        "",
        pattern=r"^((https|mailto):[^\s<>]+)?$",
        description="Address for `List-Unsubscribe`: `mailto:` or `https:`.",
    )
    timeout: Duration = Field(
        timedelta(seconds=30), gt=timedelta(0), description="Time the server has for each of its answers."
    )


class AppriseChannel(RatedChannel):
    type: Literal["apprise"]
    id: Id = Field(description="Name of the channel; digests refer to it.")
    url: SecretStr = Field(description="Address of the service as Apprise writes it. Treated as a secret.")


ChannelSettings = Annotated[
    WebhookChannel | ConsoleChannel | FileChannel | ChatChannel | EmailChannel | AppriseChannel,
    Field(discriminator="type"),
]


class QuietHoursSettings(Settings):
    start: WallTime = Field(alias="from", description="When they begin, wall time in the digest's zone.")
    end: WallTime = Field(alias="to", description="When they end; earlier than `from`: the next morning.")


class AlertSettings(Settings):
    storylines: tuple[str, ...] = Field((), description="The entry is in one of these; empty: in any.")
    novelty: tuple[Novelty, ...] = Field(
        (Novelty.FIRST, Novelty.NEW_FACT), min_length=1, description="What the entry adds is one of these."
    )
    score: float = Field(0.0, ge=0, le=1, description="Its score in such a storyline is at least this.")
    expectations: tuple[ExpectationState, ...] = Field(
        (), description="It is the first to bring something that the storyline expects into one of these states."
    )
    query: str = Field("", description="It answers this, in the query language of the story files.")
    urgent: bool = Field(False, description="Told within quiet hours too.")


class DigestSettings(Settings):
    id: Id = Field(description="Name of the digest.")
    story: str = Field(description="The story it tells of.")
    channels: tuple[str, ...] = Field(min_length=1, description="Channels that get it.")
    schedule: str = Field(description="Five cron fields, or `every 15m`.")
    zone: str = Field("UTC", description="Time zone of the schedule, as in `Europe/Berlin`.")
    empty: Literal["withhold", "send"] = Field("withhold", description="What to do when there is nothing new.")
    language: str | None = Field(None, description="Of an event's reports one in this language leads, as in `en`.")
    quiet_hours: QuietHoursSettings | None = Field(
        None, description="Nothing is sent between these wall times; what was held is told at their end."
    )
    settle: Duration = Field(timedelta(0), description="An event waits so long for its reports before it is told.")
    min_gap: Duration = Field(timedelta(0), description="Least time between two editions; alerts do not wait for it.")
    floor: float = Field(0.0, ge=0, le=1, description="An event that fits no storyline as well as this is not told.")
    alert: tuple[AlertSettings, ...] = Field((), description="What cannot wait for the next slot.")
    alert_gap: Duration = Field(timedelta(hours=1), description="Least time between two alerts of this digest.")


class TokenSettings(Settings):
    name: Id = Field(description="Who it was given to; shown in the log instead of the token.")
    token: SecretStr = Field(description="Sent as `Authorization: Bearer ...`; at least 20 characters.")
    scopes: tuple[Literal["read", "write"], ...] = Field(
        ("read",), min_length=1, description="`read`: see everything; `write`: change and send too."
    )


class WebSettings(Settings):
    bind: str = Field("127.0.0.1:8080", description="Address and port of the page; empty: there is none.")
    public_url: str = Field(
        "", description="Address under which `bind` is reached from outside, by hubs for WebSub and in links."
    )
    password: SecretStr | None = Field(
        None,
        description="Opens the page; as it is, or as `monitor web --hash` prints it. None: this machine may look.",
    )
    tokens: tuple[TokenSettings, ...] = Field(
        (), description="Programs that may ask, for the API and for feed readers."
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Further names under which the page may be asked for, as in `watch.example.org`."
    )


class Config(Settings):
    """Everything that was configured, checked as a whole. Handed over, never imported."""

    storage: StorageSettings = Field(StorageSettings(), description="Where the monitor keeps what it knows.")
    network: NetworkSettings = Field(NetworkSettings(), description="Which addresses may be reached.")
    polling: PollingSettings = Field(PollingSettings(), description="How feeds are polled.")
    feeds: tuple[FeedSettings, ...] = Field((), description="What is polled.")
    channels: tuple[ChannelSettings, ...] = Field((), description="Ways to reach people.")
    digests: tuple[DigestSettings, ...] = Field((), description="Who is told of which story, where and when.")
    web: WebSettings = Field(WebSettings(), description="The page, the API and WebSub.")
    stories: tuple[Story, ...] = Field((), description="Read from `stories/*.yaml`, one file a story.")

    def story(self, story_id: str) -> Story:
        """The story of that name; KeyError when there is none."""
        for story in self.stories:
            if story.story == story_id:
                return story
        raise KeyError(story_id)
