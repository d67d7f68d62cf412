"""A digest that says of itself that it is a test: to see whether a channel works, and what it looks like."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.domain import (
    Coverage,
    Digest,
    DigestEntry,
    DigestEvent,
    DigestStoryline,
    Novelty,
    Window,
)


def trial(channel: str, now: datetime) -> Digest:
    """The test digest of a channel. It tells of nothing that happened, and counts as no digest of the channel."""
    title = f"Test of the channel {channel}"
    event = DigestEvent(
        id="test",
        revision=1,
        title=title,
        summary="Nothing has happened: somebody ran `monitor channels test`. As you can read this, the channel works.",
        novelty=Novelty.FIRST,
        reason="a test, asked for by hand",
        first_seen=now,
        origins=1,
        entries=(
            DigestEntry(id=0, title=title, url=None, source="monitor", published=now, lang="en", novelty=Novelty.FIRST),
        ),
        matched=(),
        score=1.0,
    )
    line = DigestStoryline(id="test", title="A test", state="active", events=(event,))
    return Digest(
        schema_version=1,
        digest_id=f"test-{now:%Y-%m-%dT%H:%M:%S}",
        sequence=1,
        channel=channel,
        story="test",
        title="Test of the monitor",
        window=Window(start=now - timedelta(days=1), end=now),
        reason="test",
        storylines=(line,),
        expectations=(),
        coverage=Coverage(feeds_ok=0, feeds_failing=0),
    )
