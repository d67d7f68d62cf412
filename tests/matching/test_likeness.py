from __future__ import annotations

import pytest

from monitor.matching.likeness import learn, likeness, sample
from monitor.matching.text import read

PROSE = ("Meta delays the model until the autumn", "Researchers leave the lab for a rival", "牛油果推迟到秋季")
LEXICON = learn(PROSE, ["Avocado"])


def a_sample(text: str):
    return sample(read(text).words, LEXICON)


def test_a_text_is_like_itself_and_unlike_what_shares_no_word():
    first, second = a_sample(PROSE[0]), a_sample("Rain, then snow")
    assert likeness(first, first)[0] == pytest.approx(1.0)
    assert likeness(first, second) == (0.0, ())


def test_rare_words_are_named_before_usual_ones():
    assert likeness(a_sample("the lab"), a_sample(PROSE[1]))[1] == ("lab", "the")


def test_han_characters_are_compared_in_pairs():
    assert likeness(a_sample("推迟牛油果"), a_sample(PROSE[2]))[1] == ("推迟", "油果", "牛油")


def test_what_is_ruled_out_early_is_not_alike():
    texts = [*PROSE, "The lab delays", "the the the", "Avocado until autumn", "Rain", "", "Meta leaves the rival lab"]
    samples = [a_sample(text) for text in texts]
    prose = samples[: len(PROSE)]
    ruled_out = 0
    for one in samples:
        for other in prose:
            for floor in (0.05, 0.25, 0.5, 0.9):
                if not one.may_be_like(other.norm, floor):
                    ruled_out += 1
                    assert likeness(one, other)[0] <= floor
    assert ruled_out > 20
