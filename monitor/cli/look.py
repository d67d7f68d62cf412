"""Looking: topics."""

from __future__ import annotations

from typing import Any

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
