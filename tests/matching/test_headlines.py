"""The shipped story over some 470 headlines: is the watch right about them, thread by thread and in every language?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.domain import Match
from monitor.matching.matcher import Matcher
from tests.matching.samples import entry
from tests.matching.test_story_files import STORY

FILE = Path(__file__).parent / "data" / "headlines.txt"


@dataclass(frozen=True)
class Headline:
    lang: str
    topics: str
    storylines: str
    title: str
    summary: str

    @property
    def belongs(self) -> bool:
        return bool(self.topics or self.storylines)


def read() -> list[Headline]:
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [Headline(*row, *[""] * (5 - len(row))) for row in cells]


HEADLINES = read()


@pytest.fixture(scope="module")
def matches() -> list[Match]:
    matcher = Matcher(STORY)
    return [matcher.match(entry(line.title, line.summary, lang=line.lang)) for line in HEADLINES]


def rates(field: str, matches: list[Match], group: str) -> dict[str, tuple[float, float]]:
    """Precision and recall of every label, or of every language."""
    counts: Counter[tuple[str, str]] = Counter()
    for line, match in zip(HEADLINES, matches, strict=True):
        labels = {label.strip() for label in getattr(line, field).split(",")} - {""}
        wanted = {label for label in labels if not label.endswith("?")}
        given = set(getattr(match, f"held_{field}"))
        for label in (wanted | given) - {label[:-1] for label in labels - wanted}:
            outcome = "hit" if label in wanted & given else "false" if label in given else "missed"
            counts[(line.lang if group == "lang" else label), outcome] += 1
    return {
        name: (
            counts[name, "hit"] / max(1, counts[name, "hit"] + counts[name, "false"]),
            counts[name, "hit"] / max(1, counts[name, "hit"] + counts[name, "missed"]),
        )
        for name, _ in counts
    }


def test_every_topic_is_seen_and_nothing_else_is_taken_for_it(matches: list[Match]):
    seen = rates("topics", matches, "label")
    assert set(seen) == {topic.id for topic in STORY.topics}
    assert {name: rate for name, rate in seen.items() if rate[0] < 0.97 or rate[1] < 0.95} == {}


def test_every_storyline_is_followed(matches: list[Match]):
    seen = rates("storylines", matches, "label")
    assert set(seen) == {line.id for line in STORY.storylines}
    assert {name: rate for name, rate in seen.items() if min(rate) < 0.85} == {}


def test_every_language_is_understood(matches: list[Match]):
    seen = rates("storylines", matches, "lang")
    assert set(seen) == {"en", "zh", "ja", "ko", "es", "pt", "de", "fr", "it"}
    assert {name: rate for name, rate in seen.items() if min(rate) < 0.9} == {}


def test_what_does_not_belong_is_left_out(matches: list[Match]):
    wrong = [
        line.title
        for line, match in zip(HEADLINES, matches, strict=True)
        if not line.belongs and (match.held or match.held_topics)
    ]
    assert sum(not line.belongs for line in HEADLINES) > 150
    assert wrong == []
