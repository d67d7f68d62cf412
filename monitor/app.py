"""The composition root: a ``Config`` in, everything wired out. The only place that knows every room of the house."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import httpx

from monitor.config.models import (
    AlertSettings,
    AppriseChannel,
    ChannelSettings,
    ChatChannel,
    Config,
    ConsoleChannel,
    DigestSettings,
    EmailChannel,
    FileChannel,
    PollingSettings,
    RatedChannel,
    WebhookChannel,
)
from monitor.delivery.channels import Channel, apprise, chat, console, email, file, webhook
from monitor.digests.parts import in_parts
from monitor.digests.render import atom, brief, discord, html, mail, payload, slack, teams, text
from monitor.digests.rules import Alert, QuietHours, Rules
from monitor.domain import Digest, Feed
from monitor.feeds.guard import build_client
from monitor.feeds.isolation import Parser
from monitor.matching.matcher import Matcher
from monitor.meaning import beats
from monitor.pipeline import Tools
from monitor.storage import channels, digests, feedback, feeds, subscriptions
from monitor.storage.store import Store


@contextmanager
def opened(config: Config, now: datetime, *, exclusive: bool = True, shared: bool = False) -> Iterator[Tools]:
    """Everything a command needs, put away again at the end.

    now        feeds, channels and digests that are new in the configuration begin at this moment
    exclusive  refuse to work beside another monitor on the same database (StorageError); False: only look
    shared     with ``exclusive``: work beside others that share, on PostgreSQL
    """
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(config.storage.url))
        if exclusive:
            stack.enter_context(store.lock_instance(shared=shared))
        parser = stack.enter_context(Parser())
        tools = wire(config, store, parser)
        if exclusive:
            register(tools, now)
        yield tools


def wire(config: Config, store: Store, parser: Parser, client: Callable[[], httpx.Client] | None = None) -> Tools:
    """The tools that this configuration asks for, over a store and a parser that outlive it.

    client  what every request goes through; by default a guarded one for each thread
    """
    client = client or client_per_thread(config)
    with store.read() as connection:
        said = {story.story: feedback.of_story(connection, story.story) for story in config.stories}
    matchers = {story.story: Matcher(story, said[story.story]) for story in config.stories}
    return Tools(
        config=config,
        store=store,
        client=client,
        parser=parser,
        matchers=matchers,
        beats=beats([matcher.story for matcher in matchers.values()]),
        channels={settings.id: channel(settings, config, client) for settings in config.channels},
        paces={one.id: one.rate for one in config.channels if isinstance(one, RatedChannel) and one.rate},
        rules={settings.id: rules(settings, matchers[settings.story]) for settings in config.digests},
    )


def register(tools: Tools, now: datetime) -> None:
    """Tell the store what is configured; what it has not seen before begins now. Processes that start wait in line."""
    config = tools.config
    with tools.store.lock_upgrade(), tools.store.write() as connection:
        feeds.sync(connection, configured_feeds(config), now)
        subscriptions.end_unlisted(connection, now)
        channels.register(connection, [c.id for c in config.channels], now)
        digests.register(connection, [d.id for d in config.digests], now)


def configured_feeds(config: Config) -> list[Feed]:
    return [
        Feed(
            url=settings.url,
            title=settings.title,
            tags=settings.tags,
            interval=max(settings.interval or config.polling.interval, floor(config.polling)),
        )
        for settings in config.feeds
    ]


def floor(polling: PollingSettings) -> timedelta:
    """Nobody is polled more often. The default gives way to an interval that somebody wrote down: it was meant."""
    return polling.min_interval if "min_interval" in polling.model_fields_set else timedelta(0)


def client_per_thread(config: Config) -> Callable[[], httpx.Client]:
    """A guarded client for each thread: httpx's pool slows down when many connections share one."""
    local = threading.local()

    def client() -> httpx.Client:
        if not hasattr(local, "client"):
            local.client = build_client(config.network.allow, timeout_s=config.polling.timeout.total_seconds())
        found: httpx.Client = local.client
        return found

    return client


def channel(settings: ChannelSettings, config: Config, client: Callable[[], httpx.Client]) -> Channel:
    """The channel that these settings describe. A new kind of channel is a new file and a case here."""
    zone = zone_of(settings.id, config)
    match settings:
        case WebhookChannel():
            return webhook.WebhookChannel(
                id=settings.id,
                url=settings.url.get_secret_value(),
                secret=settings.secret.get_secret_value(),
                previous_secret=settings.previous_secret.get_secret_value() if settings.previous_secret else None,
                previous_until=settings.previous_until,
                client=client,
                render=partial(in_parts, render=payload.render, fits=payload.fits),
                timeout_s=settings.timeout.total_seconds(),
            )
        case ConsoleChannel():
            return console.ConsoleChannel(
                id=settings.id,
                out=sys.stdout,
                render=whole,
                show=lambda body: text.render(payload.read(body), zone),
            )
        case FileChannel():
            writers: Mapping[str, Callable[[bytes], str]] = {
                "html": lambda body: html.render(payload.read(body), zone),
                "txt": lambda body: text.render(payload.read(body), zone),
            }
            return file.FileChannel(
                id=settings.id,
                path=settings.path,
                render=whole,
                writers=writers,
                feed=(lambda bodies: atom.render([*payload.readable(bodies)], zone, channel=settings.id))
                if settings.atom
                else None,
            )
        case ChatChannel():
            rendering = {"slack": slack, "discord": discord, "teams": teams}[settings.type]
            url = settings.url.get_secret_value()
            return chat.ChatChannel(
                id=settings.id,
                url=chat.waiting(url) if settings.type == "discord" else url,
                client=client,
                render=partial(in_parts, render=partial(rendering.render, zone=zone), fits=rendering.fits),
                timeout_s=settings.timeout.total_seconds(),
            )
        case EmailChannel():
            envelope = mail.Envelope(sender=settings.sender, to=settings.to, unsubscribe=settings.unsubscribe)
            return email.EmailChannel(
                id=settings.id,
                host=settings.host,
                port=settings.port or email.PORTS[settings.tls],
                tls=settings.tls,
                user=settings.user,
                password=settings.password.get_secret_value(),
                sender=settings.sender.addr_spec,
                to=tuple(mailbox.addr_spec for mailbox in settings.to),
                render=partial(in_parts, render=partial(mail.render, zone=zone, envelope=envelope), fits=mail.fits),
                timeout_s=settings.timeout.total_seconds(),
            )
        case AppriseChannel():
            url = settings.url.get_secret_value()
            return apprise.AppriseChannel(
                id=settings.id,
                url=url,
                render=partial(
                    in_parts,
                    render=partial(brief.render, zone=zone),
                    fits=lambda body: brief.fits(body, apprise.longest(url)),
                ),
            )


def whole(digest: Digest) -> list[tuple[Digest, bytes]]:
    """The digest in one part, as the channels keep it that know no limit."""
    return [(digest, payload.render(digest))]


def rules(settings: DigestSettings, matcher: Matcher) -> Rules:
    """The rules of a digest, with the queries of its alerts compiled."""
    quiet = settings.quiet_hours
    return Rules(
        zone=ZoneInfo(settings.zone),
        quiet_hours=QuietHours(start=quiet.start, end=quiet.end) if quiet else None,
        settle=settings.settle,
        min_gap=settings.min_gap,
        floor=settings.floor,
        alerts=tuple(_alert(alert, matcher) for alert in settings.alert),
        alert_gap=settings.alert_gap,
    )


def _alert(settings: AlertSettings, matcher: Matcher) -> Alert:
    ask = matcher.asker(settings.query) if settings.query else None
    return Alert(
        storylines=frozenset(settings.storylines),
        novelty=frozenset(settings.novelty),
        score=settings.score,
        expectations=frozenset(settings.expectations),
        query=settings.query,
        answers=(lambda report: ask(report.entry, report.match)) if ask else None,
        urgent=settings.urgent,
    )


def zone_of(channel_id: str, config: Config) -> ZoneInfo:
    """Times are shown in the zone of the first digest that the channel gets."""
    zones = (digest.zone for digest in config.digests if channel_id in digest.channels)
    return ZoneInfo(next(zones, "UTC"))
