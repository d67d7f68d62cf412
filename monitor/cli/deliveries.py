"""Deliveries: what is owed, what came of each try, and trying again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    At,
    ConfigDir,
    Json,
    fail,
    moment,
    out,
    read_moment,
    show,
    stamp,
    tools_for,
)
from monitor.domain import DeliveryState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.domain import Delivery

deliveries = typer.Typer(no_args_is_help=True)

DeliveryId = Annotated[int, typer.Argument(help="Number of the delivery, as `monitor deliveries list` shows it.")]


@deliveries.command("list")
def list_deliveries(
    config: ConfigDir = DEFAULT_CONFIG,
    state: Annotated[DeliveryState | None, typer.Option(help="Only these.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that were given up.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, latest first.")] = 50,
    as_json: Json = False,
) -> None:
    """What is owed and what was delivered, latest first."""
    state = DeliveryState.FAILED if failed else state
    with tools_for(config) as tools:
        from monitor.storage import outbox

        with tools.store.read() as connection:
            found = outbox.list_deliveries(connection, state=state, limit=limit)
        rows = [
            {
                "id": row.id,
                "channel": row.channel,
                "digest": row.digest,
                "slot": row.slot,
                "state": row.state,
                "attempts": row.attempts,
                "next": stamp(row.next_attempt_at),
                "webhook_id": row.webhook_id,
            }
            for row in found
        ]
        columns = ("id", "channel", "digest", "slot", "state", "attempts", "next")
        show(rows, columns, as_json=as_json, empty="No delivery yet.")


@deliveries.command("show")
def show_delivery(delivery_id: DeliveryId, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """One delivery: its attempts and its body."""
    with tools_for(config) as tools:
        from monitor.storage import outbox

        with tools.store.read() as connection:
            found = _find(connection, delivery_id)
            attempts = outbox.attempts_of(connection, delivery_id)
        out(f"delivery {found.id} to {found.channel}: {found.state}, {found.webhook_id}")
        for attempt in attempts:
            came = f"{attempt.outcome:10} {attempt.status or '-':>3}  {attempt.duration_ms} ms"
            out(f"  {stamp(attempt.at)}  {came}  {attempt.detail}")
        out(found.body.decode())


@deliveries.command("retry")
def retry_delivery(delivery_id: DeliveryId, at: At = None, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Make a delivery that is owed or was given up due now; its id and bytes stay the same."""
    with tools_for(config) as tools:
        with tools.store.write() as connection:
            if _find(connection, delivery_id).state is DeliveryState.DELIVERED:
                fail(f"delivery {delivery_id} was delivered; `monitor deliveries replay` sends it again")
            _make_due(connection, delivery_id, moment(at))
        out(f"delivery {delivery_id} is due now")


@deliveries.command("replay")
def replay_deliveries(
    delivery_id: Annotated[int | None, typer.Argument(help="Number of the delivery; or give --since.")] = None,
    since: Annotated[str | None, typer.Option(help="Everything composed since this time or day.")] = None,
    channel: Annotated[str | None, typer.Option(help="With --since: only what went to this channel.")] = None,
    at: At = None,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Send a delivery again, or all since a time, delivered or not; id and bytes stay the same."""
    if (delivery_id is None) == (since is None):
        fail("give the number of a delivery, or --since TIME", code=2)
    with tools_for(config) as tools:
        from monitor.storage import outbox

        now = moment(at)
        with tools.store.write() as connection:
            if delivery_id is not None:
                _make_due(connection, delivery_id, now)
                again = 1
            else:
                begin = read_moment(str(since), "--since")
                again = outbox.make_due_since(connection, begin, now or datetime.now(UTC), channel=channel)
        out(f"delivery {delivery_id} is due now" if delivery_id is not None else f"{again} deliveries are due now")


@deliveries.command("resume")
def resume_channel(
    channel: Annotated[str, typer.Argument(help="The channel that is closed.")], config: ConfigDir = DEFAULT_CONFIG
) -> None:
    """Open a channel again that was closed: what it is owed is sent, and at the rate of the channel, if it has one."""
    with tools_for(config) as tools:
        from monitor.storage import channels

        with tools.store.write() as connection:
            if not channels.enable_channel(connection, channel):
                fail(f"channel {channel} is not closed; `monitor health` names those that are")
        out(f"channel {channel} is open again; `monitor deliveries replay --since` sends what it missed")


@deliveries.command("dismiss")
def dismiss_deliveries(
    delivery_id: Annotated[int | None, typer.Argument(help="Number of the delivery; or give --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Say that deliveries that were given up have been seen: they are kept, and `monitor health` is well again."""
    if (delivery_id is None) != everything:
        fail("give the number of a delivery, or --all", code=2)
    with tools_for(config) as tools:
        from monitor.storage import outbox

        with tools.store.write() as connection:
            dismissed = outbox.dismiss(connection, delivery_id)
        if delivery_id is not None and not dismissed:
            fail(f"delivery {delivery_id} was not given up; `monitor deliveries list --failed` shows those that were")
        out(f"{dismissed} dismissed")


def _make_due(connection: Connection, delivery_id: int, now: datetime | None) -> None:
    """Have it sent again; a channel that was disabled is tried again with it: somebody has mended it."""
    from monitor.storage import channels, outbox

    channels.enable_channel(connection, _find(connection, delivery_id).channel)
    outbox.make_due(connection, delivery_id, now or datetime.now(UTC))


def _find(connection: Connection, delivery_id: int) -> Delivery:
    from monitor.storage import outbox

    found = outbox.delivery(connection, delivery_id)
    if found is None:
        fail(f"there is no delivery {delivery_id}; `monitor deliveries list` shows them")
    return found
