"""A digest as files in a folder: what was composed as JSON, its readings beside it, and a feed of them all."""

from __future__ import annotations

import heapq
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.delivery.channels import Answer, Render
from monitor.domain import Delivery, Outcome
from monitor.errors import DeliveryError

FEED = "digests.atom"
FEED_DIGESTS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChannel:
    id: str
    #: The folder; made when it is missing.
    path: Path
    render: Render
    #: By suffix, as in ``html``: from the bytes that ``render`` made to the text of that file.
    writers: Mapping[str, Callable[[bytes], str]]
    #: From the latest bodies to the document of the feed; None: no feed is kept.
    feed: Callable[[Sequence[bytes]], bytes] | None = None
    content_type: str = "application/json"

    @property
    def place(self) -> str:
        return str(self.path)

    def send(self, delivery: Delivery, now: datetime) -> Answer:  # noqa: ARG002 - a Channel
        """Write ``DIGEST-SLOT.json`` after its readings: where it stands, all stand. A repeat writes the same again."""
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{delivery.digest}-{delivery.slot}").strip("-")
        files = {suffix: write(delivery.body).encode() for suffix, write in self.writers.items()}
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for suffix, content in (files | {"json": delivery.body}).items():
                _replace(self.path / f"{name}.{suffix}", content)
            if self.feed is not None:
                _replace(self.path / FEED, self.feed(self._latest()))
        except OSError as error:  # a full disk, a missing right: both can be mended
            raise DeliveryError(f"cannot write to {self.path}: {error.strerror}", Outcome.RETRY) from error
        return Answer(detail=str(self.path / f"{name}.json"))

    def _latest(self) -> list[bytes]:
        """What was written last: the feed is made of what is there, and nothing is remembered."""
        written = [(file.stat().st_mtime, file) for file in self.path.glob("*.json")]
        return [file.read_bytes() for _, file in heapq.nlargest(FEED_DIGESTS, written)]


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, finds the old one or the new one whole."""
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # a delivery counts as made: it must outlive a power cut
    unfinished.replace(path)
