"""Before the watch: a folder to start from, a check of it, its schema, and a week in half a minute."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, fail, load_config, out, told_errors


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make.")] = DEFAULT_CONFIG,
    story: Annotated[str, typer.Option(help="Short name of your story.")] = "my-story",
    from_article: Annotated[
        Path | None, typer.Option(help="An article as plain text, headline first: the story is drafted from it.")
    ] = None,
) -> None:
    """Make a folder with a monitor.yaml and a story to edit, or a story drafted from an article."""
    from monitor.config.templates import starter

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", story):
        fail(f"--story {story!r}: small letters, digits, - and _ only", code=2)
    texts = {folder / name: text for name, text in starter(story).items()}
    if from_article:
        texts[folder / f"stories/{story}.yaml"] = _drafted(from_article, story)
        main = folder / "monitor.yaml"
        if main.exists():  # another story beside those that are watched already
            del texts[main]
    for path in texts:
        if path.exists():
            fail(f"{path} is there already; nothing was changed")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        out(f"made {path}")
    out(f"Edit them, then: monitor check --config {folder}")


def _drafted(article: Path, story: str) -> str:
    from monitor.matching.drafting import draft

    try:
        return draft(article.read_text("utf-8"), story)
    except (OSError, ValueError) as error:
        fail(f"{article} cannot be used: {error}")


def check(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Read the configuration and name every mistake in it."""
    with told_errors():
        found = load_config(config)
        from monitor.config.reading import show
        from monitor.matching.check import warnings

        for story in found.stories:
            lines = len(story.storylines)
            out(f"story {story.story}: {len(story.topics)} topics, {lines} storylines, {len(story.tests)} tests")
            for place, message, hint in warnings(story):
                out(f"  warning: {show(place)}: {message}" + (f" ({hint})" if hint else ""))
        out(f"{len(found.feeds)} feeds, {len(found.channels)} channels, {len(found.digests)} digests: no mistakes")


def schema() -> None:
    """Print the JSON Schemas of monitor.yaml and of a story file, for editors."""
    from monitor.config.loading import json_schema

    out(json.dumps(json_schema(), indent=2))


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps what it makes.")] = Path("var/demo"),
) -> None:
    """Live a week of the story in half a minute, with feeds and a receiver on this machine."""
    from monitor.demo.run import run

    raise typer.Exit(run(folder))
