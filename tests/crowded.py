"""A daemon among many that do not answer: feeds that hang beside good ones, and receivers that hang when it must end.

    python -m tests.crowded [--feeds 50] [--receivers 20]

Hanging feeds stand before the good ones, so that they take every thread. At the end each receiver has got its message.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.servers import SECRET, Desk, Site, rss, serve
from tests.test_daemon import PATIENCE_S, House, wait_for

DEADLINE_S = 10
#: What is promised beyond the deadline, and for an end after SIGTERM.
MOST_S = 10


def lived(folder: Path, feeds: int, receivers: int) -> tuple[float, float]:
    """Seconds until each good feed was asked, and from SIGTERM to the end."""
    hanging, good = [Site() for _ in range(feeds)], [Site() for _ in range(feeds)]
    desks = [Desk() for _ in range(receivers)]
    with ExitStack() as stack:
        for party in (*hanging, *good, *desks):
            stack.enter_context(serve(party))
        for site in hanging:
            site.gate.close()
        for site in good:
            site.documents["/feed.xml"] = rss("Cats")
        house = House(folder, hanging[0], desks[0])
        house.settings["polling"]["timeout"] = f"{DEADLINE_S}s"
        house.settings["feeds"] = [{"url": f"{site.base}/feed.xml"} for site in (*hanging, *good)]
        house.settings["channels"] = [
            {"id": f"desk-{n}", "type": "webhook", "url": f"{desk.base}/hook", "secret": SECRET}
            for n, desk in enumerate(desks)
        ]
        house.settings["digests"][0]["channels"] = [channel["id"] for channel in house.settings["channels"]]
        house.write()
        with house.running() as daemon:
            began = time.monotonic()
            wait_for(lambda: all(site.requests for site in good))
            asked_s = time.monotonic() - began
            for desk in desks:
                desk.gate.close()
            good[0].documents["/feed.xml"] = rss("Arden bridge delayed")
            wait_for(lambda: all(desk.gate.waiting.is_set() for desk in desks))
            began = time.monotonic()
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(timeout=PATIENCE_S) == 0
            ended_s = time.monotonic() - began
        for party in (*hanging, *desks):
            party.gate.open()
        with house.running():
            wait_for(lambda: all(desk.received for desk in desks))
    for desk in desks:
        assert desk.titles == ["Arden bridge delayed"]
        assert len(set(desk.received)) == 1
    return asked_s, ended_s


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--feeds", type=int, default=50)
    words.add_argument("--receivers", type=int, default=20)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asked_s, ended_s = lived(Path(folder), asked.feeds, asked.receivers)
    print(
        f"{asked.feeds} good feeds asked after {asked_s:.1f} s beside {asked.feeds} that hang for {DEADLINE_S} s; "
        f"ended {ended_s:.1f} s after SIGTERM with {asked.receivers} messages on their way, none lost"
    )
    sys.exit(asked_s > DEADLINE_S + MOST_S or ended_s > MOST_S)


if __name__ == "__main__":
    main()
