"""How thorough the proofs are: ``make prove`` sets PROVE."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def fault_step() -> int:
    return 1 if os.environ.get("PROVE") else 47


@pytest.fixture
def examples() -> int:
    """How many lives hypothesis leads."""
    return 60 if os.environ.get("PROVE") else 3
