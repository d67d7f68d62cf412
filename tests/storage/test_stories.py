from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.domain import Event, Hit, Match, Novelty, Part, Report, StorylineMatch, TopicMatch
from monitor.errors import StorageError
from monitor.storage import channels, entries, ledger, stories
from monitor.storage.store import Store
from tests.factories import NOON, a_match, a_report, an_entry

STORY = "open-source-retreat"
HOUR = timedelta(hours=1)
FULL = Match(
    story=STORY,
    topics=(
        TopicMatch(
            topic="avocado",
            held=True,
            score=0.1 + 0.2,
            hits=(
                Hit(term="牛油果", found="牛油果", place="title", role="alias"),
                Hit(term="Meta", found="META", place="feed", role="anchor"),
            ),
        ),
        TopicMatch(topic="qwen", held=False, score=0.25, missing=("an anchor near “Qwen”",)),
    ),
    storylines=(
        StorylineMatch(
            storyline="avocado-release",
            held=True,
            score=0.75,
            parts=(Part(name="query", weight=-1.5, because="delay*"), Part(name="about", weight=1e-9, because="")),
        ),
        StorylineMatch(storyline="departures", held=False, score=0.0, missing=("a topic",)),
    ),
)


def reported(
    store: Store,
    title: str,
    event: str = "e1",
    *,
    first_seen: datetime = NOON,
    match: Match = FULL,
    vector: bytes = b"",
    **changes: object,
) -> Report:
    """Store an entry, its match and its report."""
    entry = an_entry(title, published=first_seen)
    with store.write() as c:
        (stored,) = entries.add(c, [entry], now=first_seen, primed=False)
        report = Report(
            entry_id=stored.id,
            entry=entry,
            match=match,
            first_seen=first_seen,
            event=event,
            novelty=Novelty.FIRST,
            reason="first report",
        )
        report = replace(report, **changes)
        stories.save_matches(c, [(stored.id, match)])
        stories.save_report(c, report, vector)
    return report


# --- Matches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "match",
    [
        pytest.param(FULL, id="with reasons and near misses"),
        pytest.param(Match(story="s"), id="with nothing seen"),
    ],
)
def test_a_match_comes_back_with_every_reason(store: Store, match: Match):
    with store.write() as c:
        (stored,) = entries.add(c, [an_entry()], now=NOON, primed=False)
        stories.save_matches(c, [(stored.id, a_match() if match is FULL else match)])
        stories.save_matches(c, [(stored.id, match)])  # a later look replaces an earlier one
        assert stories.match_of(c, stored.id, match.story) == match
        assert stories.match_of(c, stored.id, "another story") is None
        assert stories.match_of(c, stored.id + 1, match.story) is None


def test_a_match_needs_its_entry(store: Store):
    with pytest.raises(StorageError, match="nothing was stored"), store.write() as c:
        stories.save_matches(c, [(404, FULL)])


# --- Reports and events -----------------------------------------------------------------------------------------------


def test_an_event_begins_with_its_first_report_and_grows_with_the_others(store: Store):
    first = reported(store, "One")
    second = reported(store, "Two", first_seen=NOON + HOUR, novelty=Novelty.REHASH, reason="nothing new")
    with store.read() as c:
        assert stories.events(c, {"e1", "unknown"}) == [Event(id="e1", story=STORY, reports=(first, second))]
        assert stories.events(c, set()) == []


def test_events_since_are_those_with_a_late_report_each_whole(store: Store):
    early = reported(store, "Old", "old")
    lasting = reported(store, "Lasting", "lasting"), reported(store, "Late", "lasting", first_seen=NOON + HOUR)
    late = reported(store, "New", "new", first_seen=NOON + HOUR)
    reported(store, "Elsewhere", "elsewhere", first_seen=NOON + HOUR, match=replace(FULL, story="another story"))
    with store.read() as c:
        assert [report for report, _ in stories.reports_since(c, STORY, NOON + HOUR)] == [*lasting, late]
        assert [report for report, _ in stories.reports_since(c, STORY, NOON)] == [early, *lasting, late]
        assert [report for report, _ in stories.reports_since(c, STORY, NOON, NOON)] == [early, *lasting]


def test_an_older_report_that_comes_late_does_not_make_an_event_end_earlier(store: Store):
    reported(store, "New", first_seen=NOON + HOUR)
    reported(store, "Old", first_seen=NOON)
    with store.read() as c:
        assert len(list(stories.reports_since(c, STORY, NOON + HOUR))) == 2


def test_reports_of_a_story_are_numbered_as_they_are_stored(store: Store):
    one = reported(store, "One")
    reported(store, "Elsewhere", "elsewhere", match=replace(FULL, story="another story"))
    two = reported(store, "Two", vector=b"two")
    with store.read() as c:
        assert stories.last_number(c, STORY) == 2
        assert stories.numbers_after(c, STORY, 0) == [(1, one.entry_id, "e1"), (2, two.entry_id, "e1")]
        assert list(stories.reports_after(c, STORY, 1)) == [(two, b"two")]
        assert stories.last_number(c, "a story without reports") == 0


def test_an_entry_reports_one_event_of_a_story(store: Store):
    report = reported(store, "One")
    with pytest.raises(StorageError, match="nothing was stored"), store.write() as c:
        stories.save_report(c, replace(report, event="e2"))
    with store.read() as c:
        assert stories.reported(c, STORY, [report.entry_id, 404]) == {report.entry_id}
        assert stories.reported(c, "another story", [report.entry_id]) == set()
        assert stories.report_of(c, STORY, report.entry_id) == report
        assert stories.report_of(c, "another story", report.entry_id) is None
        assert stories.events(c, {"e2"}) == []


def test_events_are_listed_latest_first_of_a_story_or_of_one_storyline(store: Store):
    reported(store, "One", "e1")
    reported(store, "Two", "e2", first_seen=NOON + HOUR, match=a_match("departures"))
    reported(store, "Three", "e3", first_seen=NOON + 2 * HOUR)

    def listed(**options: object) -> list[str]:
        with store.read() as c:
            return [event.id for event in stories.list_events(c, STORY, **({"limit": 10} | options))]

    assert listed() == ["e3", "e2", "e1"]
    assert listed(limit=2) == ["e3", "e2"]
    assert listed(storyline="avocado-release") == ["e3", "e1"]
    assert listed(storyline="departures") == ["e2"]
    assert listed(storyline="unknown") == []


def test_a_storyline_has_the_times_of_the_reports_that_hold_for_it(store: Store):
    reported(store, "Two", first_seen=NOON + HOUR, match=a_match("avocado-release", "departures"))
    reported(store, "One")
    with store.read() as c:
        assert stories.report_times(c, STORY) == {
            "avocado-release": [NOON, NOON + HOUR],
            "departures": [NOON + HOUR],
        }
        assert stories.report_times(c, "another story") == {}


def test_a_storyline_s_reports_are_counted_by_the_day(store: Store):
    reported(store, "Late", first_seen=NOON.replace(hour=23, minute=59))
    reported(store, "Next day", first_seen=NOON + 13 * HOUR, match=a_match("avocado-release", "departures"))
    reported(store, "Early", first_seen=NOON.replace(hour=0))
    with store.read() as c:
        days = stories.reported_days(c, STORY)
        assert [(day.first.hour, day.last.hour, day.reports) for day in days["avocado-release"]] == [
            (0, 23, 2),
            (1, 1, 1),
        ]
        assert stories.reported_days(c, STORY, storyline="departures") == {"departures": days["avocado-release"][1:]}
        assert stories.reported_days(c, "another story") == {}


def test_an_edited_report_is_under_the_storylines_that_hold_for_it_now(store: Store):
    report = reported(store, "One", match=a_match("avocado-release", "departures"))
    other = reported(store, "Two", "e2")
    now = a_match("departures", "lawsuits")
    with store.write() as c:
        stories.refresh_report(c, report.entry_id, now, NOON + HOUR)
        assert stories.report_times(c, STORY) == {
            "avocado-release": [NOON],
            "departures": [NOON + HOUR],
            "lawsuits": [NOON + HOUR],
        }
        assert stories.report_of(c, STORY, report.entry_id) == replace(report, match=now)
        assert stories.report_of(c, STORY, other.entry_id) == other


def test_a_report_that_was_edited_out_of_the_story_is_still_told_as_it_was_found(store: Store):
    report = reported(store, "One")
    with store.write() as c:
        channels.register(c, ["desk"], NOON)
        stories.refresh_report(c, report.entry_id, Match(story=STORY), NOON)
        assert stories.report_times(c, STORY) == {"avocado-release": [NOON]}
        assert ledger.untold(c, channel="desk", story=STORY) == [report]


# --- Side by side -----------------------------------------------------------------------------------------------------


def test_of_two_transactions_that_group_a_story_the_second_sees_what_the_first_has_stored(store: Store):
    begun, seen = threading.Event(), threading.Event()
    found: list[set[str]] = []

    def second() -> None:
        begun.set()
        with store.write() as c:
            stories.hold(c, [STORY])
            found.append({report.event for report, _ in stories.reports_since(c, STORY, NOON)})
        seen.set()

    other = threading.Thread(target=second)
    with store.write() as c:
        stories.hold(c, ["another story", STORY])
        other.start()
        begun.wait()
        assert not seen.wait(0.3)  # long enough for the other to look, if it could
        (stored,) = entries.add(c, [an_entry()], now=NOON, primed=False)
        stories.save_matches(c, [(stored.id, FULL)])
        stories.save_report(c, a_report(entry_id=stored.id, match=FULL))
    other.join()
    assert found == [{"e1"}]


def test_transactions_that_hold_the_same_stories_never_wait_in_a_ring(store: Store):
    names = [f"story {n}" for n in range(8)]
    failed: list[Exception] = []

    def group(order: list[str]) -> None:
        try:
            for _ in range(40):
                with store.write() as c:
                    stories.hold(c, order)
        except StorageError as error:
            failed.append(error)

    threads = [threading.Thread(target=group, args=(order,)) for order in (names, names[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
