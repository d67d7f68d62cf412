"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text()
MOMENT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

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


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("disabled_reason", TEXT),
        sa.Column("rests_until", MOMENT),
        sa.Column("paced_to", MOMENT),
        sa.Column("failing_since", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("failing_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
    )
    op.create_table(
        "digest_starts",
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("alerts_seen_to", KEY, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_digest_starts"),
    )
    op.create_table(
        "mutes",
        sa.Column("story", TEXT, nullable=False),
        sa.Column("storyline", TEXT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("story", "storyline", name="pk_mutes"),
    )
    op.create_table(
        "digests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("slot", TEXT, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("window_from", MOMENT, nullable=False),
        sa.Column("window_to", MOMENT, nullable=False),
        sa.Column("composed_at", MOMENT, nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("alert", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("digest", "slot", name="uq_digests_digest_slot"),
    )
    op.create_index("ix_digests_digest_window_to", "digests", ["digest", "window_to"])
    op.create_table(
        "entries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("feed_url", TEXT, nullable=False),
        sa.Column("identity", TEXT, nullable=False),
        sa.Column("guid", TEXT),
        sa.Column("url", TEXT),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("lang", TEXT),
        sa.Column("published", MOMENT),
        sa.Column("updated", MOMENT),
        sa.Column("enclosures", sa.JSON(), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("primed", sa.Boolean(), nullable=False),
        sa.Column("content_hash", TEXT, nullable=False),
        sa.Column("look", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.UniqueConstraint("key", name="uq_entries_key"),
    )
    op.create_index("ix_entries_feed_url", "entries", ["feed_url"], postgresql_using="hash")
    op.create_index("ix_entries_first_seen", "entries", ["first_seen"])
    op.create_index("ix_entries_identity", "entries", ["identity"], postgresql_using="hash")
    op.create_index("ix_entries_look", "entries", ["look"])
    op.create_index("ix_entries_url", "entries", ["url"], postgresql_using="hash")
    op.create_table(
        "events",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.Column("merged_into", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_story_last_seen", "events", ["story", "last_seen"])
    op.create_table(
        "forgotten",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_forgotten"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feeds",
        sa.Column("url", TEXT, nullable=False),
        sa.Column("handle", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("interval_s", sa.Double(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("etag", TEXT),
        sa.Column("last_modified", TEXT),
        sa.Column("body_hash", TEXT),
        sa.Column("own_title", TEXT, nullable=False),
        sa.Column("site_url", TEXT),
        sa.Column("primed", sa.Boolean(), nullable=False),
        sa.Column("next_poll_at", MOMENT, nullable=False),
        sa.Column("last_poll_at", MOMENT),
        sa.Column("last_success_at", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", TEXT),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("missing_since", MOMENT),
        sa.Column("body_at", MOMENT),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("last_new_at", MOMENT),
        sa.Column("rhythm_s", sa.Double()),
        sa.Column("hops", sa.Integer(), nullable=False),
        sa.Column("address", TEXT),
        sa.Column("moving_to", TEXT),
        sa.Column("moving_since", MOMENT),
        sa.Column("floods", sa.Integer(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_feeds"),
        sa.UniqueConstraint("handle", name="uq_feeds_handle"),
    )
    op.create_index("ix_feeds_host", "feeds", ["host"])
    alive = sa.and_(
        sa.column("listed", sa.Boolean),
        sa.not_(sa.column("gone", sa.Boolean)),
        sa.not_(sa.column("paused", sa.Boolean)),
    )
    op.create_index("ix_feeds_due", "feeds", ["next_poll_at"], sqlite_where=alive, postgresql_where=alive)
    op.create_table(
        "subscriptions",
        sa.Column("feed_url", TEXT, nullable=False),
        sa.Column("hub", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("asking", TEXT),
        sa.Column("next_request_at", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("active_since", MOMENT),
        sa.Column("lease_ends_at", MOMENT),
        sa.Column("last_push_at", MOMENT),
        sa.Column("reason", TEXT),
        sa.ForeignKeyConstraint(["feed_url"], ["feeds.url"], name="fk_subscriptions_feed_url"),
        sa.PrimaryKeyConstraint("feed_url", name="pk_subscriptions"),
        sa.UniqueConstraint("token", name="uq_subscriptions_token"),
    )
    op.create_index("ix_subscriptions_due", "subscriptions", ["next_request_at"])
    op.create_table(
        "statements",
        sa.Column("story", TEXT, nullable=False),
        sa.Column("expectation", TEXT, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("said", TEXT, nullable=False),
        sa.Column("earliest", sa.Date()),
        sa.Column("latest", sa.Date()),
        sa.Column("hedged", sa.Boolean(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_statements_entry_id"),
        sa.PrimaryKeyConstraint("story", "expectation", "entry_id", name="pk_statements"),
    )
    op.create_index("ix_statements_entry_id", "statements", ["entry_id"])
    op.create_table(
        "feedback",
        sa.Column("story", TEXT, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("belongs", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_feedback_entry_id"),
        sa.PrimaryKeyConstraint("story", "entry_id", "kind", "target", name="pk_feedback"),
    )
    op.create_index("ix_feedback_entry_id", "feedback", ["entry_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("webhook_id", TEXT, nullable=False),
        sa.Column("digest_key", KEY, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name="fk_deliveries_channel"),
        sa.ForeignKeyConstraint(["digest_key"], ["digests.id"], name="fk_deliveries_digest_key"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("channel", "sequence", "part", name="uq_deliveries_channel_sequence_part"),
        sa.UniqueConstraint("webhook_id", name="uq_deliveries_webhook_id"),
    )
    op.create_index("ix_deliveries_digest_key", "deliveries", ["digest_key"])
    op.create_index("ix_deliveries_due", "deliveries", ["state", "channel", "next_attempt_at"])
    op.create_table(
        "matches",
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("match", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_matches_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", "story", name="pk_matches"),
    )
    op.create_table(
        "report_storylines",
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("storyline", TEXT, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_report_storylines_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", "story", "storyline", name="pk_report_storylines"),
    )
    op.create_index("ix_report_storylines_rhythm", "report_storylines", ["story", "storyline", "reported_at"])
    op.create_table(
        "reports",
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("novelty", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_reports_entry_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_reports_event_id"),
        sa.PrimaryKeyConstraint("entry_id", "story", name="pk_reports"),
    )
    op.create_index("ix_reports_event_id", "reports", ["event_id"])
    op.create_index("ix_reports_story", "reports", ["story", "entry_id"])
    op.create_index("ix_reports_story_number", "reports", ["story", "number"])
    op.create_table(
        "ties",
        sa.Column("story", TEXT, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("other_id", KEY, nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_ties_entry_id"),
        sa.ForeignKeyConstraint(["other_id"], ["entries.id"], name="fk_ties_other_id"),
        sa.PrimaryKeyConstraint("story", "entry_id", "other_id", name="pk_ties"),
    )
    op.create_index("ix_ties_entry_id", "ties", ["entry_id"])
    op.create_index("ix_ties_other_id", "ties", ["other_id"])
    op.create_table(
        "revisions",
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("url", TEXT),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_revisions_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", "revision", name="pk_revisions"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_attempts_delivery_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_delivery_id", "attempts", ["delivery_id"])
    op.create_table(
        "told",
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name="fk_told_channel"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_told_delivery_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_told_entry_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_told_event_id"),
        sa.PrimaryKeyConstraint("channel", "story", "entry_id", name="pk_told"),
    )
    op.create_index("ix_told_entry_id", "told", ["entry_id"])
    op.create_index("ix_told_channel_event_id", "told", ["channel", "event_id"])
    op.create_index("ix_told_delivery_id", "told", ["delivery_id"])
    op.create_table(
        "heard",
        sa.Column("story", TEXT, nullable=False),
        sa.Column("term", TEXT, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("topic", TEXT),
        sa.Column("link", TEXT),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_heard_entry_id"),
        sa.PrimaryKeyConstraint("story", "term", "entry_id", name="pk_heard"),
    )
    op.create_index("ix_heard_entry_id", "heard", ["entry_id"])
    op.create_index("ix_heard_story_at", "heard", ["story", "at"])
    tied = sa.text("link IS NOT NULL")
    op.create_index("ix_heard_tied", "heard", ["story", "at"], sqlite_where=tied, postgresql_where=tied)
    op.create_table(
        "proposals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("term", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("origins", sa.Integer(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.UniqueConstraint("story", "term", name="uq_proposals_story_term"),
    )
    op.create_table(
        "asked",
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("proposal_id", KEY, nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name="fk_asked_channel"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_asked_proposal_id"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_asked_delivery_id"),
        sa.PrimaryKeyConstraint("channel", "proposal_id", name="pk_asked"),
    )
    op.create_table(
        "entry_words",
        sa.Column("entry_id", KEY, autoincrement=False, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_entry_words_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_entry_words"),
    )
    for statement in SEARCH_INDEX[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "told_marks",
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name="fk_told_marks_channel"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_told_marks_delivery_id"),
        sa.PrimaryKeyConstraint("channel", "story", "mark", name="pk_told_marks"),
    )
    op.create_index("ix_told_marks_delivery_id", "told_marks", ["delivery_id"])
