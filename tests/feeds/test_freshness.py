from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.freshness import fresh_for

NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
SENT = "Thu, 12 Mar 2026 11:00:00 GMT"  # the server's clock is an hour behind ours
LATER = "Thu, 12 Mar 2026 11:10:00 GMT"

FRESH = {
    "max-age": ({"cache-control": "public, max-age=600"}, timedelta(minutes=10)),
    "max-age in odd spelling": ({"cache-control": 'Max-Age = "600"'}, timedelta(minutes=10)),
    "max-age less what it spent in a cache": ({"cache-control": "max-age=600", "age": "60"}, timedelta(minutes=9)),
    "max-age used up": ({"cache-control": "max-age=60", "age": "60"}, None),
    "the shared caches' age is not ours": ({"cache-control": "s-maxage=600"}, None),
    "no-cache wins": ({"cache-control": "no-cache, max-age=600"}, None),
    "Expires, by the server's clock": ({"expires": LATER, "date": SENT}, timedelta(minutes=10)),
    "Expires without Date, by ours": ({"expires": "Thu, 12 Mar 2026 12:05:00 GMT"}, timedelta(minutes=5)),
    "Expires: 0": ({"expires": "0"}, None),
    "max-age before Expires": ({"cache-control": "max-age=60", "expires": LATER, "date": SENT}, timedelta(minutes=1)),
    "nothing": ({}, None),
}


@pytest.mark.parametrize(("headers", "wait"), FRESH.values(), ids=FRESH)
def test_freshness_follows_the_caching_rules(headers: dict[str, str], wait: timedelta | None) -> None:
    assert fresh_for(headers, NOW) == wait
