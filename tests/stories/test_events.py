"""Entries that report one happening become one event, and others do not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain import Entry, Hit, Match, Novelty, Report, StorylineMatch, TopicMatch
from monitor.stories.board import Board, Kept, keep
from monitor.stories.events import WINDOW, new_event_id, place
from monitor.stories.likeness import Beat
from tests.factories import NOON, a_match, a_report, an_entry
from tests.stories.encoder import a_meaning

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data/two-weeks.jsonl").read_text("utf-8").splitlines()]


#: The story of ``match_of`` has one storyline; without a sentence encoder words have to do.
WORDS_ALONE = Beat(lines=1)


def entry_of(row: dict[str, Any]) -> Entry:
    return an_entry(
        row["title"],
        summary=row["summary"],
        source=row["source"],
        lang=row["lang"],
        feed_url=f"https://{row['source']}/feed",
        url=None,
        published=NOON + timedelta(days=row["day"]),
    )


def match_of(entry: Entry) -> Match:
    """What matching would say: a topic for each name that stands in the text, with its hits."""
    topics = tuple(
        TopicMatch(
            topic=name.casefold(),
            held=True,
            score=1.0,
            hits=(Hit(term=name, found=name, place="title", role="strong"),),
        )
        for name in ("Avocado", "Qwen", "Llama", "LeCun")
        if name in entry.text
    )
    line = StorylineMatch(storyline="all", held=True, score=0.9)
    return Match(story="open-source-retreat", topics=topics, storylines=(line,))


def group(entries: Iterable[Entry], beat: Beat = WORDS_ALONE) -> list[Report]:
    """Place entries one after the other, as they would arrive."""
    board = a_board(beat)
    placed = []
    for number, entry in enumerate(entries, start=1):
        report = place(number, entry, match_of(entry), board, beat=beat, first_seen=entry.published or NOON).report
        board.add(kept(report, beat))
        placed.append(report)
    return placed


def kept(report: Report, beat: Beat) -> Kept:
    return keep(report, beat.meaning.vector(report.entry) if beat.meaning else b"")


def a_board(beat: Beat, *reports: Report, steered: Collection[int] = ()) -> Board:
    board = Board(beat.meaning.space() if beat.meaning else None, steered, since=NOON - 2 * WINDOW)
    for report in reports:
        board.add(kept(report, beat))
    return board


def later(days: float, title: str, **changes: Any) -> Entry:
    """An entry of another feed, so many days after noon."""
    changes = {"feed_url": "https://other.test/feed", "url": None, "source": "Other"} | changes
    return an_entry(title, published=NOON + timedelta(days=days), **changes)


def together(first: Entry, second: Entry) -> bool:
    one, other = group([first, second])
    return one.event == other.event


def test_two_weeks_of_six_languages_are_grouped_as_people_would():
    told: dict[str, str] = {}
    for row, report in zip(ROWS, group(map(entry_of, ROWS)), strict=True):
        told.setdefault(report.event, row["event"])
        assert told[report.event] == row["event"], row["title"]
    split = len(told) - len({row["event"] for row in ROWS})
    assert split <= 1, "at most one event is told as two"


def test_a_second_version_is_a_second_event_whatever_the_words():
    assert not together(
        an_entry("Alibaba releases Qwen 3.5 with open weights"), later(1, "Alibaba releases Qwen 3.6 with open weights")
    )


@pytest.mark.parametrize(
    "title", ["Alibaba releases Qwen3.5", "Qwen-3.5 released by Alibaba", "Alibaba: Qwen 3.5 is out"]
)
def test_one_version_in_other_spellings_is_no_clash(title: str):
    assert together(an_entry("Alibaba releases Qwen 3.5"), later(0.2, title))


def test_what_happened_again_two_weeks_later_is_another_event():
    title = "Meta lays off staff at its FAIR lab in Paris"
    assert together(an_entry(title), later(1, f"{title}, sources say"))
    assert not together(an_entry(title), later(WINDOW.days + 1, f"{title}, sources say"))


def test_a_copy_joins_however_short():
    assert together(an_entry("Qwen"), later(3, "Qwen, briefly", url="https://news.test/1"))


def test_a_label_that_one_feed_repeats_does_not_join():
    """The weekly round-up of one feed has one title and other news each time."""
    first = an_entry("The week in artificial intelligence", summary="Meta delays Avocado.", url=None)
    second = an_entry("The week in artificial intelligence", summary="Alibaba opens a campus in Hangzhou.", url=None)
    third = later(7, second.title, summary=second.summary, feed_url=first.feed_url)
    assert group([first, third])[1].novelty is not Novelty.DUPLICATE


def test_an_event_keeps_its_id_and_the_same_entry_makes_the_same_id_again():
    first, second = group([an_entry("Meta delays Avocado to May"), later(0.1, "Meta delays Avocado until May")])
    assert first.event == second.event == new_event_id("open-source-retreat", first.entry)
    assert first.event.startswith("e")
    assert len(first.event) == 13
    assert new_event_id("another-story", first.entry) != first.event


def test_a_report_says_which_event_it_joined_and_by_which_terms():
    reason = group([an_entry("Meta delays Avocado to May"), later(0.1, "Avocado: Meta delays it until May")])[1].reason
    assert "joins “Meta delays Avocado to May” (" in reason
    assert "delay" in reason


def test_a_date_in_the_future_is_taken_as_now():
    """A feed whose clock is wrong must not split an event."""
    first = a_report(an_entry("Meta delays Avocado to May"))
    entry, board = later(30, "Meta delays Avocado until May"), a_board(WORDS_ALONE, first)
    report = place(2, entry, a_match(), board, beat=WORDS_ALONE, first_seen=NOON + timedelta(hours=2)).report
    assert report.event == first.event


def test_a_primed_entry_opens_an_event_and_stays_marked():
    report = place(
        1, an_entry(), a_match(), a_board(WORDS_ALONE), beat=WORDS_ALONE, first_seen=NOON, primed=True
    ).report
    assert (report.novelty, report.primed, report.entry_id) == (Novelty.FIRST, True, 1)


def test_an_entry_without_words_stands_alone():
    reports = group([an_entry("…", url=None), later(0, "?!")])
    assert reports[0].event != reports[1].event


WORDS = st.lists(
    st.sampled_from(["Meta", "delays", "Avocado", "Qwen 3.5", "May", "$14 billion", "千问", "发布"]), max_size=8
)


@given(titles=st.lists(WORDS.map(" ".join), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_order_in_which_events_are_handed_over_does_not_matter(titles: Sequence[str]):
    reports = group(an_entry(title, identity=str(n), url=None) for n, title in enumerate(titles))
    events: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        events[report.event].append(report)
    orders = [list(events.values()), list(events.values())[::-1]]
    entry = later(0.5, "Meta delays Avocado to May and hires")
    boards = [a_board(WORDS_ALONE, *(report for event in order for report in event)) for order in orders]
    one, other = (place(9, entry, a_match(), board, beat=WORDS_ALONE, first_seen=NOON).report for board in boards)
    assert (one.event, one.novelty) == (other.event, other.novelty)


def test_texts_without_a_common_word_join_by_their_meaning():
    first, second = an_entry("Meta delays Avocado"), later(0.5, "Der Zeitplan rutscht")
    beat = Beat(lines=1, meaning=a_meaning({"Meta delays Avocado": "slip", "Der Zeitplan rutscht": "slip"}))
    one, other = group([first, second], beat)
    assert one.event == other.event
    assert "meaning 1.00" in other.reason
    assert len({report.event for report in group([first, second])}) == 2


def test_what_is_late_is_not_out():
    """A launch three days after a delay, in nearly the same words, is the next event."""
    delayed = an_entry("Meta pushes Avocado launch back to May")
    launched = later(3, "Meta launches Avocado in May")
    beat = Beat(lines=1, meaning=a_meaning({delayed.title: "abcd", launched.title: "abxy"}))
    assert len({report.event for report in group([delayed, launched], beat)}) == 2
    later_still = later(3, "Meta pushes Avocado launch back further", identity="later still")
    meanings = {delayed.title: "abcd", later_still.title: "abxy"}
    assert (
        len({report.event for report in group([delayed, later_still], Beat(lines=1, meaning=a_meaning(meanings)))}) == 1
    )


def test_an_entry_unlike_the_first_report_does_not_join_however_like_the_later_ones():
    """Else a week of the beat chains into one event, each report near the one before."""
    titles = ("Chief scientist speaks", "Scientist speaks of money", "Money is spoken of", "Money grows")
    meanings = dict(zip(titles, ("abc", "abcxyz", "xyz", "xyz"), strict=True))
    reports = group(
        [later(number / 4, title) for number, title in enumerate(titles)], Beat(lines=1, meaning=a_meaning(meanings))
    )
    assert reports[0].event == reports[1].event
    assert reports[3].event != reports[0].event


def test_with_a_single_storyline_its_label_joins_nothing():
    """All entries of such a story share it: that says nothing."""
    entries = [later(n, title) for n, title in enumerate(("Bridge paint is dry", "Ferry fares rise", "Mayor resigns"))]
    assert len({report.event for report in group(entries, Beat(lines=1))}) == 3


@pytest.mark.parametrize("meaning", [None, a_meaning({})], ids=["words alone", "an encoder"])
def test_an_entry_of_an_empty_text_is_placed(meaning: Any):
    reports = group([an_entry("", url=None), later(0, "")], Beat(lines=1, meaning=meaning))
    assert len(reports) == 2


def test_a_feed_whose_entries_all_link_to_one_page_tells_several_events():
    titles = ("Meta delays Avocado to May", "LeCun founds a lab in Paris", "Qwen 3.5 sees 200 million downloads")
    placed = group(an_entry(title, url="https://news.test/") for title in titles)
    assert len({report.event for report in placed}) == 3
    assert {report.novelty for report in placed} == {Novelty.FIRST}


def test_a_parting_that_was_undone_bars_nothing():
    one, two = group([an_entry("Meta delays Avocado to May", published=NOON), later(30, "Qwen opens its weights")])
    board = Board(apart={one.entry_id: {two.entry_id}, two.entry_id: {one.entry_id}}, since=NOON - 2 * WINDOW)
    for report in (one, two):
        board.add(kept(report, WORDS_ALONE))
    assert board.away_from(one.entry_id) == {two.event}
    board.merge(two.event, one.event)
    assert board.away_from(one.entry_id) == set()
