"""What the flow needs of the outside world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx

from monitor.config.models import Config
from monitor.delivery.channels import Channel
from monitor.digests.rules import Rules
from monitor.feeds.isolation import Parser
from monitor.matching.matcher import Matcher
from monitor.storage.store import Store
from monitor.stories.likeness import Beat


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the flow needs of the outside world; ``app`` puts it together."""

    config: Config
    store: Store
    #: The guarded HTTP client of the calling thread.
    client: Callable[[], httpx.Client]
    parser: Parser
    #: By story id.
    matchers: Mapping[str, Matcher]
    #: What grouping knows of each story beforehand, and remembers of its events, by story id.
    beats: Mapping[str, Beat]
    #: By channel id.
    channels: Mapping[str, Channel]
    #: Least time between two tries, by the id of each channel that has a rate.
    paces: Mapping[str, timedelta]
    #: By digest id.
    rules: Mapping[str, Rules]
