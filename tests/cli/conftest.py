"""Commands that run within the test's own process set up the log of that process: taken back after each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def default_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()
