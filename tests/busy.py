"""A daemon reads a very large feed: how long that takes, and how soon its page answers meanwhile.

python -m tests.busy [--entries 100000]
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.servers import Desk, Site, rss, serve
from tests.test_daemon import House

#: Between two questions to the page.
PAUSE_S = 0.1


def asked_meanwhile(folder: Path, entries: int) -> tuple[float, str, list[float]]:
    """Seconds until the feed was stored, what the log says of that poll, and the seconds of each answer of the page."""
    site, desk = Site(), Desk()
    answers = []
    with serve(site), serve(desk):
        site.documents["/feed.xml"] = rss("Cats")
        house = House(folder, site, desk)
        house.settings["web"]["bind"] = "127.0.0.1:0"
        house.settings["polling"] |= {"interval": "1s", "max_body_bytes": 64 * 1024 * 1024, "timeout": "120s"}
        house.write()
        with house.running():
            log = house.log.read_text("utf-8")
            url = next(word for word in log.split() if word.endswith("/healthz"))
            site.documents["/feed.xml"] = rss(*map(str, range(entries)))
            began = time.monotonic()
            while not (told := [line for line in house.log.read_text("utf-8").splitlines() if is_large(line)]):
                asked = time.monotonic()
                assert urllib.request.urlopen(url, timeout=60).status == 200
                answers.append(time.monotonic() - asked)
                time.sleep(PAUSE_S)
            return time.monotonic() - began, told[0], answers


def is_large(line: str) -> bool:
    """Whether the log speaks of the poll that brought much, or could not read it."""
    return bool(re.search(r" poll feed=.* (status=failed|new=\d{3,})", line))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--entries", type=int, default=100_000)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds, told, answers = asked_meanwhile(Path(folder), asked.entries)
    answers.sort()
    p99 = answers[max(0, round(len(answers) * 0.99) - 1)]
    print(told)
    print(f"{asked.entries} entries in {seconds:.1f} s; {len(answers)} answers of the page, p99 {p99 * 1000:.0f} ms")
    sys.exit(p99 > 0.1)


if __name__ == "__main__":
    main()
