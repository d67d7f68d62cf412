"""Every promise put to the proof, one after the other, and one table of all: what ``make prove`` runs, in half an hour.

    python benchmarks/prove.py [--write docs/reliability.md] [--only WORD]

A proof is a command that fails when its bound is broken; its figure is a line that it prints, or how many tests passed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = """# Put to the proof

Written by `make prove` on {day}, on two cores. Each row is a command that fails when its bound is broken; the quick
part of each is in `make test`.

{table}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    #: What is promised.
    name: str
    #: What would break it.
    bound: str
    command: tuple[str, ...]
    #: Where the figure stands in what it prints; of tests, how many passed.
    figure: str = r"(\d+ passed)"


def tests(name: str, bound: str, *words: str) -> Proof:
    return Proof(name=name, bound=bound, command=("-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", *words))


def script(name: str, bound: str, figure: str, *words: str) -> Proof:
    return Proof(name=name, bound=bound, command=words, figure=figure)


PROOFS = (
    script(
        "a year of faults and deaths from one seed, 200 feeds, 20 receivers",
        "no promise broken",
        r"(\d+ deaths.*)\n",
        "-m",
        "tests.simulation",
        "--seed",
        "2026",
    ),
    tests(
        "one fault at each statement, fetch, send and answer", "no promise broken", "tests/simulation", "-k", "single"
    ),
    script(
        "workers and clocks killed, frozen and cut off for two minutes",
        "fetched twice 0, lost 0, stuck 0",
        r"(within an interval +\d+)",
        "benchmarks/workers.py",
        "--seconds",
        "120",
    ),
    tests("kill -9 at each of the named points", "lost 0, repeats only where they must be", "tests/kill"),
    tests("a secret in each setting", "seen nowhere", "tests/test_canaries.py"),
    tests("kill -9 of the daemon", "each entry once, repeats the same bytes", "tests/test_daemon.py", "-k", "kill"),
    tests("SIGTERM with a hanging feed and receiver", "10 s, nothing lost", "tests/test_daemon.py", "-k", "sigterm"),
    tests(
        "addresses that must not be reached", "canary 0", "tests/feeds/test_guard.py", "tests/feeds/test_addresses.py"
    ),
    tests("manners towards feeds over simulated days", "no miss", "tests/test_manners.py"),
    tests(
        "bombs, drips, endless headers",
        "each ends at its bound",
        "tests/feeds/test_fetch.py",
        "tests/feeds/test_compression.py",
    ),
    tests(
        "documents that hang, fill memory or kill the parser", "only their own error", "tests/feeds/test_isolation.py"
    ),
    tests("ids that change at each fetch", "told once", "tests/feeds/test_flood.py", "tests/test_pipeline.py"),
    tests("slots in every zone, 2024 to 2030", "none missed, none doubled", "tests/digests/test_schedule.py"),
    tests("hostile words in every rendering", "harmless, within limits", "tests/digests/render"),
    tests(
        "many writers, locks, cut connections",
        "no lost write",
        "tests/storage/test_store.py",
        "tests/storage/test_locks.py",
    ),
    tests(
        "a database on a full disk, on a failing one, locked by another", "nothing lost", "tests/test_sick_database.py"
    ),
    tests("backup under load, restore, copy between databases", "equal rows", "tests/storage/test_copying.py"),
    tests(
        "schema steps, whole or not at all; a newer one refused",
        "either old or new",
        "tests/storage/test_migrations.py",
    ),
    tests("what is forgotten", "never told again", "tests/storage/test_pruning.py"),
    tests("bytes found by the fuzzer, the whole way", "no exception", "tests/fuzz"),
    Proof(
        name="new bytes from the fuzzer, two minutes",
        bound="no exception",
        command=("-m", "tests.fuzz", "120"),
        figure=r"number_of_executed_units: +(\d+)",
    ),
)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--write", type=Path)
    words.add_argument("--only", default="", help="Only proofs whose name has this word.")
    asked = words.parse_args()
    rows = ["| promise | bound | figure | holds | s |", "|---|---|---|---|---|"]
    broken = 0
    for proof in PROOFS:
        if asked.only not in proof.name:
            continue
        holds, figure, seconds = put_to(proof)
        broken += not holds
        rows.append(f"| {proof.name} | {proof.bound} | {figure} | {'yes' if holds else '**no**'} | {seconds:.0f} |")
        print(rows[-1], flush=True)
    if asked.write:
        asked.write.write_text(PAGE.format(day=f"{datetime.now(UTC):%Y-%m-%d}", table="\n".join(rows)), "utf-8")
    sys.exit(broken > 0)


def put_to(proof: Proof) -> tuple[bool, str, float]:
    """Whether it holds, its figure, and the seconds it took."""
    began = time.monotonic()
    environment = os.environ | {"PROVE": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *proof.command]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    if "-rA" in proof.command:
        figure = f"{len(re.findall(r'^PASSED ', printed, re.MULTILINE))} tests"
    else:
        found = re.search(proof.figure, printed)
        figure = " ".join(found[1].split()) if found else "no figure"
    if done.returncode:
        print(printed[-2_000:], file=sys.stderr)
    return done.returncode == 0, figure, time.monotonic() - began


if __name__ == "__main__":
    main()
