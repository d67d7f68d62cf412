"""Looking: topics, storylines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    ConfigDir,
    Json,
    StoryOption,
    ago,
    fail,
    load_config,
    out,
    pick_story,
    show,
    stamp,
    told_errors,
    tools_for,
)

topics = typer.Typer(no_args_is_help=True)
storylines = typer.Typer(no_args_is_help=True)


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
def show_topic(topic_id: str, config: ConfigDir = DEFAULT_CONFIG, story: StoryOption = None) -> None:
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


@storylines.command("list")
def list_storylines(config: ConfigDir = DEFAULT_CONFIG, story: StoryOption = None, as_json: Json = False) -> None:
    """Every storyline, with its state and when something last happened in it."""
    with tools_for(config) as tools:
        from monitor.storage import stories
        from monitor.stories.expectations import storyline_state

        now = datetime.now(UTC)
        chosen = [pick_story(tools.config, story)] if story else tools.config.stories
        rows = []
        for each in chosen:
            with tools.store.read() as connection:
                times = stories.report_times(connection, each.story)
            for line in each.storylines:
                reported = times.get(line.id, [])
                last = max(reported, default=None)
                rows.append(
                    {
                        "story": each.story,
                        "storyline": line.id,
                        "title": line.title,
                        "state": storyline_state(reported, now),
                        "reports": len(reported),
                        "last": stamp(last) if as_json else ago(last, now),
                    }
                )
        columns = ("storyline", "title", "state", "reports", "last")
        show(rows, columns, as_json=as_json, empty="No storyline is configured.")


@storylines.command("show")
def show_storyline(storyline_id: str, config: ConfigDir = DEFAULT_CONFIG, story: StoryOption = None) -> None:
    """One storyline: what belongs to it, what it expects, and its latest events."""
    with tools_for(config) as tools:
        from monitor.pipeline import expectations_of
        from monitor.storage import stories

        found = pick_story(tools.config, story)
        line = next((line for line in found.storylines if line.id == storyline_id), None)
        if line is None:
            fail(
                f"there is no storyline {storyline_id!r}; there are: {', '.join(line.id for line in found.storylines)}"
            )
        with tools.store.read() as connection:
            latest = stories.list_events(connection, found.story, storyline=line.id, limit=20)
            expected = expectations_of(connection, found, datetime.now(UTC))
        out(f"{line.id}: {line.title}\n{line.about.strip()}\n")
        for expectation in expected:
            if expectation.storyline == line.id:
                out(f"  {expectation.state:8} {expectation.claim} (by {expectation.by or 'no date'})")
        for event in latest:
            title, count = event.reports[0].entry.title, len(event.reports)
            out(f"  {event.last_seen:%Y-%m-%d}  {event.id}  {title} ({count} reports)")
