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
    # The twenty that matter most, in that order.
    script(
        "1 kill -9 at each of ten points, on both databases",
        "lost 0, repeats only where they must be",
        r"(\d+ kills: .*)",
        *("-m", "tests.kill", "--rounds", "2"),
    ),
    tests(
        "2 addresses that must not be reached",
        "canary 0",
        *("tests/feeds/test_guard.py", "tests/feeds/test_addresses.py"),
    ),
    tests("3 manners towards feeds over simulated days", "no miss", "tests/test_manners.py"),
    tests(
        "4 webhooks to the letter of the standard",
        "ids, bytes, signatures",
        *("tests/delivery/channels/test_webhook.py", "tests/digests/test_webhook_guide.py"),
    ),
    tests(
        "5 bombs of compression and of entities",
        "each ends at its bound",
        *("tests/feeds/test_compression.py", "tests/feeds/test_xmltext.py", "tests/feeds/test_isolation.py"),
    ),
    tests(
        "6 slow and endless answers, slow jobs",
        "each ends at its deadline, none holds up another",
        *("tests/feeds/test_fetch.py", "tests/test_scheduling.py"),
    ),
    script(
        "6, 14 feeds that hang beside good ones, and SIGTERM with 20 receivers that hang",
        "the deadline and 10 s; 10 s, nothing lost",
        r"(\d+ good feeds .*)",
        *("-m", "tests.crowded"),
    ),
    script(
        "7 workers and clocks killed, frozen and cut off for two minutes",
        "fetched twice 0, lost 0, stuck 0",
        r"(fetches .*)",
        *("benchmarks/workers.py", "--seconds", "120"),
    ),
    tests(
        "8 ill receivers, lost answers, retries",
        "each arrives, one id, one body",
        *("tests/test_outbox_life.py", "tests/delivery/test_retry.py", "tests/delivery/test_pacing.py"),
    ),
    tests("9 slots in every zone, 2024 to 2030", "none missed, none doubled", "tests/digests/test_schedule.py"),
    tests(
        "10 hostile words in Chromium",
        "no dialog, no request elsewhere",
        "-m",
        "browser",
        "tests/browser/test_hostile.py",
    ),
    tests("11 hostile words in every rendering and header", "harmless, within limits", "tests/digests/render"),
    tests(
        "12 many writers, locks, cut connections",
        "no lost write",
        *("tests/storage/test_store.py", "tests/storage/test_locks.py"),
    ),
    script(
        "13 a feed of 100,000 entries beside a live page",
        "page p99 within 100 ms",
        r"(\d+ entries .*)",
        *("-m", "tests.busy", "--entries", "100000"),
    ),
    tests("14 SIGTERM with a hanging feed and receiver", "10 s, nothing lost", "tests/test_daemon.py", "-k", "sigterm"),
    tests(
        "15 upgrades: failed, killed, newer",
        "either old or new",
        *("tests/storage/test_migrations.py", "tests/kill/test_kills.py", "-k", "upgrade or schema or step or newer"),
    ),
    tests("16 ids that change at each fetch", "told once", "tests/feeds/test_flood.py", "tests/test_pipeline.py"),
    script(
        "17 three years of 20 feeds, and all that was pruned listed again",
        "the same to keep, told again 0",
        r"(\d+ entries in .*)",
        *("-m", "tests.simulation.growth"),
    ),
    tests("18 a secret in each setting", "seen nowhere", "tests/test_canaries.py"),
    tests("19 a disk that is full, one that fails, a locked file", "nothing lost", "tests/test_sick_database.py"),
    script(
        "20 a year of faults, deaths, sleep and wrong clocks from one seed, 200 feeds, 20 receivers",
        "no promise broken",
        r"(\d+ deaths.*)\n",
        *("-m", "tests.simulation", "--seed", "2026"),
    ),
    tests("20 sixty lives led by hypothesis", "no promise broken", "tests/simulation/test_rules.py"),
    # And the others.
    tests(
        "a fault at each statement, fetch, send, answer",
        "no promise broken",
        "tests/simulation",
        "-k",
        "single",
        "-n",
        "2",
    ),
    script(
        "what a hundred thousand fetches leave behind",
        "20 MB, 5 files, 5 threads",
        r"(\d+ fetches: [+-].*)",
        *("-m", "tests.leaks"),
    ),
    tests("kill -9 of the daemon", "each entry once, repeats the same bytes", "tests/test_daemon.py", "-k", "kill"),
    tests("a second daemon", "refused", "tests/test_daemon.py", "-k", "second"),
    tests("backup under load, restore, copy between databases", "equal rows", "tests/storage/test_copying.py"),
    tests("what is forgotten", "never told again", "tests/storage/test_pruning.py"),
    tests("what a stranger asks of the page", "refused", "tests/web/test_security.py", "tests/web/test_serving.py"),
    tests("bytes found by the fuzzer, the whole way", "no exception", "tests/fuzz"),
    script(
        "new bytes from the fuzzer, two minutes",
        "no exception",
        r"number_of_executed_units: +(\d+)",
        *("-m", "tests.fuzz", "120"),
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
