"""How deliveries fare with receivers that are ill.

    python -m benchmarks.deliver [--messages 1000] [--hanging 20] [--seconds 60]

First so many messages are owed to five receivers: one is well, one refuses each message twice, one loses its first
answer to each, one asks for rest after every third, one does not answer in time at first. Time is simulated; the
messages are real HTTP, signed, and judged by the ``standardwebhooks`` package. Every message must arrive, with one id
and one body, however often it came.

Then a daemon runs for so many seconds beside receivers that take every connection and never answer, and owes one
message a second to each of them and to one that is well: how long after it was owed does the well one have it?
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.app import register, wire
from monitor.config.models import Config
from monitor.feeds.isolation import Parser
from monitor.logs import configure
from monitor.pipeline import Tools, request_digest
from monitor.scheduling import Daemon, deliver_due, wall_clock
from monitor.storage import outbox
from monitor.storage.store import Store
from tests.hostile import Hostile, Mood
from tests.servers import SECRET, serve
from tests.test_pipeline import STORY

ILL: tuple[Mood, ...] = ("ok", "fail", "lost", "ratelimit", "timeout")
#: The standard schedule lasts three days; all that arrives has done so by then.
SCHEDULE_DAYS = 4


def house(store: Store, parser: Parser, receivers: Sequence[Hostile], timeout: str) -> Tools:
    """One digest that says there is nothing new, to a channel for each of these receivers."""
    names = [f"{receiver.mood}{number}" for number, receiver in enumerate(receivers)]
    config = Config.model_validate(
        {
            "network": {"allow": ["127.0.0.1/32"]},
            "web": {"bind": ""},
            "channels": [
                {"id": name, "type": "webhook", "url": receiver.base, "secret": SECRET, "timeout": timeout}
                for name, receiver in zip(names, receivers, strict=True)
            ],
            "digests": [{"id": "d", "story": "bridge", "channels": names, "schedule": "0 8 1 1 *", "empty": "send"}],
            "stories": [STORY],
        }
    )
    tools = wire(config, store, parser)
    register(tools, datetime(2026, 3, 1, tzinfo=UTC))
    return tools


@contextmanager
def served(moods: Sequence[Mood], parser: Parser, timeout: str) -> Iterator[tuple[Tools, list[Hostile]]]:
    """A house on a database of its own, and receivers that hold back what they hold back until the end."""
    receivers = [Hostile(mood) for mood in moods]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        store = stack.enter_context(Store.open(f"sqlite:///{folder}/monitor.db"))
        for receiver in receivers:
            stack.enter_context(serve(receiver))
            receiver.gate.close()
            stack.callback(receiver.gate.open)
        yield house(store, parser, receivers, timeout), receivers


def through_ill_receivers(messages: int, parser: Parser) -> str:
    with served(ILL, parser, "1s") as (tools, receivers):
        now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        for number in range(messages // len(ILL)):
            request_digest(tools.config.digests[0], tools, now + timedelta(seconds=number))
        end, stop, owed = now + timedelta(days=SCHEDULE_DAYS), threading.Event(), messages
        while owed and now < end:
            deliver_due(tools, lambda at=now: at, stop)  # type: ignore[misc]
            now += timedelta(seconds=30)
            with tools.store.read() as connection:
                owed, failed = outbox.count_owed(connection), outbox.count_failed(connection)
    bodies = [sent for receiver in receivers for sent in receiver.bodies.values()]
    return (
        f"ids {len(bodies)}, never {len(bodies) - sum(len(receiver.taken) for receiver in receivers)}, "
        f"bad signatures {sum(receiver.bad_signatures for receiver in receivers)}, "
        f"body changed {sum(receiver.changed for receiver in receivers)}; "
        f"{sum(map(len, bodies))} requests, {owed} still owed, {failed} given up"
    )


def beside_hanging(hanging: int, seconds: int, parser: Parser) -> str:
    owed_at: dict[str, float] = {}
    moods: list[Mood] = ["hang"] * hanging + ["ok"]
    with served(moods, parser, "15s") as (tools, receivers):
        well = receivers[-1]
        daemon = Daemon(tools)
        daemon.start()
        for _ in range(seconds):
            made = request_digest(tools.config.digests[0], tools, wall_clock())
            owed_at |= {one.webhook_id: time.monotonic() for one in made if one.channel.startswith("ok")}
            time.sleep(1)
        deadline = time.monotonic() + 30
        while len(well.taken) < len(owed_at) and time.monotonic() < deadline:
            time.sleep(0.1)
        for receiver in receivers:
            receiver.gate.open()
        daemon.shutdown()
    waits = sorted(well.taken[name] - began for name, began in owed_at.items() if name in well.taken)
    p95 = waits[max(0, round(len(waits) * 0.95) - 1)]
    return (
        f"{len(waits)} of {len(owed_at)} arrived; p50 {statistics.median(waits):.2f} s, p95 {p95:.2f} s, "
        f"max {waits[-1]:.2f} s"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--messages", type=int, default=1000)
    asked.add_argument("--hanging", type=int, default=20)
    asked.add_argument("--seconds", type=int, default=60)
    options = asked.parse_args()
    with Parser() as parser, Path("/dev/null").open("w") as nowhere:
        configure(nowhere)
        print(f"{options.messages} messages to ill receivers:", through_ill_receivers(options.messages, parser))
        print(
            f"a receiver that is well beside {options.hanging} that hang:",
            beside_hanging(options.hanging, options.seconds, parser),
        )


if __name__ == "__main__":
    main()
