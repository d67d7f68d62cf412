"""How alike two texts are."""

from __future__ import annotations

from collections import Counter

import pytest

from monitor.stories.similarity import copies, cosine, features, rarity_of, same_title, weigh


def alike(one: str, other: str) -> float:
    known = features(other, "").terms
    rarity = rarity_of(lambda term: int(term in known), 1)
    return cosine(weigh(features(one, "").terms, rarity), weigh(known, rarity))


def test_the_same_text_is_wholly_alike_and_a_strange_one_not_at_all():
    assert alike("Meta delays Avocado", "Meta delays Avocado") == pytest.approx(1.0)
    assert alike("Meta delays Avocado", "Guacamole prices rise") == 0.0
    assert alike("", "Guacamole prices rise") == 0.0


def test_languages_meet_in_names_numbers_and_kinds():
    chinese = "AMI Labs 完成10.3亿美元融资"
    assert alike(chinese, "AMI Labs raises $1.03 billion") > 0.4
    assert alike(chinese, "AMI Labs moves to Paris") < alike(chinese, "AMI Labs raises $1.03 billion")


def test_both_chinese_scripts_are_one():
    assert alike("千問團隊負責人離職", "千问团队负责人离职") == pytest.approx(1.0)


def test_a_term_that_most_events_have_tells_little():
    known = Counter(
        term for word in ("delay", "hire", "tests", "price") for term in features(f"Avocado {word}", "").terms
    )
    rarity = rarity_of(lambda term: known[term], 4)
    assert rarity("avocado") < rarity("hire") / 2
    assert rarity("hire") == rarity("never seen")


def test_a_text_with_a_word_changed_is_a_copy():
    one = "Meta has postponed its Avocado model from March to May after it trailed its rivals in internal tests"
    assert copies(features("Delay", one), features("Delay", one.replace("internal", "its own")))
    assert not copies(features("Delay", one), features("Delay", "Avocado slips: the launch planned for March is off"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "Alibaba releases Qwen 3.5 with open weights", "Alibaba releases Qwen 3.6 with open weights", id="version"
        ),
        pytest.param("AI lab raises $525 million in new round", "AI lab raises $105 million in new round", id="amount"),
        pytest.param("", "", id="nothing at all"),
        pytest.param("!?", "…", id="no letters"),
    ],
)
def test_texts_from_one_mould_are_no_copies(one: str, other: str):
    assert not copies(features(one, ""), features(other, ""))


def test_a_title_of_a_word_or_two_is_a_label():
    assert same_title(features("Meta delays Avocado to May", "a"), features("META delays “Avocado” to May!", "b"))
    assert not same_title(features("AI news", "a"), features("AI news", "b"))
