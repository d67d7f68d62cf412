"""Looking: topics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    ConfigDir,
    Json,
    StoryOption,
    fail,
    load_config,
    out,
    pick_story,
    show,
    told_errors,
    tools_for,
)

topics = typer.Typer(no_args_is_help=True)


@topics.command("list")
def list_topics(config: ConfigDir = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Every topic of every story."""
    with told_errors():
        found = load_config(config)
        rows: list[dict[str, Any]] = [
            {
                "story": story.story,
                "topic": topic.id,
                "name": topic.name,
                "names": ", ".join(topic.strong + topic.aliases),
            }
            for story in found.stories
            for topic in story.topics
        ]
        show(rows, ("topic", "name", "names"), as_json=as_json, empty="No topic is configured.")


@topics.command("show")
def show_topic(
    topic_id: Annotated[str, typer.Argument(help="As `monitor topics list` names it.")],
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
) -> None:
    """One topic, with all its names."""
    with told_errors():
        found = pick_story(load_config(config), story)
        topic = next((topic for topic in found.topics if topic.id == topic_id), None)
        if topic is None:
            fail(f"there is no topic {topic_id!r}; there are: {', '.join(topic.id for topic in found.topics)}")
        out(f"{topic.id}: {topic.name}")
        for kind in ("strong", "aliases", "anchors", "vetoes"):
            out(f"  {kind:8} {', '.join(getattr(topic, kind)) or '-'}")
        followed = [line.id for line in found.storylines if topic.id in line.topics]
        out(f"  followed by {', '.join(followed) or 'itself'}")


#: Entries read by ``lint``: some four seconds' work, and months of ordinary feeds.
READ = 20_000
#: Terms named a place; ``--json`` names all.
NAMED = 8


@topics.command("lint")
def lint_topics(
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    days: Annotated[int, typer.Option(min=1, help="Look at the entries of so many days.")] = 30,
    as_json: Json = False,
) -> None:
    """Names, anchors and words of queries that stood in no entry of late: misspelt, too narrow, or out of use."""
    with tools_for(config) as tools:
        from monitor.matching.text import read
        from monitor.matching.unheard import LEAST, unheard
        from monitor.storage import entries

        wanted = pick_story(tools.config, story)
        with tools.store.read() as connection:
            stored = entries.texts_since(connection, datetime.now(UTC) - timedelta(days=days), most=READ)
        if len(stored) < LEAST:
            fail(f"{len(stored)} entries of the last {days} days are stored: too few to tell, {LEAST} are needed")
        rows = [
            {
                "place": silent.place,
                "unheard": len(silent.terms),
                "of": silent.of,
                "terms": silent.terms
                if as_json
                else ", ".join(silent.terms[:NAMED]) + (" ..." if silent.terms[NAMED:] else ""),
            }
            for silent in unheard(wanted, (read(title, summary) for title, summary in stored))
        ]
        if not as_json:
            out(f"In {len(stored)} entries of the last {days} days none has said:")
        show(rows, ("place", "unheard", "of", "terms"), as_json=as_json, empty="Each term stood in an entry.")


def _some(terms: Sequence[str]) -> str:
    return ", ".join(terms[:NAMED]) + (" ..." if len(terms) > NAMED else "")
