from __future__ import annotations

import pytest

from monitor.delivery.outcome import of_status
from monitor.domain import Outcome

#: Every status that is not RETRY, by outcome.
SETTLED = {
    Outcome.DELIVERED: set(range(200, 300)),
    Outcome.GONE: {410},
    Outcome.THROTTLED: {429, 502, 503, 504},
    Outcome.REJECTED: {413, 415, 422},
}


def test_every_status_has_the_outcome_that_the_table_says():
    expected = dict.fromkeys(range(100, 600), Outcome.RETRY)
    expected |= {status: outcome for outcome, statuses in SETTLED.items() for status in statuses}
    assert {status: of_status(status) for status in range(100, 600)} == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_success(status: int):
    assert of_status(status) is Outcome.RETRY
