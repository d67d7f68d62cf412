"""What tests of the ledger, the channels, the digests and the outbox share: reports, digests of them, deliveries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.domain import (
    Attempt,
    Coverage,
    Delivery,
    Digest,
    DigestEntry,
    DigestEvent,
    DigestStoryline,
    Novelty,
    Outcome,
    Report,
    Window,
)
from monitor.storage import channels, digests, entries, ledger, outbox, stories
from monitor.storage.store import Store
from tests.factories import NOON, a_match, an_entry

STORY = "open-source-retreat"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
BODY = b'{"type": "digest.created"}\xff'


def begun(store: Store) -> Store:
    """Two channels and a digest, known since NOON."""
    with store.write() as c:
        channels.register(c, ["desk", "wall"], NOON)
        digests.register(c, ["morning"], NOON)
    return store


def reported(store: Store, title: str, event: str = "e1", *, primed: bool = False, after: timedelta = HOUR) -> Report:
    entry = an_entry(title)
    with store.write() as c:
        (stored,) = entries.add(c, [entry], now=NOON + after, primed=primed)
        report = Report(
            entry_id=stored.id,
            entry=entry,
            match=a_match(),
            first_seen=NOON + after,
            event=event,
            novelty=Novelty.FIRST,
            reason="first report",
            primed=primed,
        )
        stories.save_matches(c, [(stored.id, report.match)])
        stories.save_report(c, report)
    return report


def a_digest(channel: str = "desk", sequence: int = 1, reports: tuple[Report, ...] = (), **revisions: int) -> Digest:
    """A digest that lists these events in these revisions, each with those of the reports that are its own."""
    events = tuple(
        DigestEvent(
            id=event,
            revision=revision,
            title="",
            summary="",
            novelty=Novelty.FIRST,
            reason="",
            first_seen=NOON,
            origins=1,
            entries=tuple(
                DigestEntry(
                    id=report.entry_id,
                    title=report.entry.title,
                    url=None,
                    source="",
                    published=None,
                    lang=None,
                    novelty=report.novelty,
                )
                for report in reports
                if report.event == event
            ),
            matched=(),
            score=1.0,
        )
        for event, revision in revisions.items()
    )
    return Digest(
        schema_version=1,
        digest_id="morning",
        sequence=sequence,
        channel=channel,
        story=STORY,
        title="",
        window=Window(start=NOON, end=NOON + HOUR),
        reason="schedule",
        storylines=(DigestStoryline(id="avocado-release", title="", state="", events=events),),
        expectations=(),
        coverage=Coverage(feeds_ok=1, feeds_failing=0),
    )


def composed(store: Store, digest: Digest, *, slot: str = "s1", after: timedelta = HOUR) -> Delivery:
    with store.write() as c:
        key = digests.save_digest(
            c, "morning", slot, STORY, window=(NOON, NOON + after), now=NOON + after, withheld=False
        )
        return outbox.save_delivery(
            c,
            digest_key=key,
            digest=digest,
            content_type="application/json",
            body=BODY,
            now=NOON + after,
        )


def untold(store: Store, channel: str = "desk", story: str = STORY) -> list[Report]:
    with store.read() as c:
        return ledger.untold(c, channel=channel, story=story)


def due(store: Store, after: timedelta = HOUR, **options: object) -> list[int]:
    with store.read() as c:
        found = outbox.due_deliveries(c, NOON + after, **({"channels": {"desk", "wall"}} | options))
    return [delivery.id for delivery in found]


def attempt(delivery: Delivery, outcome: Outcome, **changes: object) -> Attempt:
    made = Attempt(delivery_id=delivery.id, at=NOON + HOUR, outcome=outcome, duration_ms=12, status=500, detail="no")
    return replace(made, **changes)
