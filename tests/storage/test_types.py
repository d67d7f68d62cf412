"""What goes into a column comes out of it the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from monitor.storage.schema import digest_starts
from monitor.storage.store import Store
from tests.factories import NOON

#: Every zone can name it.
EARLY = NOON.replace(year=2, tzinfo=None)


def kept(store: Store, digest: str, since: datetime) -> tuple[str, datetime]:
    with store.write() as c:
        c.execute(digest_starts.delete())
        c.execute(insert(digest_starts).values(digest=digest, since=since))
    with store.read() as c:
        return c.execute(select(digest_starts.c.digest, digest_starts.c.since)).one()


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(NOON, id="UTC"),
        pytest.param(NOON.astimezone(ZoneInfo("Asia/Kathmandu")), id="another zone"),
        pytest.param(
            datetime(2026, 10, 25, 2, 30, 0, 123456, ZoneInfo("Europe/Berlin"), fold=1), id="an hour told twice"
        ),
        pytest.param(datetime(1, 1, 2, tzinfo=UTC), id="long ago"),
        pytest.param(datetime(9999, 12, 30, tzinfo=UTC), id="far ahead"),
    ],
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(store: Store, moment: datetime):
    _, back = kept(store, "d", moment)
    assert back == moment.astimezone(UTC)
    assert back.tzinfo is UTC


def test_a_naive_datetime_is_refused(store: Store):
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"):
        kept(store, "d", naive)
    with store.read() as c, pytest.raises(StatementError, match="naive"):
        c.execute(select(digest_starts).where(digest_starts.c.since < naive))


def test_moments_are_ordered_as_time_is(store: Store):
    moments = [NOON, NOON + timedelta(microseconds=1), NOON.astimezone(ZoneInfo("Asia/Tokyo")) + timedelta(hours=1)]
    with store.write() as c:
        c.execute(insert(digest_starts), [{"digest": str(i), "since": m} for i, m in enumerate(moments)])
        late = select(digest_starts.c.digest).where(digest_starts.c.since > moments[0]).order_by(digest_starts.c.since)
        assert c.execute(late).scalars().all() == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("牛油果 🥑 é", "牛油果 🥑 é", id="any script"),
        pytest.param("a\0b", "a\ufffdb", id="NUL, which PostgreSQL refuses"),
        pytest.param("a\ud800b", "a?b", id="half a surrogate pair, which neither takes"),
        pytest.param("", "", id="nothing, which is not NULL"),
    ],
)
def test_text_comes_back_as_it_was_but_for_what_no_database_takes(store: Store, text: str, expected: str):
    assert kept(store, text, NOON)[0] == expected


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), moment=st.datetimes(timezones=st.timezones(), min_value=EARLY))
def test_whatever_a_stranger_writes_can_be_stored(store: Store, text: str, moment: datetime):
    back, at = kept(store, text, moment)
    assert len(back) == len(text)
    assert at == moment.astimezone(UTC)  # a time that a zone skips equals nothing in another zone
