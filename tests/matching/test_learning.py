from __future__ import annotations

import math
from dataclasses import replace

import pytest

from monitor.domain import Feedback
from monitor.matching.learning import CAP, Answer, correction, fit
from monitor.matching.likeness import Lexicon, Sample, sample
from monitor.matching.matcher import Matcher
from tests.matching.samples import RELEASE, STORY, entry

LEXICON = Lexicon(counts={}, texts=0, own=frozenset())
ROBOT = "Meta launches Avocado cooking robot for canteens, Zuckerberg says"


def words(text: str) -> Sample:
    return sample(text.lower().split(), LEXICON)


def no(text: str, kind: str = "storyline", target: str = "release", *, belongs: bool = False) -> Feedback:
    return Feedback(entry=entry(text), kind=kind, target=target, belongs=belongs)


def storyline(matcher: Matcher, title: str):
    return next((line for line in matcher.match(entry(title)).storylines if line.storyline == "release"), None)


def test_no_answers_change_nothing():
    assert correction(fit([]), words("cooking robot")) == (0.0, "")


def test_an_answer_pulls_what_is_like_it_and_nothing_else():
    lessons = fit([Answer("The robot", words("cooking robot for canteens"), 1.5, False)])
    pull, because = correction(lessons, words("cooking robot for schools"))
    assert pull < -1.0
    assert because == "you said no to “The robot”"
    assert correction(lessons, words("model slips again")) == (0.0, "")


def test_an_answer_that_agrees_with_the_rules_hardly_moves_anything():
    agreed, contradicted = (
        abs(correction(fit([Answer("x", words("cooking robot"), rules, True)]), words("cooking robot"))[0])
        for rules in (3.0, -1.5)
    )
    assert agreed < 0.4 < 1.2 < contradicted


@pytest.mark.parametrize("times", [1, 3, 40])
def test_answers_never_move_a_score_by_more_than_the_cap(times: int):
    answers = [Answer(f"{n}", words("cooking robot"), 5.0, False) for n in range(times)]
    pull, _ = correction(fit(answers), words("cooking robot"))
    assert -CAP <= pull < 0
    assert math.isfinite(pull)


def test_two_opposite_answers_to_one_text_cancel_out():
    answers = [Answer("x", words("cooking robot"), 0.0, belongs) for belongs in (True, False)]
    assert abs(correction(fit(answers), words("cooking robot"))[0]) < 0.1


def test_a_storyline_turns_down_what_a_reader_turned_down():
    taught = Matcher(STORY, [no(ROBOT)])
    assert storyline(Matcher(STORY), ROBOT).held
    seen = storyline(taught, ROBOT)
    assert not seen.held
    assert [part.because for part in seen.parts if part.name == "feedback"] == [f"you said no to “{ROBOT}”"]
    assert storyline(taught, "Meta delays Avocado after weak tests").held


def test_a_storyline_takes_in_what_a_reader_took_in():
    text = "Meta's Avocado: staff see a first demo"
    taught = Matcher(STORY, [no(text, belongs=True)])
    assert not storyline(Matcher(STORY), text).held
    assert storyline(taught, text).held


def test_a_reader_cannot_open_a_storyline_whose_topics_do_not_hold():
    text = "Kitchen robots launch in canteens"
    assert not storyline(Matcher(STORY, [no(text, belongs=True)]), text).held


def test_an_alias_is_unlearned_and_a_strong_name_is_not():
    taught = Matcher(STORY, [no(ROBOT, "topic", "avocado"), no("Muse Spark robot", "topic", "avocado")])
    turned_down = taught.match(entry(ROBOT)).topics[0]
    assert not turned_down.held
    assert turned_down.feedback.because.startswith("you said no")
    assert turned_down.missing
    assert taught.match(entry("Muse Spark robot")).held_topics == ("avocado",)


def test_answers_about_what_is_no_longer_configured_are_left_aside():
    said = [no(ROBOT, "topic", "gone"), no(ROBOT, target="gone")]
    assert Matcher(STORY, said).match(entry(ROBOT)) == Matcher(STORY).match(entry(ROBOT))


def test_the_order_of_answers_does_not_matter():
    said = [no(ROBOT), no("Meta delays Avocado", belongs=True), no("Meta's Avocado toast launches", belongs=False)]
    scores = [storyline(Matcher(STORY, order), ROBOT).score for order in (said, said[::-1])]
    assert scores[0] == pytest.approx(scores[1])


def test_a_storyline_without_a_query_learns_too():
    story = replace(STORY, storylines=(replace(RELEASE, query=""),))
    assert not storyline(Matcher(story, [no(ROBOT)]), ROBOT).held
