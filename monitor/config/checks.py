"""What no single key can know: references that dangle, ids that repeat, queries and schedules that cannot be read."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.config.durations import format_duration
from monitor.config.models import (
    AppriseChannel,
    ChannelSettings,
    ChatChannel,
    Config,
    DigestSettings,
    EmailChannel,
    WebhookChannel,
    WebSettings,
)
from monitor.config.reading import Path_
from monitor.digests.schedule import parse_schedule
from monitor.domain import ExpectationState, without_login
from monitor.matching.check import problems as matching_problems
from monitor.matching.check import query_problems

#: A mistake before it is placed in its file: path in the whole configuration, message, hint.
Mistake = tuple[Path_, str, str]
#: A token is made by a machine and never typed; a password is held back by the page's limit on tries.
SHORTEST_TOKEN, SHORTEST_PASSWORD = 20, 8
#: Standard Webhooks 1.0 asks for a secret of 24 to 64 random bytes.
SECRET_BYTES = range(24, 65)
SECRET_HINT = "make one with: echo whsec_$(head -c 32 /dev/urandom | base64)"  # noqa: S105 - says how, holds none


def check(config: Config) -> Iterator[Mistake]:
    """Yield every mistake that shows only when the configuration is seen as a whole."""
    yield from _repeats("feeds", "url", [feed.url for feed in config.feeds])
    yield from _repeats("channels", "id", [channel.id for channel in config.channels])
    yield from _repeats("digests", "id", [digest.id for digest in config.digests])
    yield from _repeats("stories", "story", [story.story for story in config.stories])
    yield from _polling(config)
    for n, channel in enumerate(config.channels):
        yield from _channel(("channels", n), channel)
    for n, digest in enumerate(config.digests):
        here: Path_ = ("digests", n)
        yield from _reference((*here, "story"), digest.story, "story", [story.story for story in config.stories])
        for k, channel_id in enumerate(digest.channels):
            known = [channel.id for channel in config.channels]
            yield from _reference((*here, "channels", k), channel_id, "channel", known)
        yield from _schedule(here, digest.schedule, digest.zone)
        yield from _rules(here, digest, config)
    for n, story in enumerate(config.stories):
        yield from _repeats(("stories", n, "topics"), "id", [topic.id for topic in story.topics])
        yield from _repeats(("stories", n, "storylines"), "id", [line.id for line in story.storylines])
        for path, message, hint in matching_problems(story):
            yield ("stories", n, *path), message, hint
    yield from _repeats(("web", "tokens"), "name", [token.name for token in config.web.tokens])
    yield from _bind(config.web)
    yield from _credentials(config.web)
    yield from _public_url(config.web)


def _repeats(prefix: str | Path_, key: str, values: Iterable[str]) -> Iterator[Mistake]:
    path: Path_ = (prefix,) if isinstance(prefix, str) else prefix
    seen: Counter[str] = Counter()
    for n, value in enumerate(values):
        if seen[value]:
            yield (*path, n, key), f"{without_login(value)!r} is given twice", "keep one of the two"
        seen[value] += 1


def _reference(path: Path_, name: str, kind: str, known: list[str]) -> Iterator[Mistake]:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = (
            f'did you mean "{near[0]}"?' if near else f"there {'is' if len(known) == 1 else 'are'}: {', '.join(known)}"
        )
        yield path, f"there is no {kind} {name!r}", hint if known else f"no {kind} is configured"


def _polling(config: Config) -> Iterator[Mistake]:
    floor = config.polling.min_interval
    if "min_interval" not in config.polling.model_fields_set:
        return  # the default gives way to an interval that somebody wrote down
    if config.polling.interval < floor:
        yield ("polling", "interval"), f"is below min_interval, {format_duration(floor)}", "lower min_interval too"
    for n, feed in enumerate(config.feeds):
        if feed.interval is not None and feed.interval < floor:
            yield ("feeds", n, "interval"), f"is below polling.min_interval, {format_duration(floor)}", "lower that too"


def _channel(path: Path_, channel: ChannelSettings) -> Iterator[Mistake]:
    if isinstance(channel, WebhookChannel | ChatChannel):
        address = urlsplit(channel.url.get_secret_value())
        if address.scheme not in {"http", "https"} or not address.hostname:
            yield (*path, "url"), "is no web address", "it begins with https://"
    if isinstance(channel, WebhookChannel):
        yield from _secrets(path, channel)
    if isinstance(channel, EmailChannel) and channel.tls == "none" and channel.user:
        yield (*path, "tls"), "would send the password for all to read", "use starttls or ssl"
    if isinstance(channel, AppriseChannel) and find_spec("apprise") is None:
        yield (*path, "type"), "the package apprise is missing", "pip install 'storyline-monitor[apprise]'"


def _secrets(path: Path_, channel: WebhookChannel) -> Iterator[Mistake]:
    for key, value in (("secret", channel.secret), ("previous_secret", channel.previous_secret)):
        if value is not None and not _is_secret(value.get_secret_value()):
            yield (*path, key), "must be whsec_ and the base64 of 24 to 64 bytes", SECRET_HINT
    if channel.previous_until is not None and channel.previous_secret is None:
        yield (*path, "previous_until"), "ends nothing: there is no previous_secret", "leave it out"


def _is_secret(secret: str) -> bool:
    try:
        size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except binascii.Error:
        return False
    return secret.startswith("whsec_") and size in SECRET_BYTES


def _schedule(path: Path_, schedule: str, zone: str) -> Iterator[Mistake]:
    try:
        parse_schedule(schedule)
    except ValueError as error:
        yield (*path, "schedule"), str(error), ""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield (*path, "zone"), f"there is no time zone {zone!r}", "write it as in Europe/Berlin"


def _bind(web: WebSettings) -> Iterator[Mistake]:
    host, _, port = web.bind.rpartition(":")
    if web.bind and not (host and port.isdecimal() and int(port) < 65536):
        yield ("web", "bind"), f"{web.bind!r} is no address and port", "write it as in 127.0.0.1:8080"
    elif web.bind and not _is_loopback(host.strip("[]")) and web.password is None and not web.tokens:
        hint = "set web.password, or bind 127.0.0.1 and put a proxy with a password before it"
        yield ("web", "bind"), f"{host} can be reached from other machines, and nothing guards the page", hint


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _credentials(web: WebSettings) -> Iterator[Mistake]:
    if web.password is not None and len(web.password.get_secret_value()) < SHORTEST_PASSWORD:
        yield ("web", "password"), f"is shorter than {SHORTEST_PASSWORD} characters", "take a few words"
    for n, token in enumerate(web.tokens):
        if len(token.token.get_secret_value()) < SHORTEST_TOKEN:
            hint = "make one with: head -c 32 /dev/urandom | base64"
            yield ("web", "tokens", n, "token"), f"is shorter than {SHORTEST_TOKEN} characters", hint


def _rules(path: Path_, digest: DigestSettings, config: Config) -> Iterator[Mistake]:
    hours = digest.quiet_hours
    if hours is not None and hours.start == hours.end:
        yield (*path, "quiet_hours"), "are empty: from and to are the same", "leave them out to be told at any hour"
    stories = [story for story in config.stories if story.story == digest.story]
    # A topic that no storyline names is followed by itself, under its own id.
    lines = [line.id for story in stories for line in story.storylines]
    lines += [topic.id for story in stories for topic in story.topics]
    for n, alert in enumerate(digest.alert):
        here: Path_ = (*path, "alert", n)
        if not alert.model_fields_set - {"urgent"}:
            yield here, "asks for nothing, so everything would be an alert", "name storylines, a score or a query"
        for k, line in enumerate(alert.storylines if stories else ()):
            yield from _reference((*here, "storylines", k), line, "storyline", lines)
        for k, state in enumerate(alert.expectations):
            if state in {ExpectationState.OPEN, ExpectationState.OVERDUE}:
                hint = "an alert tells of entries; what is overdue stands in every digest"
                yield (*here, "expectations", k), f"no entry makes an expectation {state.value}", hint
        for message, hint in query_problems(alert.query, stories[0]) if alert.query and stories else ():
            yield (*here, "query"), message, hint


def _public_url(web: WebSettings) -> Iterator[Mistake]:
    if not web.public_url:
        return
    try:
        address = urlsplit(web.public_url)
        usable = address.scheme in {"http", "https"} and bool(address.hostname)
    except ValueError:
        usable = False
    if not usable or address.query or address.fragment:
        yield ("web", "public_url"), "is no web address", "write it as in https://watch.example.org"
    elif not web.bind:
        yield ("web", "public_url"), "has nobody behind it, as web.bind is empty", "set bind too"
