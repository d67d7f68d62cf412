"""The flow itself, from a feed's bytes to a receiver's answer. Read this first.

    poll_feed       fetch -> read -> decide -> match -> group -> store      one feed, one transaction
    compose_digest  due? -> what this channel has not been told -> store    one slot, one transaction
    compose_alert   what of the new cannot wait for a slot -> store         one alert, one transaction
    send_delivery   send -> record the attempt                              one delivery

Each function is one unit of work: it gathers, asks the pure stages, and carries out. What it needs of the outside
world is in ``Tools``; ``scheduling`` calls it again and again, ``cli`` calls it once.
"""

from monitor.pipeline.deliveries import hand_over, record_attempt, send_delivery
from monitor.pipeline.digests import (
    Edition,
    Occasion,
    compose_alert,
    compose_digest,
    edition,
    request_digest,
)
from monitor.pipeline.polls import Intake, ask, excuse, heed_hub, poll_feed, prepare, relate, see, take_in
from monitor.pipeline.storylines import bounds, brief_of, expectations_of, lives_of
from monitor.pipeline.tools import Tools

__all__ = [
    "Edition",
    "Intake",
    "Occasion",
    "Tools",
    "ask",
    "bounds",
    "brief_of",
    "compose_alert",
    "compose_digest",
    "edition",
    "excuse",
    "expectations_of",
    "hand_over",
    "heed_hub",
    "lives_of",
    "poll_feed",
    "prepare",
    "record_attempt",
    "relate",
    "request_digest",
    "see",
    "send_delivery",
    "take_in",
]
