"""``python -m tests.fuzz SECONDS``: look for bytes that break the way; exits with the crash when some do."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).parent
DATA = HERE.parent / "feeds" / "data"


def main() -> None:
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["monitor", "feedparser"]):
        from tests.fuzz.target import pass_through
    found = tempfile.mkdtemp(prefix="monitor-fuzz-")
    options = [
        f"-max_total_time={sys.argv[1]}",
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, found, str(HERE / "corpus"), str(DATA)], pass_through)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
