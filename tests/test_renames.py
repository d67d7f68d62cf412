"""Renames of other fields, through the whole flow: what was renamed is proposed, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from monitor.backtest import ProposedName, drifted
from monitor.domain import Story

RENAMES = Path(__file__).parent / "stories" / "data" / "renames"
BEGIN = datetime(2026, 1, 1, 6, tzinfo=UTC)


def proposed(name: str) -> tuple[dict[str, list[str]], list[ProposedName]]:
    """What a scenario wants for each topic, and what is proposed."""
    scenario: dict[str, Any] = yaml.safe_load((RENAMES / f"{name}.yaml").read_text("utf-8"))
    story = TypeAdapter(Story).validate_python(scenario["story"])
    items = [
        {
            "id": number,
            "lang": "en",
            **item,
            "published": f"{BEGIN + timedelta(days=item['day'], minutes=number):%FT%TZ}",
        }
        for number, item in enumerate(scenario["items"])
    ]
    return scenario["wanted"], drifted(items, story)


@pytest.mark.parametrize("name", ["drug", "console", "model"])
def test_what_was_renamed_is_proposed_and_nothing_else(name: str):
    wanted, found = proposed(name)
    assert {(one.topic, one.term) for one in found} == {
        (topic, term) for topic, terms in wanted.items() for term in terms
    }
