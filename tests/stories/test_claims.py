"""What a report says of an expectation, in its own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from monitor.domain import Bearing, Expectation, Statement, StatementKind
from monitor.stories.claims import read_statement
from tests.factories import an_entry

SHIPS = Expectation(id="ships", claim="Avocado is released to the public", when="x", by="spring 2026")
LEAVES = Expectation(id="leaves", claim="Alexandr Wang leaves Meta", when="x")
SAID_ON = date(2026, 3, 12)
NAMES = frozenset(("Avocado", "牛油果", "アボカド", "아보카도"))


def read(
    title: str,
    summary: str = "",
    expectation: Expectation = SHIPS,
    *,
    answers: tuple[str, ...] = (),
    names: frozenset[str] = NAMES,
    others: tuple[str, ...] = ("Llama", "Qwen"),
) -> Statement | None:
    bearing = Bearing(expectation=expectation.id, answers=frozenset(answers), names=names, others=frozenset(others))
    return read_statement(an_entry(title, summary=summary), expectation, bearing, SAID_ON, trusted=False)


def kind(statement: Statement | None) -> str | None:
    return statement.kind.value + (" perhaps" if statement.hedged else "") if statement else None


@pytest.mark.parametrize(
    ("title", "said", "first", "last"),
    [
        ("Meta delays Avocado to May", "May", "2026-05-01", "2026-05-31"),
        ("Meta pushes Avocado launch back to mid-June", "mid-June", "2026-06-11", "2026-06-20"),
        ("Avocado slips from March to May", "May", "2026-05-01", "2026-05-31"),
        ("Avocado, meant for March, is now due in May at the earliest", "May", "2026-05-01", "2026-05-31"),
        ("Avocado to come in June instead of April", "June", "2026-06-01", "2026-06-30"),
        ("Meta postpones Avocado to May or June", "May or June", "2026-05-01", "2026-06-30"),
        ("Avocado delayed until the second half of 2026", "second half of 2026", "2026-07-01", "2026-12-31"),
        ("Avocado will not arrive before the end of the year", "end of the year", "2026-10-01", "2026-12-31"),
        ("Meta shifts Avocado's release to 2027", "2027", "2027-01-01", "2027-12-31"),
        ("Meta verschiebt Avocado auf Mai", "Mai", "2026-05-01", "2026-05-31"),
        ("Avocado kommt frühestens im Juni", "Juni", "2026-06-01", "2026-06-30"),
        ("Meta repousse Avocado à fin mai", "fin mai", "2026-05-21", "2026-05-31"),
        ("Meta aplaza Avocado a mayo", "mayo", "2026-05-01", "2026-05-31"),
        ("Meta retrasa Avocado de marzo a junio", "junio", "2026-06-01", "2026-06-30"),
        ("Meta adia Avocado para maio", "maio", "2026-05-01", "2026-05-31"),
        ("Meta将牛油果从3月推迟到5月", "5月", "2026-05-01", "2026-05-31"),
        ("牛油果延期,最早6月发布", "6月", "2026-06-01", "2026-06-30"),
        ("メタ、アボカドの公開を5月に延期", "5月", "2026-05-01", "2026-05-31"),
        ("메타, 아보카도 출시 5월로 연기", "5월", "2026-05-01", "2026-05-31"),
    ],
)
def test_a_slip_names_the_time_that_is_promised_now(title: str, said: str, first: str, last: str):
    statement = read(title)
    assert kind(statement) == "slipped"
    assert statement
    assert (statement.said, str(statement.earliest), str(statement.latest)) == (said, first, last)


def test_the_new_time_may_stand_in_the_summary_and_the_day_of_the_news_is_none():
    said = read("Meta delays Avocado", "Its two-month delay came out on 13 March 2026. It now comes in May.")
    assert said
    assert said.said == "May"
    undated = read("Meta delays Avocado again", "The company gave no new date on Thursday.")
    assert undated
    assert (undated.kind, undated.earliest) == (StatementKind.SLIPPED, None)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Avocado could be delayed to June", "slipped perhaps"),
        ("Avocado may slip to June, says one close to the team", "slipped perhaps"),
        ("Will Avocado be delayed until June?", "slipped perhaps"),
        ("Avocado könnte sich bis Juni verzögern", "slipped perhaps"),
        ("牛油果可能推迟到6月", "slipped perhaps"),
        ("メタ、アボカドの延期を検討", "slipped perhaps"),
        ("메타, 아보카도 출시 연기 검토", "slipped perhaps"),
        ("Meta denies report of Avocado delay", "stands"),
        ("Avocado is not delayed, Meta says", "stands"),
        ("Meta bestreitet, dass sich Avocado verzögert", "stands"),
        ("Meta否认推迟牛油果", "stands"),
        ("メタ、アボカドの延期を否定", "stands"),
        ("메타, 아보카도 연기설 부인", "stands"),
        ("Avocado is on track for spring, Meta says", "stands"),
        ("Meta scraps Avocado", "cancelled"),
        ("Meta scraps plans to launch its new model Avocado", "cancelled"),
        ("Avocado has been shelved", "cancelled"),
        ("Meta might cancel Avocado", "cancelled perhaps"),
        ("Meta stellt Avocado ein", "cancelled"),
        ("Meta取消牛油果项目", "cancelled"),
        ("메타, 아보카도 개발 중단", "cancelled"),
        ("Meta has no plans to release Avocado", "denied"),
        ("Meta denies that Avocado will be released", "denied"),
        ("Meta dementiert Veröffentlichung von Avocado", "denied"),
        ("Meta否认将发布牛油果", "denied"),
        ("Meta abandons open source for Avocado", None),
        ("Meta drops Llama and bets on Avocado", None),
        ("After Llama delays, Meta shows Avocado to staff", None),
        ("Meta denies that Wang and Zuckerberg fell out over Avocado", None),
        ("Meta trains Avocado on Qwen", None),
    ],
)
def test_what_a_headline_says_of_the_promise(title: str, expected: str | None):
    assert kind(read(title)) == expected


def test_the_delay_of_another_thing_in_the_summary_says_nothing():
    assert read("Meta prepares Avocado", "Llama 4 Behemoth was delayed for months.") is None
    assert kind(read("Meta prepares Avocado", "It was delayed to May.")) == "slipped"


def test_a_promise_without_a_time_cannot_slip():
    assert read("Meta delays Avocado to May", expectation=replace(SHIPS, by="")) is None


def test_without_a_topic_the_names_of_the_claim_and_its_kind_of_happening_must_be_there():
    none = frozenset[str]()
    assert kind(read("Meta denies that Alexandr Wang is leaving", expectation=LEAVES, names=none)) == "denied"
    assert read("Meta denies that Alexandr Wang clashed with Cox", expectation=LEAVES, names=none) is None


def test_an_answered_query_says_so_and_a_written_one_takes_the_place_of_our_words():
    assert kind(read("Muse Spark is out", answers=("when",))) == "met"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("On April 8, 2026, Meta releases Muse Spark", None),
        ("On March 12, 2026, Meta releases Muse Spark", "met"),
        ("Meta releases Muse Spark, a year before the EU's deadline of 2027", "met"),
    ],
    ids=["a day to come", "today", "a year to come"],
)
def test_what_is_to_happen_on_a_later_day_has_not_happened(title: str, expected: str | None):
    """A plan for a day, or a feed that gives a wrong date."""
    assert kind(read(title, answers=("when",))) == expected
    assert kind(read("Avocado is dead", answers=("cancelled",))) == "cancelled"
    said = read("Avocado wird im Juni fertig", answers=("slipped",))
    assert said
    assert (said.kind, said.said) == (StatementKind.SLIPPED, "Juni")
    own = replace(SHIPS, slipped="x", denied="x", cancelled="x")
    assert read("Meta delays Avocado to May", expectation=own) is None
    assert read("Meta scraps Avocado", expectation=own) is None
    assert read("Meta denies that Avocado will be released", expectation=own) is None
