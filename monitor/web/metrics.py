"""``/metrics`` for Prometheus: read from the database when asked, so that it says the same whatever process answers.

Names follow Prometheus' own conventions: a prefix, base units, ``_total`` for what only grows.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from monitor import __version__
from monitor.storage import channels, feeds, outbox, overview
from monitor.web.host import Host, host_of


class Watched(Collector):
    """The watch as numbers, gathered in one transaction."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def collect(self) -> Iterator[Metric]:
        tools, now = self._host.tools(), self._host.clock()
        with tools.store.read() as connection:
            coverage = feeds.coverage(connection)
            due = feeds.next_due_at(connection)
            owed, given_up = outbox.count_owed(connection), outbox.count_failed(connection)
            sizes = overview.size(connection)
            outcomes = overview.attempts_by_outcome(connection)
            last = overview.last_digests(connection)
            closed = len(channels.closed_channels(connection))
        info = GaugeMetricFamily("monitor_build_info", "The version that answers.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        by_state = GaugeMetricFamily(
            "monitor_feeds", "Configured feeds, by how their last poll went.", labels=["state"]
        )
        by_state.add_metric(["ok"], coverage.feeds_ok)
        by_state.add_metric(["failing"], coverage.feeds_failing)
        yield by_state
        late = max(0.0, (now - due).total_seconds()) if due else 0.0
        yield GaugeMetricFamily("monitor_poll_lag_seconds", "How long the feed that is longest due has waited.", late)
        for name, said in (
            ("entries", "Entries stored."),
            ("reports", "Entries that belong to a story, once for each."),
        ):
            yield GaugeMetricFamily(f"monitor_{name}", said, sizes[name])
        yield GaugeMetricFamily("monitor_events", "Events that were found.", sizes["events"])
        yield GaugeMetricFamily("monitor_deliveries_owed", "Deliveries still to be sent.", owed)
        yield GaugeMetricFamily("monitor_deliveries_given_up", "Deliveries that were given up.", given_up)
        yield GaugeMetricFamily("monitor_channels_closed", "Channels whose receiver said 410 Gone.", closed)
        tries = CounterMetricFamily(
            "monitor_delivery_attempts", "Attempts at deliveries.", labels=["channel", "outcome"]
        )
        for (channel, outcome), number in outcomes.items():
            tries.add_metric([channel, outcome], number)
        yield tries
        composed = GaugeMetricFamily(
            "monitor_digest_last_composed_timestamp_seconds", "When each digest was last composed.", labels=["digest"]
        )
        for digest, at in last.items():
            composed.add_metric([digest], at.timestamp())
        yield composed
        alive = GaugeMetricFamily(
            "monitor_tick_last_timestamp_seconds", "When each tick last showed a sign of life.", labels=["tick"]
        )
        for tick, at in self._host.ticks().items():
            alive.add_metric([tick], at.timestamp())
        yield alive


def show(request: Request) -> Response:
    registry = CollectorRegistry()
    registry.register(Watched(host_of(request)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
