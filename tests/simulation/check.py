"""What must be true when a life is over, whatever happened in it: the promises of the README, counted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from monitor.storage.schema import deliveries, digests, entries, matches, told
from tests.simulation.life import Life
from tests.simulation.world import Habit, Mood


def broken(life: Life) -> list[str]:
    """Every promise that was broken once a life is over, in words; empty when all were kept."""
    return [*spoilt(life), *_untold(life), *_owed(life), *_slots(life)]


def spoilt(life: Life) -> list[str]:
    """What is wrong at any moment of a life, whatever is still to come."""
    return [*_twice(life), *_deliveries(life), *_manners(life)]


def _twice(life: Life) -> Iterator[str]:
    """No channel is told of an entry twice."""
    often = select(told.c.channel).group_by(told.c.channel, told.c.entry_id).having(func.count() > 1)
    with life.store.read() as c:
        for channel in c.execute(often.distinct()).scalars():
            yield f"{channel} was told of an entry twice"


def _untold(life: Life) -> Iterator[str]:
    """Every matched entry is told to every channel, or in the list of what was not delivered."""
    with life.store.read() as c:
        held = (
            select(entries.c.id, entries.c.title, entries.c.feed_url)
            .join(matches)
            .where(matches.c.held, ~entries.c.primed)
        )
        matched = {row.id: row for row in c.execute(held)}
        ledger: dict[str, set[int]] = defaultdict(set)
        for channel, entry in c.execute(select(told.c.channel, told.c.entry_id)):
            ledger[channel].add(entry)
        stored = set(c.execute(select(entries.c.feed_url, entries.c.title)).all())
        primed = set(c.execute(select(entries.c.title).where(entries.c.primed)).scalars())
    for channel in life.tools.channels:
        missing = matched.keys() - ledger[channel]
        if missing:
            some = [matched[i].title for i in sorted(missing)[:3]]
            yield f"{channel} was never told of {len(missing)} entries, as {some}"
    for origin in life.world.origins.values():
        if origin.habit is Habit.ENDING or origin.url in life.once_unlisted:
            continue
        listed = [title for _, title in origin.published if title.startswith("Arden")][-3:]
        for title in listed:
            if (origin.url, title) not in stored and title not in primed:
                yield f"{origin.url} ({origin.habit}) published {title!r}, and it was not stored"


def _deliveries(life: Life) -> Iterator[str]:
    """What the database takes for delivered did arrive, each id with the same bytes; what arrived is what was owed."""
    wanted = select(deliveries.c.channel, deliveries.c.webhook_id, deliveries.c.state, deliveries.c.body)
    with life.store.read() as c:
        rows = c.execute(wanted).all()
    for number, receiver in enumerate(life.world.receivers.values()):
        name = f"desk{number} ({receiver.mood})"
        owed = {row.webhook_id: row for row in rows if row.channel == f"desk{number}"}
        if receiver.bad_signatures:
            yield f"{name}: {receiver.bad_signatures} bad signatures"
        for webhook_id, bodies in receiver.taken.items():
            if webhook_id not in owed or set(bodies) != {bytes(owed[webhook_id].body)}:
                yield f"{name}: {webhook_id} came with other bytes than were owed"
        for webhook_id, row in owed.items():
            if row.state == "delivered" and webhook_id not in receiver.taken:
                yield f"{name}: {webhook_id} counts as delivered and never came"
        yield from _repeated(name, [json.loads(bodies[0])["data"] for bodies in receiver.taken.values()])
    receivers = life.world.receivers.values()
    repeats = sum(len(bodies) - 1 for receiver in receivers for bodies in receiver.taken.values())
    lost = sum(receiver.lost_answers for receiver in receivers)
    excuses = lost + life.counts["deaths"] + life.counts["refusals"] + life.counts["retries"]
    if repeats > excuses:
        yield f"{repeats} repeats, for {excuses} deaths, refusals, lost answers and retries"


def _owed(life: Life) -> Iterator[str]:
    """All that was owed came to an end: delivered or given up, unless the receiver wants nothing more."""
    open_ends = select(deliveries.c.channel, func.count()).where(deliveries.c.state == "pending")
    closing = {f"desk{n}" for n, one in enumerate(life.world.receivers.values()) if one.mood is Mood.CLOSING}
    with life.store.read() as c:
        for channel, count in c.execute(open_ends.group_by(deliveries.c.channel)):
            if channel not in closing:
                yield f"{channel}: {count} are still owed after weeks without faults"


def _repeated(name: str, digests: list[dict[str, Any]]) -> Iterator[str]:
    """An entry stands in one message only, and a number is used once."""
    titles = Counter(
        entry["title"] + entry["url"]
        for digest in digests
        for line in digest["storylines"]
        for happening in line["events"]
        for entry in happening["entries"]
    )
    twice = [title for title, count in titles.items() if count > 1]
    if twice:
        yield f"{name}: {twice[:3]} stand in more than one digest"
    if len({digest["sequence"] for digest in digests}) != len(digests):
        yield f"{name}: a number was used twice"


def _slots(life: Life) -> Iterator[str]:
    """Every day has one slot, and every fortnight, whatever the clocks of Berlin do."""
    with life.store.read() as c:
        found = select(digests.c.digest, digests.c.slot, digests.c.composed_at).where(~digests.c.alert)
        rows = c.execute(found).all()
    for digest, every in (("daily", timedelta(days=1)), ("seldom", timedelta(days=life.plan.apart))):
        slots = [row.slot for row in rows if row.digest == digest]
        if len(slots) != len(set(slots)):
            yield f"{digest}: a slot came twice"
        # One digest stands for all that it slept through.
        wanted = int((life.end - life.start - life.slept) / every) - 1
        if sum(row.composed_at < life.end for row in rows if row.digest == digest) < wanted:
            yield f"{digest}: {len(slots)} slots of {wanted}"


def _manners(life: Life) -> Iterator[str]:
    """Nobody is asked within the interval or a Retry-After, but once after a death or a refusal; 410 is heeded."""
    least = life.tools.config.polling.interval - life.world.slack
    early = 0
    for origin in life.world.origins.values():
        early += sum(later - before < least for before, later in pairwise(origin.asked))
        early += origin.impolite
        if origin.habit is Habit.ENDING and _after(origin.asked, origin.turns_at) > 1 + life.counts["deaths"]:
            yield f"{origin.url} was asked {_after(origin.asked, origin.turns_at)} times after it said 410"
    faults = life.counts["deaths"] + life.counts["refusals"] + life.counts["put back"]
    if early > faults:
        yield f"{early} polls came too early, for {faults} deaths, refusals and feeds put back"


def _after(times: list[datetime], at: datetime | None) -> int:
    return sum(at is not None and time >= at for time in times)
