"""One life, and what came of it: ``python -m tests.simulation --seed 7 --days 365 --origins 200 --receivers 20``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime

from monitor.logs import configure
from tests.simulation.check import broken
from tests.simulation.life import Life, Plan


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seed", default="7")
    words.add_argument("--log", default="CRITICAL", help="What is logged to stderr.")
    words.add_argument("--days", type=int, default=Plan().days)
    words.add_argument("--origins", type=int, default=Plan().origins)
    words.add_argument("--receivers", type=int, default=Plan().receivers)
    asked = words.parse_args()
    configure(sys.stderr, level=asked.log, fmt="text")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(days=asked.days, origins=asked.origins, receivers=asked.receivers)
        life = Life(asked.seed, plan, datetime(2026, 1, 1, tzinfo=UTC), f"sqlite:///{folder}/monitor.db")
        life.live()
        wrong = broken(life)
    print(f"seed {asked.seed}: {asked.days} days, {asked.origins} feeds, {asked.receivers} receivers, ", end="")
    print(f"{time.monotonic() - began:.0f} s")
    print(", ".join(f"{count} {name}" for name, count in sorted(life.counts.items())), end="; ")
    print("troubles: " + ", ".join(f"{name} {count}" for name, count in sorted(life.troubles.items())))
    print(f"{life.world.serial} entries published")
    for line in wrong:
        print(f"BROKEN  {line}")
    again = f"python -m tests.simulation --seed {asked.seed} --days {asked.days} --origins {asked.origins}"
    print(f"live it again: {again} --receivers {asked.receivers}" if wrong else "every promise was kept")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
