"""Digests: what was sent, what would be sent now, and sending without waiting for the slot."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.cli.common import DEFAULT_CONFIG, At, ConfigDir, Json, fail, moment, out, show, stamp, tools_for

if TYPE_CHECKING:
    from monitor.config.models import Config, DigestSettings

digest = typer.Typer(no_args_is_help=True)

DigestName = Annotated[str | None, typer.Argument(help="Which digest; needed only where there are several.")]


def pick_digest(config: Config, name: str | None) -> DigestSettings:
    known = {settings.id: settings for settings in config.digests}
    if name is None and len(known) == 1:
        return config.digests[0]
    if name in known:
        return known[name]
    fail(f"say which digest: {', '.join(known)}" if known else "no digest is configured", code=2)


@digest.command("preview")
def preview_digest(
    name: DigestName = None,
    config: ConfigDir = DEFAULT_CONFIG,
    at: At = None,
    channel: Annotated[str | None, typer.Option(help="As this channel would get it; else the first.")] = None,
    as_json: Json = False,
) -> None:
    """Show what would be sent now and what the rules hold back, and why; send nothing."""
    with tools_for(config) as tools:
        from monitor.digests.render import payload, text
        from monitor.digests.rules import waits
        from monitor.pipeline import Occasion, edition
        from monitor.storage import digests

        settings = pick_digest(tools.config, name)
        if channel is not None and channel not in settings.channels:
            fail(f"digest {settings.id} does not go to {channel!r}; it goes to {', '.join(settings.channels)}")
        now = moment(at) or datetime.now(UTC)
        with tools.store.read() as connection:
            after = min(digests.start_of(connection, settings.id) or now, now)
            to = channel or settings.channels[0]
            occasion = Occasion(settings=settings, slot="preview", after=after, now=now, reason="preview")
            found = edition(connection, occasion, to, tools)
            held = waits(tools.rules[settings.id], now, digests.last_sent(connection, settings.id))
        if as_json:
            out(payload.render(found.digest).decode())
            return
        zone = ZoneInfo(settings.zone)
        out(text.render(found.digest, zone))
        if held:
            out(f"A slot that comes now waits until {held.until.astimezone(zone):%d %b %H:%M}: {held.why}.")
        for hold in found.held:
            until = f" until {hold.until.astimezone(zone):%d %b %H:%M}" if hold.until else ""
            out(f"held back, {hold.why.value}{until}: {hold.event.reports[0].entry.title} ({len(hold.entries)} new)")


@digest.command("send")
def send_digest(name: DigestName = None, config: ConfigDir = DEFAULT_CONFIG, at: At = None) -> None:
    """Compose a digest now, whatever its schedule says, and deliver it."""
    now = moment(at)
    with tools_for(config, now=now, exclusive=True) as tools:
        from monitor.domain import Outcome
        from monitor.pipeline import request_digest
        from monitor.scheduling import deliver_due, wall_clock

        clock = wall_clock if now is None else lambda: now
        owed = request_digest(pick_digest(tools.config, name), tools, clock())
        if not owed:
            out("Nothing new to tell.")
            return
        attempts = {attempt.delivery_id: attempt for attempt in deliver_due(tools, clock, threading.Event())}
        failed = False
        for delivery in owed:
            attempt = attempts.get(delivery.id)
            delivered = attempt is not None and attempt.outcome is Outcome.DELIVERED
            failed |= not delivered
            came = (
                "delivered"
                if delivered
                else f"not delivered: {attempt.detail if attempt else 'the channel is disabled'}"
            )
            typer.echo(f"{delivery.channel}: {came}", err=True)
        if failed:
            raise typer.Exit(1)


@digest.command("list")
def list_digests(
    config: ConfigDir = DEFAULT_CONFIG,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, latest first.")] = 20,
    as_json: Json = False,
) -> None:
    """Which digests were composed, latest first."""
    with tools_for(config) as tools:
        from monitor.storage import digests

        with tools.store.read() as connection:
            found = digests.list_digests(connection, limit=limit)
        rows = [
            {
                "digest": row.digest,
                "slot": row.slot,
                "composed": stamp(row.composed_at),
                "status": "withheld" if row.withheld else "composed",
                "channels": ", ".join(row.channels),
            }
            for row in found
        ]
        columns = ("digest", "slot", "composed", "status", "channels")
        show(rows, columns, as_json=as_json, empty="No digest yet: `monitor digest preview` shows the next.")
