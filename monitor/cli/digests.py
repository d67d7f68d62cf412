"""Digests: what was sent, what would be sent now, and sending without waiting for the slot."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, Json, fail, moment, out, show, stamp, tools_for

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
    at: Annotated[str | None, typer.Option(help="The time it is taken to be, as in 2026-03-12T08:00:00Z.")] = None,
    channel: Annotated[str | None, typer.Option(help="As this channel would get it; else the first.")] = None,
    as_json: Json = False,
) -> None:
    """Show what would be sent now, and send nothing."""
    with tools_for(config) as tools:
        from monitor.digests.render import payload, text
        from monitor.pipeline import edition
        from monitor.storage import outbox

        settings = pick_digest(tools.config, name)
        if channel is not None and channel not in settings.channels:
            fail(f"digest {settings.id} does not go to {channel!r}; it goes to {', '.join(settings.channels)}")
        now = moment(at) or datetime.now(UTC)
        with tools.store.read() as connection:
            after = min(outbox.start_of(connection, settings.id) or now, now)
            to = channel or settings.channels[0]
            found = edition(connection, settings, "preview", to, tools, after, now, "preview")
        out(payload.render(found).decode() if as_json else text.render(found, ZoneInfo(settings.zone)))


@digest.command("send")
def send_digest(name: DigestName = None, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Compose a digest now, whatever its schedule says, and deliver it."""
    with tools_for(config, exclusive=True) as tools:
        from monitor.domain import Outcome
        from monitor.pipeline import request_digest
        from monitor.scheduling import deliver_due, wall_clock

        owed = request_digest(pick_digest(tools.config, name), tools, datetime.now(UTC))
        if not owed:
            out("Nothing new to tell.")
            return
        attempts = {attempt.delivery_id: attempt for attempt in deliver_due(tools, wall_clock, threading.Event())}
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
        from monitor.storage import outbox

        with tools.store.read() as connection:
            found = outbox.list_digests(connection, limit=limit)
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
