"""What an entry adds, with the new fact pointed at."""

from __future__ import annotations

import pytest

from monitor.domain import Entry, Novelty
from monitor.stories.board import keep
from monitor.stories.novelty import akin, judge_novelty, reposts
from tests.factories import a_report, an_entry

TOLD = an_entry(
    "Meta delays Avocado to May",
    summary="Meta moved its model from March after tests, Alexandr Wang told staff. It has spent $14.3 billion.",
    source="Harbour Times",
    url="https://harbour.test/1",
)


def another(title: str, summary: str = "", **changes: object) -> Entry:
    fields = {"source": "Ledger", "feed_url": "https://ledger.test/feed", "url": "https://ledger.test/1"}
    return an_entry(title, summary=summary, **(fields | changes))


def test_the_first_report_opens_the_event():
    assert judge_novelty(TOLD, ()) == (Novelty.FIRST, "first report")


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(another("Meta pushes Avocado back to May", url=TOLD.url), id="the same link, reworded elsewhere"),
        pytest.param(another(TOLD.title, "Told in other words."), id="the same title elsewhere"),
        pytest.param(another("Meta delays Avocado till May", TOLD.summary), id="the same text, near enough"),
    ],
)
def test_the_same_again_is_a_duplicate(copy: Entry):
    assert judge_novelty(copy, [keep(a_report(TOLD))]) == (Novelty.DUPLICATE, "the same text as in Harbour Times")


LIVE = {"feed_url": TOLD.feed_url, "url": TOLD.url, "source": TOLD.source}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        pytest.param(another(TOLD.title, TOLD.summary, **LIVE), True, id="in one feed, the same text"),
        pytest.param(another(TOLD.title, "Told in other words.", **LIVE), False, id="in one feed, the same title"),
        pytest.param(another("Meta pushes Avocado back to May", **LIVE), False, id="in one feed, the title reworded"),
        pytest.param(another("LeCun answers on openness", url=TOLD.url), False, id="elsewhere, other words"),
        pytest.param(another("Meta ships Avocado in May", url=TOLD.url), False, id="elsewhere, another happening"),
        pytest.param(another("Meta delays Avocado 2 to May", url=TOLD.url), True, id="elsewhere, a version added"),
        pytest.param(another("Meta pushes Avocado back to May", url=None), False, id="elsewhere, another link"),
    ],
)
def test_a_link_proves_one_text_only_between_feeds_and_under_like_titles(entry: Entry, told: bool):
    assert reposts(entry, TOLD) is told


@pytest.mark.parametrize(
    ("one", "other", "like"),
    [
        pytest.param("Qwen 3.5 is out", "Qwen 3.6 is out", False, id="another version"),
        pytest.param("Qwen sees 200 million downloads", "Qwen sees 700 million downloads", False, id="another number"),
        pytest.param("Meta spends $14 billion", "Meta spends $14.3 billion", True, id="a number rounded"),
        pytest.param("Exclusive: Meta weighs renting a rival's model", "Meta weighs rival model", True, id="shortened"),
        pytest.param("", "Meta weighs rival model", False, id="no title"),
    ],
)
def test_titles_are_alike_unless_what_they_tell_differs(one: str, other: str, like: bool):
    assert akin(one, other) is akin(other, one) is like


@pytest.mark.parametrize(
    ("title", "summary", "fact"),
    [
        ("Avocado slips", "Perhaps to June.", "new: June"),
        ("Avocado slips", "Capex rises to $135 billion.", "new: $135 billion"),
        ("Avocado slips", "A spokesman, Dave Arnold, would not say.", "new: “Dave Arnold”"),
        ("Avocado slips", "It is “a bump in the road”.", "new: “a bump in the road”"),
        ("Meta shares fall on Avocado delay", "", "new: shares"),
        ("Avocado slips", "Tests by 350 people, 72%, $9 billion, June.", "new: 350 people, 72%, $9 billion and 1 more"),
        ("Avocado speaks 119 languages", "", "new: 119 languages"),
        ("牛油果支持119种语言", "", "new: 119种语言"),
    ],
    ids=[
        "a month",
        "an amount",
        "a name",
        "a quote",
        "a kind of happening",
        "several",
        "a count",
        "a count in Chinese",
    ],
)
def test_a_fact_that_was_not_told_is_named(title: str, summary: str, fact: str):
    assert judge_novelty(another(title, summary), [keep(a_report(TOLD))]) == (Novelty.NEW_FACT, fact)


@pytest.mark.parametrize(
    "summary",
    [
        "About $14 billion was spent.",
        "It moved from March, so Alexandr Wang.",
        "It comes in May.",
        "Tests of the kind began in the 1980s.",
    ],
    ids=["a figure rounded", "a name that was told", "a month that was told", "a decade"],
)
def test_another_outlet_with_nothing_new_corroborates(summary: str):
    assert judge_novelty(another("Avocado slips", summary), [keep(a_report(TOLD))]) == (
        Novelty.CORROBORATES,
        "also from Ledger",
    )


def test_who_reported_it_is_no_fact_of_it():
    entry = another("Avocado slips", "It was moved, people told the New York Times, 《金融时报》报道.")
    assert judge_novelty(entry, [keep(a_report(TOLD))])[0] is Novelty.CORROBORATES


def test_an_outlet_that_repeats_an_origin_already_heard_is_a_rehash():
    first = keep(a_report(another("Avocado slips", "Meta moved its model, Bloomberg reports.")))
    second = another("Delay for Avocado", "The model was moved, according to Bloomberg.", source="Post", url=None)
    assert judge_novelty(second, [first]) == (Novelty.REHASH, "nothing new, from Bloomberg again")
