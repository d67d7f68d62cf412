"""The whole schema, for SQLite and PostgreSQL alike. Words are the glossary's; a step in ``migrations/`` changes it.

feeds ─▷ entries ─▷ matches ─▷ reports ─▷ events            what was read, what it means
  │          ├▷ revisions         ├▷ report_storylines
  └▷ subscriptions                └▷ statements
digest_starts, channels ─▷ digests ─▷ deliveries ─▷ attempts     what is owed, and what came of it
                                          └▷ told, told_marks     the ledger: who has been told what

Every moment is UTC. Rows are read into domain values in this package and nowhere else.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    and_,
    not_,
)
from sqlalchemy.engine.default import DefaultExecutionContext

from monitor.domain import Feed
from monitor.storage.types import UTCDateTime, Words

#: The newest step in ``migrations/versions``. Steps are numbered, so the order of the text is their order.
HEAD = "0001"

#: ``next_poll_at`` of a feed that is due at once. A date rather than NULL, so that one index serves "oldest due first".
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)

#: SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

#: Alembic's own table: the one row names the last step taken.
alembic_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _handle(context: DefaultExecutionContext) -> str:
    """Of the URL that is being inserted."""
    return Feed(url=context.get_current_parameters()["url"]).handle  # type: ignore[no-untyped-call]  # it has no types


# --- Feeds and entries ------------------------------------------------------------------------------------------------

feeds = Table(
    "feeds",
    METADATA,
    Column("url", Words, primary_key=True),
    Column("handle", Words, nullable=False, unique=True, default=_handle),  # stands in addresses of the page
    # As configured.
    Column("title", Words, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("interval_s", Double, nullable=False),
    Column("listed", Boolean, nullable=False),  # false: no longer configured; what we know of it stays
    Column("added_at", UTCDateTime, nullable=False),  # when we first saw it configured
    Column("paused", Boolean, nullable=False, default=False),  # people do not want it polled for the time being
    # As the polls left it: the fields of FeedState.
    Column("etag", Words),
    Column("last_modified", Words),
    Column("body_hash", Words),
    Column("own_title", Words, nullable=False),
    Column("site_url", Words),
    Column("primed", Boolean, nullable=False),
    Column("next_poll_at", UTCDateTime, nullable=False),  # AT_ONCE: now
    Column("last_poll_at", UTCDateTime),
    Column("last_success_at", UTCDateTime),
    Column("failures", Integer, nullable=False),
    Column("error", Words),
    Column("gone", Boolean, nullable=False),
    Column("answered_at", UTCDateTime),
    Column("missing_since", UTCDateTime),
    Column("body_at", UTCDateTime),
    Column("wishes", JSON, nullable=False),
    Column("last_new_at", UTCDateTime),
    Column("rhythm_s", Double),
    Column("hops", Integer, nullable=False),
    Column("address", Words),
    Column("moving_to", Words),
    Column("moving_since", UTCDateTime),
    Column("floods", Integer, nullable=False),
    Column("marks", LargeBinary, nullable=False),
    # Of the server that is asked: one poll at a time for each, and its Retry-After is for all its feeds.
    Column("host", Words, nullable=False, index=True),
)
#: A feed that is polled at all.
alive = and_(feeds.c.listed, not_(feeds.c.gone), not_(feeds.c.paused))
# "Which feeds are due?", every second.
Index("ix_feeds_due", feeds.c.next_poll_at, sqlite_where=alive)

# WebSub: the fields of Subscription. A feed has one at most.
subscriptions = Table(
    "subscriptions",
    METADATA,
    Column("feed_url", ForeignKey("feeds.url"), primary_key=True),
    Column("hub", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("token", Words, nullable=False, unique=True),
    Column("secret", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("asking", Words),
    Column("next_request_at", UTCDateTime),  # NULL: the hub is not to be asked
    Column("failures", Integer, nullable=False),
    Column("active_since", UTCDateTime),
    Column("lease_ends_at", UTCDateTime),
    Column("last_push_at", UTCDateTime),
    Column("reason", Words),
)
# "Which hubs are to be asked?", every second.
Index("ix_subscriptions_due", subscriptions.c.next_request_at)

entries = Table(
    "entries",
    METADATA,
    Column("id", Key, primary_key=True),
    # Feed and identity in 16 bytes: what must be unique. An index over the two themselves is ten times the size, and
    # PostgreSQL refuses one row of it beyond 2.7 kB, which a hostile guid exceeds.
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("feed_url", Words, nullable=False),
    Column("identity", Words, nullable=False),
    Column("guid", Words),
    Column("url", Words),
    Column("title", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("lang", Words),
    Column("published", UTCDateTime),
    Column("updated", UTCDateTime),
    Column("enclosures", JSON, nullable=False),
    Column("first_seen", UTCDateTime, nullable=False),
    Column("primed", Boolean, nullable=False),  # stood in the feed before we began to watch it: told to nobody
    Column("content_hash", Words, nullable=False),  # of title, summary and url: tells an edit from a repeat
    # Feed, title and date in 16 bytes: finds the entry that comes back under another guid and another link.
    Column("look", LargeBinary, nullable=False, index=True),
    Column("revision", Integer, nullable=False),  # 1 at first, one more with each edit
    Column("summary", Words, nullable=False),  # last, as it may be long: SQLite reads a row from its front
)
# "Which entry is this link?"
Index("ix_entries_url", entries.c.url)
Index("ix_entries_feed_url", entries.c.feed_url)  # a feed's page: what it brought
Index("ix_entries_identity", entries.c.identity)

# "Which entries are old enough to be forgotten?"
Index("ix_entries_first_seen", entries.c.first_seen)

# Keys of entries that were here and are not kept: seen again, they are no news.
forgotten = Table("forgotten", METADATA, Column("key", LargeBinary, primary_key=True), sqlite_with_rowid=False)

# What an entry said before it was edited.
revisions = Table(
    "revisions",
    METADATA,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("title", Words, nullable=False),
    Column("summary", Words, nullable=False),
    Column("url", Words),
    Column("replaced_at", UTCDateTime, nullable=False),
)

# What an entry is found by: its words as ``search`` cuts them, one space between two. The index over them is not the
# same on the two databases, and is in ``search``.
entry_words = Table(
    "entry_words",
    METADATA,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True, autoincrement=False),
    Column("words", Words, nullable=False),
)

# --- Stories ----------------------------------------------------------------------------------------------------------

# What a story sees in an entry, near misses included.
matches = Table(
    "matches",
    METADATA,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("story", Words, primary_key=True),
    Column("held", Boolean, nullable=False),
    Column("match", Words, nullable=False),  # the whole Match as JSON text
)

events = Table(
    "events",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("story", Words, nullable=False),
    Column("first_seen", UTCDateTime, nullable=False),
    Column("last_seen", UTCDateTime, nullable=False),  # the latest ``reported_at`` of its reports
    # Where it went when somebody merged it away: one that is still there.
    Column("merged_into", Words),
    Index("ix_events_story_last_seen", "story", "last_seen"),
)

# An entry as a report of an event.
reports = Table(
    "reports",
    METADATA,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("story", Words, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False, index=True),
    Column("novelty", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("reported_at", UTCDateTime, nullable=False),
    # Counts the story's reports as they are stored or moved: what a reader has not seen yet has a higher one.
    Column("number", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # what it means to the sentence encoder; empty without one
    Index("ix_reports_story", "story", "entry_id"),
    Index("ix_reports_story_number", "story", "number"),
)

# What people said of two reports by hand: they tell of one event, or do not. A later word replaces an earlier one.
ties = Table(
    "ties",
    METADATA,
    Column("story", Words, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),  # the one that was put somewhere
    Column("other_id", ForeignKey("entries.id"), primary_key=True),  # one of the event that it joined or left
    Column("together", Boolean, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index("ix_ties_entry_id", "entry_id"),
    Index("ix_ties_other_id", "other_id"),
)

# The storylines that hold for a report, so that a storyline's rhythm is read without opening a match.
report_storylines = Table(
    "report_storylines",
    METADATA,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("story", Words, primary_key=True),
    Column("storyline", Words, primary_key=True),
    Column("reported_at", UTCDateTime, nullable=False),
    Index("ix_report_storylines_rhythm", "story", "storyline", "reported_at"),
)

# What reports say of what is expected: the fields of Statement. What follows from them is judged when it is read.
statements = Table(
    "statements",
    METADATA,
    Column("story", Words, primary_key=True),
    Column("expectation", Words, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), primary_key=True, index=True),
    Column("kind", Words, nullable=False),
    Column("said", Words, nullable=False),
    Column("earliest", Date),
    Column("latest", Date),
    Column("hedged", Boolean, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("at", UTCDateTime, nullable=False),  # when it was reported
)

# What readers said of entries; a later answer replaces an earlier one.
feedback = Table(
    "feedback",
    METADATA,
    Column("story", Words, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), primary_key=True, index=True),
    Column("kind", Words, primary_key=True),  # topic or storyline
    Column("target", Words, primary_key=True),  # its id
    Column("belongs", Boolean, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)

# What may be names in the story's entries, for a few months: new names of a topic are found among them.
heard = Table(
    "heard",
    METADATA,
    Column("story", Words, primary_key=True),
    Column("term", Words, primary_key=True),  # folded
    Column("entry_id", ForeignKey("entries.id"), primary_key=True, index=True),
    Column("at", UTCDateTime, nullable=False),
    Column("origin", Words, nullable=False),
    Column("text", Words, nullable=False),  # as it stands in the entry
    Column("topic", Words),  # the one that the entry says it to be; NULL: it only stands there
    Column("link", Words),  # how it says so
    Index("ix_heard_story_at", "story", "at"),
)
# "Which names are open?", with every poll that brings something.
tied = heard.c.link.is_not(None)
Index("ix_heard_tied", heard.c.story, heard.c.at, sqlite_where=tied)

# Names that seem to have become names of a topic. A rejected one stays, and so never comes again.
proposals = Table(
    "proposals",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("story", Words, nullable=False),
    Column("term", Words, nullable=False),  # folded
    Column("text", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("score", Double, nullable=False),
    Column("proposed_at", UTCDateTime, nullable=False),
    Column("evidence", JSON, nullable=False),  # ids of entries
    Column("origins", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    UniqueConstraint("story", "term"),
)

# --- Digests and deliveries -------------------------------------------------------------------------------------------

channels = Table(
    "channels",
    METADATA,
    Column("id", Words, primary_key=True),
    Column("since", UTCDateTime, nullable=False),  # first seen configured: what is older is told to it never
    Column("disabled_at", UTCDateTime),
    Column("disabled_reason", Words),
    Column("rests_until", UTCDateTime),  # it asked us to slow down: nothing is due to it before
    Column("paced_to", UTCDateTime),  # how far its own rate is used up
    Column("failing_since", UTCDateTime),  # the first failure since its last success
    Column("failed_at", UTCDateTime),  # the last one
    Column("failing_s", Double, nullable=False, default=0),  # between the two, a silence counted as a day at most
)

# When a digest was first seen configured: its first window begins here.
digest_starts = Table(
    "digest_starts",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("since", UTCDateTime, nullable=False),
    Column("alerts_seen_to", Key, nullable=False, default=0),  # the last entry that was looked at for its alerts
)

# A storyline of which nobody is told for a while.
mutes = Table(
    "mutes",
    METADATA,
    Column("story", Words, primary_key=True),
    Column("storyline", Words, primary_key=True),
    Column("since", UTCDateTime, nullable=False),
    Column("until", UTCDateTime, nullable=False),
)

# One row a slot: the key that keeps a slot from being composed twice.
digests = Table(
    "digests",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("digest", Words, nullable=False),
    Column("slot", Words, nullable=False),
    Column("story", Words, nullable=False),
    Column("window_from", UTCDateTime, nullable=False),
    Column("window_to", UTCDateTime, nullable=False),
    Column("composed_at", UTCDateTime, nullable=False),
    Column("withheld", Boolean, nullable=False),  # nothing new, and so nothing was sent
    Column("alert", Boolean, nullable=False),  # it could not wait for a slot, and serves none
    UniqueConstraint("digest", "slot"),
    Index("ix_digests_digest_window_to", "digest", "window_to"),
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("webhook_id", Words, nullable=False, unique=True),
    Column("digest_key", ForeignKey("digests.id"), nullable=False, index=True),
    Column("channel", ForeignKey("channels.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("part", Integer, nullable=False),  # 1 of 1 where the digest goes into one message
    Column("parts", Integer, nullable=False),
    Column("content_type", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UTCDateTime),  # NULL: none is planned
    Column("body", LargeBinary, nullable=False),  # last, as it may be long
    UniqueConstraint("channel", "sequence", "part"),
)
# "Which deliveries are due?", every second.
Index("ix_deliveries_due", deliveries.c.state, deliveries.c.channel, deliveries.c.next_attempt_at)

attempts = Table(
    "attempts",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", UTCDateTime, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("status", Integer),
    Column("duration_ms", Integer, nullable=False),
    Column("detail", Words, nullable=False),
)

# The ledger: what each channel has been told, and in which revision of which event.
told = Table(
    "told",
    METADATA,
    Column("channel", ForeignKey("channels.id"), primary_key=True),
    Column("story", Words, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), primary_key=True, index=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Index("ix_told_channel_event_id", "channel", "event_id"),
)

# Which channels have been asked about a proposed name.
asked = Table(
    "asked",
    METADATA,
    Column("channel", ForeignKey("channels.id"), primary_key=True),
    Column("proposal_id", ForeignKey("proposals.id"), primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
)

# The ledger's other half: what was told beside events. A mark names a state once reached: "expectation ships: overdue".
told_marks = Table(
    "told_marks",
    METADATA,
    Column("channel", ForeignKey("channels.id"), primary_key=True),
    Column("story", Words, primary_key=True),
    Column("mark", Words, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
)

#: The index over ``entry_words``, which SQLAlchemy has no words for. SQLite's is a table of its own (FTS5, external
#: content) that triggers keep; PostgreSQL's is an index over an expression.
SEARCH_INDEX = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS entry_search USING fts5("
        "words, content='entry_words', content_rowid='entry_id', tokenize='unicode61 remove_diacritics 0')",
        "CREATE TRIGGER entry_words_added AFTER INSERT ON entry_words BEGIN "
        "INSERT INTO entry_search(rowid, words) VALUES (new.entry_id, new.words); END",
        "CREATE TRIGGER entry_words_removed AFTER DELETE ON entry_words BEGIN "
        "INSERT INTO entry_search(entry_search, rowid, words) VALUES ('delete', old.entry_id, old.words); END",
        "CREATE TRIGGER entry_words_changed AFTER UPDATE ON entry_words BEGIN "
        "INSERT INTO entry_search(entry_search, rowid, words) VALUES ('delete', old.entry_id, old.words); "
        "INSERT INTO entry_search(rowid, words) VALUES (new.entry_id, new.words); END",
    ),
    "postgresql": ("CREATE INDEX ix_entry_words_words ON entry_words USING gin (to_tsvector('simple', words))",),
}

#: What PostgreSQL is told of an index besides. Said where the index stands it loads that dialect, a twentieth of what
#: any command takes to start. Hash indexes, as a link may be longer than a B-tree takes.
ON_POSTGRESQL: dict[str, dict[str, object]] = {
    "ix_feeds_due": {"postgresql_where": alive},
    "ix_entries_url": {"postgresql_using": "hash"},
    "ix_entries_feed_url": {"postgresql_using": "hash"},
    "ix_entries_identity": {"postgresql_using": "hash"},
    "ix_heard_tied": {"postgresql_where": tied},
}


def create_tables(connection: Connection) -> None:
    """Make all of it in an empty database."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        for index in (index for table in METADATA.tables.values() for index in table.indexes):
            index.dialect_kwargs.update(ON_POSTGRESQL.get(str(index.name), {}))
    METADATA.create_all(connection)
    for statement in SEARCH_INDEX[dialect]:
        connection.exec_driver_sql(statement)
