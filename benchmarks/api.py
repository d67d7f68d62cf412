"""The API against its description, at length: `python -m benchmarks.api [--examples 300]`, or `make api`.

Every operation, with what fits and what does not, over a site that holds the demo's week. Nothing may be answered in a
way that the description does not know, and nothing with 5xx. 300 examples take about half an hour.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from monitor.feeds.isolation import Parser
from tests.web.test_api_schema import schemathesis, tried


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=300, help="made up for each operation")
    asked.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Parser(workers=1) as parser,
        tried(Path(folder), parser) as description,
    ):
        command = schemathesis(
            Path(folder), description, f"--max-examples={given.examples}", f"--phases={given.phases}",
            "--continue-on-failure",
        )  # fmt: skip
        sys.exit(subprocess.run(command, check=False, cwd=folder).returncode)


if __name__ == "__main__":
    main()
