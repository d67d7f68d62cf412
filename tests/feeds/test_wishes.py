from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain import Wishes
from monitor.feeds.wishes import open_hours, read_wishes

HOUR = timedelta(hours=1)
THURSDAY = datetime(2026, 3, 12, 22, 20, tzinfo=UTC)


def rss(head: str = "", entry: str = "", tail: str = "") -> str:
    return f"<rss><channel><title>News</title>{head}<item><title>x</title>{entry}</item>{tail}</channel></rss>"


def sy(period: str, frequency: int | None = None) -> str:
    often = "" if frequency is None else f"<sy:updateFrequency>{frequency}</sy:updateFrequency>"
    return f"<sy:updatePeriod>\n\t{period}\t</sy:updatePeriod>{often}"


INTERVALS = {
    "ttl": (rss(), 90, 90 * timedelta(minutes=1)),
    "daily": (rss(sy("daily")), None, 24 * HOUR),
    "twice a day": (rss(sy("daily", 2)), None, 12 * HOUR),
    "four times a week, in capitals": (rss(sy("WEEKLY", 4)), None, 42 * HOUR),
    "WordPress's default means nothing": (rss(sy("hourly", 1)), None, None),
    "the longer of the two": (rss(sy("daily", 4)), 600, 10 * HOUR),
    "after the entries": (rss(tail=sy("daily")), None, 24 * HOUR),
    "said within an entry, it is not the feed's": (rss(entry=sy("daily")), None, None),
    "an unknown period": (rss(sy("fortnightly")), None, None),
    "a frequency of zero": (rss(sy("daily", 0)), None, 24 * HOUR),
    "nothing": (rss(), None, None),
    "no XML at all": ('{"version": "https://jsonfeed.org/version/1.1"}', None, None),
}


@pytest.mark.parametrize(("text", "ttl", "wanted"), INTERVALS.values(), ids=INTERVALS)
def test_the_interval_that_a_feed_asks_for(text: str, ttl: int | None, wanted: timedelta | None) -> None:
    assert read_wishes(text, ttl).interval == wanted


def test_every_hour_and_day_of_the_lists_is_read_and_nonsense_is_not() -> None:
    hours = "<skipHours><hour>23</hour><hour> 0 </hour><hour>24</hour><hour>77</hour><hour>x</hour></skipHours>"
    days = "<skipDays><day>Sunday</day><day>saturday</day><day>Someday</day></skipDays>"
    wishes = read_wishes(rss(hours + days))
    assert (wishes.skip_hours, wishes.skip_days) == ((0, 23), (5, 6))


MOVES = {
    "iTunes": "<itunes:new-feed-url>https://new.test/feed?a=1</itunes:new-feed-url>",
    "RSS": "<redirect><newLocation>https://new.test/feed?a=1</newLocation></redirect>",
    "within CDATA": "<itunes:new-feed-url><![CDATA[https://new.test/feed?a=1]]></itunes:new-feed-url>",
}


@pytest.mark.parametrize("said", MOVES.values(), ids=MOVES)
def test_a_move_that_the_feed_itself_announces_is_read(said: str) -> None:
    assert read_wishes(rss(said)).moved_to == "https://new.test/feed?a=1"
    assert read_wishes(rss(entry=said)).moved_to is None
    assert read_wishes(rss(said.replace("https", "file"))).moved_to is None


def test_a_long_document_is_read_at_both_ends_only() -> None:
    items = "<item><title>x</title></item>" * 50_000
    document = f"<rss><channel>{sy('daily')}{items}<skipDays><day>Monday</day></skipDays></channel></rss>"
    assert read_wishes(document) == Wishes(interval=24 * HOUR, skip_days=(0,))


def test_a_moment_within_the_hours_left_out_moves_to_the_next_open_one() -> None:
    assert open_hours(THURSDAY, Wishes()) == THURSDAY
    assert open_hours(THURSDAY, Wishes(skip_hours=(1, 2))) == THURSDAY
    assert open_hours(THURSDAY, Wishes(skip_hours=(22, 23, 0))) == THURSDAY + 3 * HOUR
    assert open_hours(THURSDAY, Wishes(skip_days=(3, 4), skip_hours=(0,))) == THURSDAY + 27 * HOUR


def test_a_feed_that_leaves_out_everything_is_not_taken_at_its_word() -> None:
    assert open_hours(THURSDAY, Wishes(skip_hours=tuple(range(24)))) == THURSDAY
    assert open_hours(THURSDAY, Wishes(skip_days=tuple(range(7)))) == THURSDAY
