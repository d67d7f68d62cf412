"""What an answer means. Whether another try makes sense is decided here and nowhere else."""

from __future__ import annotations

from monitor.domain import Outcome

#: The receiver is up and asks for less (Standard Webhooks 1.0, "status codes"; 503 is its usual companion).
THROTTLING = frozenset({429, 502, 503, 504})
#: The receiver objects to this very message, and its bytes will be the same next time: too large, wrong type, or
#: understood and refused. Other refusals (400 and 401 for a secret not yet set, 404 during a deployment) come to an end
#: when somebody mends the receiver, so they are tried again.
OBJECTIONS = frozenset({413, 415, 422})


def of_status(status: int) -> Outcome:
    """What an HTTP status means for the delivery. Only 2xx is success; a redirect is none (Standard Webhooks 1.0)."""
    if 200 <= status <= 299:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    if status in THROTTLING:
        return Outcome.THROTTLED
    if status in OBJECTIONS:
        return Outcome.REJECTED
    return Outcome.RETRY
