"""Deliveries: what is owed, what came of each try, and trying again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, Json, fail, out, show, stamp, tools_for
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
    limit: Annotated[int, typer.Option(min=1, help="At most this many, latest first.")] = 50,
    as_json: Json = False,
) -> None:
    """What is owed and what was delivered, latest first."""
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
            out(f"  {stamp(attempt.at)}  {came}  {attempt.detail[:200]}")
        out(found.body.decode())


@deliveries.command("retry")
def retry_delivery(delivery_id: DeliveryId, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Make a delivery that is owed or was given up due now; its id and bytes stay the same."""
    with tools_for(config) as tools:
        with tools.store.write() as connection:
            if _find(connection, delivery_id).state is DeliveryState.DELIVERED:
                fail(f"delivery {delivery_id} was delivered; `monitor deliveries replay` sends it again")
            _make_due(connection, delivery_id)
        out(f"delivery {delivery_id} is due now")


@deliveries.command("replay")
def replay_delivery(delivery_id: DeliveryId, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Send a delivery again, delivered or not; its id and bytes stay the same."""
    with tools_for(config) as tools:
        with tools.store.write() as connection:
            _make_due(connection, delivery_id)
        out(f"delivery {delivery_id} is due now")


def _make_due(connection: Connection, delivery_id: int) -> None:
    """Have it sent again; a channel that was disabled is tried again with it: somebody has mended it."""
    from monitor.storage import outbox

    outbox.enable_channel(connection, _find(connection, delivery_id).channel)
    outbox.make_due(connection, delivery_id, datetime.now(UTC))


def _find(connection: Connection, delivery_id: int) -> Delivery:
    from monitor.storage import outbox

    found = outbox.delivery(connection, delivery_id)
    if found is None:
        fail(f"there is no delivery {delivery_id}; `monitor deliveries list` shows them")
    return found
