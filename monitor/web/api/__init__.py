"""The API: a file for each family of operations, whose last lines list them; ``operations`` makes routes of them."""

from monitor.web.api import channels, deliveries, digests, drift, entries, events, feeds, health, stories, topics
from monitor.web.api.operations import describe, router

OPERATIONS = (
    *feeds.OPERATIONS,
    *entries.OPERATIONS,
    *stories.OPERATIONS,
    *topics.OPERATIONS,
    *events.OPERATIONS,
    *drift.OPERATIONS,
    *digests.OPERATIONS,
    *deliveries.OPERATIONS,
    *channels.OPERATIONS,
    *health.OPERATIONS,
)

__all__ = ["OPERATIONS", "describe", "router"]
