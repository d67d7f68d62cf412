"""Channels: where they lead, and whether they work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, Json, fail, out, show, stamp, tools_for

if TYPE_CHECKING:
    from monitor.delivery.channels import Channel
    from monitor.pipeline import Tools

channels = typer.Typer(no_args_is_help=True)

ChannelId = Annotated[str, typer.Argument(metavar="ID", help="The channel, as it is called in monitor.yaml.")]


@channels.command("list")
def list_channels(config: ConfigDir = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """The channels: where each leads, whether it is open, what it is owed."""
    with tools_for(config) as tools:
        from monitor.storage import outbox
        from monitor.storage.channels import closed_channels

        with tools.store.read() as connection:
            closed = {name: (since, reason) for name, since, reason in closed_channels(connection)}
            owed = outbox.owed_by_channel(connection)
        rows = [
            {
                "channel": settings.id,
                "type": settings.type,
                "leads_to": tools.channels[settings.id].place,
                "state": "closed" if settings.id in closed else "open",
                "owed": owed.get(settings.id, 0),
                "closed_since": stamp(closed[settings.id][0]) if settings.id in closed else None,
                "reason": closed[settings.id][1] if settings.id in closed else None,
            }
            for settings in tools.config.channels
        ]
        columns = ("channel", "type", "leads_to", "state", "owed", "closed_since", "reason")
        show(rows, columns, as_json=as_json, empty="No channel is configured.")


@channels.command("test")
def try_channel(channel: ChannelId, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Send a message that says it is a test, and say what came of it. Nothing is written down."""
    with tools_for(config) as tools:
        from monitor.errors import DeliveryError
        from monitor.pipeline.trials import try_channel

        found = _pick(tools, channel)
        answer, elapsed = try_channel(channel, tools, datetime.now(UTC))
        took = f"{elapsed.total_seconds() * 1000:.0f} ms"
        said = answer.answer if isinstance(answer, DeliveryError) else answer.detail
        if isinstance(answer, DeliveryError):
            again = {"retry": "would be tried again", "throttled": "would be tried again later"}
            so = again.get(answer.outcome.value, "would not be tried again by itself")
            fail(f"{channel}: not delivered in {took}: {answer}{f' ({said})' if said else ''}; a digest {so}")
        status = f", status {answer.status}" if answer.status else ""
        out(f"{channel}: delivered to {found.place} in {took}{status}{f': {said}' if said else ''}")


def _pick(tools: Tools, channel: str) -> Channel:
    if channel not in tools.channels:
        fail(f"there is no channel {channel!r}; there are: {', '.join(tools.channels) or 'none'}", code=2)
    return tools.channels[channel]
