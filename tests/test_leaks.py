"""Nothing is left behind by a fetch; ``make prove`` makes a hundred thousand of them."""

from __future__ import annotations

import sys
from pathlib import Path

from monitor.logs import configure
from tests.leaks import fetch_on


def test_fetching_on_and_on_holds_no_more_memory_files_or_threads(tmp_path: Path):
    configure(sys.stderr, level="CRITICAL", fmt="text")
    warm, *_, end = fetch_on(tmp_path, 1_200)
    assert end.rss_mb < warm.rss_mb + 15
    assert end.files <= warm.files + 5
    assert end.threads <= warm.threads + 5
