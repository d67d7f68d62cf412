"""The sentence encoder at the edge, and doing without it."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.domain import Story, Storyline
from monitor.meaning import Encoder, available, beats
from tests.factories import an_entry

STORY = Story(story="s", storylines=(Storyline(id="ships", title="It ships", about="When Avocado ships."),))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_the_package_is_installed_for_the_tests():
    assert available()


def test_a_text_has_one_unit_vector_however_it_is_asked_for(encoder: Encoder):
    together = encoder(["Meta delays Avocado", "Guacamole prices rise", "Meta delays Avocado"])
    assert together.shape == (3, 512)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert (together[0] == together[2]).all()
    assert (encoder(["Meta delays Avocado"])[0] == together[0]).all()


def test_languages_meet_in_meaning():
    meaning = beats([STORY])["s"].meaning
    assert meaning is not None
    told = {"delay": "Meta delays its Avocado model to May", "exit": "Yann LeCun leaves Meta for a start-up"}
    space = meaning.space()
    for event, title in told.items():
        space.add(event, meaning.vector(an_entry(title)))
    for title in ("Meta 推迟发布 Avocado 模型", "메타, 아보카도 모델 연기", "Meta adia o modelo Avocado"):
        delay, exit_ = space.compare(meaning.vector(an_entry(title)), ["delay", "exit"])
        assert delay > exit_, title


def test_a_story_s_beat_knows_how_many_storylines_it_has():
    assert beats([STORY])["s"].lines == 1
