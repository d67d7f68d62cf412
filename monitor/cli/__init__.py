"""The ``monitor`` command. Each module holds a family of verbs; what is heavy is imported inside them."""

from __future__ import annotations

import gc

import typer

from monitor.cli import (
    channels,
    database,
    deliveries,
    digests,
    drift,
    evaluate,
    events,
    feedback,
    feeds,
    look,
    mutes,
    page,
    setup,
    storylines,
    watch,
    workers,
)

app = typer.Typer(
    help="A night watch for a running story: polls feeds, follows its storylines, tells people once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.command()(setup.init)
app.command()(setup.check)
app.command()(setup.schema)
app.command()(setup.demo)
app.command()(watch.run)
app.command()(page.web)
app.command()(watch.tick)
app.command()(workers.worker)
app.command()(workers.clock)
app.command()(watch.poll)
app.command()(watch.parse)
app.command()(watch.health)
app.command()(evaluate.explain)
app.command()(evaluate.backtest)
app.command()(feedback.feedback)
app.command()(database.backup)
app.command()(database.restore)
app.command()(mutes.mute)
app.command()(mutes.unmute)
app.command("test")(evaluate.run_tests)
app.add_typer(feeds.feeds, name="feeds", help="The feeds: how they are, and which there are.")
app.add_typer(look.topics, name="topics", help="What is watched.")
app.add_typer(storylines.storylines, name="storylines", help="Which threads are followed.")
app.add_typer(storylines.expectations, name="expectations", help="What the threads wait for.")
app.add_typer(events.events, name="events", help="What has happened.")
app.add_typer(digests.digest, name="digest", help="What people are told.")
app.add_typer(channels.channels, name="channels", help="Ways to reach people: where they lead, whether they work.")
app.add_typer(drift.drift, name="drift", help="New names of what is watched.")
app.add_typer(deliveries.deliveries, name="deliveries", help="What is owed, and what came of each try.")
app.add_typer(database.db, name="db", help="The database.")


#: Of new objects between two looks for rings of dead ones. The default, 700, takes a tenth of the time of a start, in
#: which nothing dies.
GARBAGE_THRESHOLD = 50_000


def main() -> None:
    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        app()
    finally:
        gc.freeze()  # Python looks through all that is left for garbage once more: a fifth of a short command's time
