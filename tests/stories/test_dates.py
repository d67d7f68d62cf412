"""Loose times in nine languages, alone and in running text."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.stories.dates import find_times, read_range

SAID_ON = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("spring 2026", "2026-03-01", "2026-05-31"),
        ("summer 2026", "2026-06-01", "2026-08-31"),
        ("fall of 2026", "2026-09-01", "2026-11-30"),
        ("Autumn 2026", "2026-09-01", "2026-11-30"),
        ("winter 2027", "2027-12-01", "2028-02-29"),
        ("2026-05", "2026-05-01", "2026-05-31"),
        ("2026-06-30", "2026-06-30", "2026-06-30"),
        ("May 2026", "2026-05-01", "2026-05-31"),
        ("may 2026", "2026-05-01", "2026-05-31"),
        ("late May 2026", "2026-05-21", "2026-05-31"),
        ("Feb 2028", "2028-02-01", "2028-02-29"),
        ("30 June 2026", "2026-06-30", "2026-06-30"),
        ("June 30th, 2026", "2026-06-30", "2026-06-30"),
        ("H1 2026", "2026-01-01", "2026-06-30"),
        ("2026 H2", "2026-07-01", "2026-12-31"),
        ("Q2 2026", "2026-04-01", "2026-06-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("first half of 2026", "2026-01-01", "2026-06-30"),
        ("second half of 2026", "2026-07-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("early 2026", "2026-01-01", "2026-03-31"),
        ("mid-2026", "2026-05-01", "2026-08-31"),
        ("by the end of 2026", "2026-10-01", "2026-12-31"),
        ("1. Mai 2026", "2026-05-01", "2026-05-01"),
        ("im Frühjahr 2026", "2026-03-01", "2026-05-31"),
        ("zweites Quartal 2026", "2026-04-01", "2026-06-30"),
        ("Mitte Mai 2026", "2026-05-11", "2026-05-20"),
        ("au printemps 2026", "2026-03-01", "2026-05-31"),
        ("premier semestre 2026", "2026-01-01", "2026-06-30"),
        ("fin 2026", "2026-10-01", "2026-12-31"),
        ("primavera de 2026", "2026-03-01", "2026-05-31"),
        ("mediados de mayo de 2026", "2026-05-11", "2026-05-20"),
        ("14 de mayo de 2026", "2026-05-14", "2026-05-14"),
        ("segundo trimestre de 2026", "2026-04-01", "2026-06-30"),
        ("fim de 2026", "2026-10-01", "2026-12-31"),
        ("2026年春", "2026-03-01", "2026-05-31"),
        ("2026年春季", "2026-03-01", "2026-05-31"),
        ("2026年上半年", "2026-01-01", "2026-06-30"),
        ("2026年第二季度", "2026-04-01", "2026-06-30"),
        ("2026年第2四半期", "2026-04-01", "2026-06-30"),
        ("2026年5月中旬", "2026-05-11", "2026-05-20"),
        ("2026年底", "2026-10-01", "2026-12-31"),
        ("2026年", "2026-01-01", "2026-12-31"),
        ("2026년 봄", "2026-03-01", "2026-05-31"),
        ("2026년 상반기", "2026-01-01", "2026-06-30"),
        ("2026년 2분기", "2026-04-01", "2026-06-30"),
        ("", None, None),
        ("soon", None, None),
        ("by summer", None, None),
        ("31 June 2026", None, None),
        ("2026-13", None, None),
        ("Q5 2026", None, None),
        ("the year 20266", None, None),
        ("May 2026 or never", None, None),
    ],
)
def test_a_loose_date_has_a_first_and_a_last_day(text: str, first: str | None, last: str | None):
    expected = (date.fromisoformat(first), date.fromisoformat(last)) if first and last else None
    assert read_range(text) == expected


@pytest.mark.parametrize(
    ("text", "said", "first", "last"),
    [
        ("It comes by the end of the year.", "end of the year", "2026-10-01", "2026-12-31"),
        ("due mid-May, they say", "mid-May", "2026-05-11", "2026-05-20"),
        ("expected in Q2", "Q2", "2026-04-01", "2026-06-30"),
        ("out later this month", "later this month", "2026-03-12", "2026-03-31"),
        ("out next month", "next month", "2026-04-01", "2026-04-30"),
        ("out next week", "next week", "2026-03-16", "2026-03-22"),
        ("out tomorrow", "tomorrow", "2026-03-13", "2026-03-13"),
        ("in two weeks", "in two weeks", "2026-03-23", "2026-03-29"),
        ("later this year", "later this year", "2026-03-12", "2026-12-31"),
        ("in the first quarter of next year", "first quarter of next year", "2027-01-01", "2027-03-31"),
        ("next spring", "next spring", "2026-03-01", "2026-05-31"),
        ("not before March", "March", "2026-03-01", "2026-03-31"),
        ("not before February", "February", "2027-02-01", "2027-02-28"),
        ("not before year-end", "year-end", "2026-10-01", "2026-12-31"),
        ("Ende Mai", "Ende Mai", "2026-05-21", "2026-05-31"),
        ("bis Jahresende", "Jahresende", "2026-10-01", "2026-12-31"),
        ("im nächsten Jahr", "nächsten Jahr", "2027-01-01", "2027-12-31"),
        ("à la mi-mai", "mi-mai", "2026-05-11", "2026-05-20"),
        ("antes de fin de año", "fin de año", "2026-10-01", "2026-12-31"),
        ("dans 3 mois", "dans 3 mois", "2026-06-01", "2026-06-30"),
        ("推迟到至少5月", "5月", "2026-05-01", "2026-05-31"),
        ("推至五月下旬", "五月下旬", "2026-05-21", "2026-05-31"),
        ("有望上半年发布", "上半年", "2026-01-01", "2026-06-30"),
        ("明年春季推出", "明年春", "2027-03-01", "2027-05-31"),
        ("年底前上线", "年底", "2026-10-01", "2026-12-31"),
        ("下个月发布", "下个月", "2026-04-01", "2026-04-30"),
        ("3个月后", "3个月后", "2026-06-01", "2026-06-30"),
        ("春に公開へ", "春", "2026-03-01", "2026-05-31"),
        ("今春に投入", "今春", "2026-03-01", "2026-05-31"),
        ("来月公開", "来月", "2026-04-01", "2026-04-30"),
        ("올봄 출시", "올봄", "2026-03-01", "2026-05-31"),
        ("5월 말로 연기", "5월 말", "2026-05-21", "2026-05-31"),
        ("다음 달 공개", "다음 달", "2026-04-01", "2026-04-30"),
    ],
)
def test_a_time_in_a_text_is_counted_from_the_day_on_which_it_was_said(text: str, said: str, first: str, last: str):
    (time,) = find_times(text, SAID_ON)
    assert (time.said, time.first, time.last) == (said, date.fromisoformat(first), date.fromisoformat(last))
    assert text[time.start : time.end].strip(" .,") == said


@pytest.mark.parametrize(
    "text",
    [
        "it may come",
        "they march on",
        "prices fall and hopes spring",
        "青春",
        "three teams of 2",
        "version 3.0",
        "3个月的测试",
    ],
)
def test_what_only_looks_like_a_time_is_none(text: str):
    assert find_times(text, SAID_ON) == ()


def test_times_stand_in_their_order_and_do_not_overlap():
    found = find_times("from March to May 2026, not 2027", SAID_ON)
    assert [time.said for time in found] == ["March", "May 2026", "2027"]


def test_in_january_this_winter_is_the_one_that_began_last_year():
    (time,) = find_times("this winter", date(2026, 1, 10))
    assert (time.first, time.last) == (date(2025, 12, 1), date(2026, 2, 28))
