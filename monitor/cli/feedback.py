"""What a reader says of an entry, so that the watch learns from it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigDir, StoryOption, fail, out, pick_story, tools_for
from monitor.cli.evaluate import tags_of
from monitor.domain import Feedback, Match, Story


class Said(StrEnum):
    YES = "yes"
    NO = "no"


def feedback(
    entry: Annotated[str, typer.Argument(help="The id, URL or identity of a stored entry.")],
    said: Annotated[Said, typer.Argument(help="Whether it belongs.")],
    storyline: Annotated[
        list[str] | None, typer.Option(help="To this storyline; left out: to each that it was given.")
    ] = None,
    topic: Annotated[list[str] | None, typer.Option(help="To this topic.")] = None,
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
) -> None:
    """Say that an entry belongs to a storyline or topic, or that it does not; like entries are then judged anew."""
    with tools_for(config) as tools:
        from monitor.matching.matcher import Matcher
        from monitor.storage import entries
        from monitor.storage import feedback as storage

        wanted = pick_story(tools.config, story)
        with tools.store.read() as connection:
            stored = entries.find(connection, entry)
        if stored is None:
            fail(f"no entry {entry!r} is stored")
        tags = tags_of(tools.config, stored.entry.feed_url)
        before = tools.matchers[wanted.story].match(stored.entry, feed_tags=tags)
        answers = [
            Feedback(entry=stored.entry, kind=kind, target=target, belongs=said is Said.YES)
            for kind, target in _targets(tools.matchers[wanted.story].story, before, storyline or [], topic or [])
        ]
        with tools.store.write() as connection:
            for answer in answers:
                storage.save(connection, wanted.story, stored.id, answer, now=datetime.now(UTC))
        with tools.store.read() as connection:
            after = Matcher(wanted, storage.of_story(connection, wanted.story)).match(stored.entry, feed_tags=tags)
        for answer in answers:
            change = f"{_score(before, answer):.2f} -> {_score(after, answer):.2f}"
            out(f"{answer.kind} {answer.target}: {said}, noted; this entry now scores {change}")
        out("A running monitor takes it up when it is restarted or sent SIGHUP.")


Kind = Literal["topic", "storyline"]


def _targets(story: Story, match: Match, lines: list[str], topics: list[str]) -> list[tuple[Kind, str]]:
    """What the answer is about; ends with a message where there is no such thing, or nothing was named or seen."""
    named: list[tuple[Kind, str]] = [*(("storyline", line) for line in lines), *(("topic", topic) for topic in topics)]
    known = {"storyline": [line.id for line in story.storylines], "topic": [topic.id for topic in story.topics]}
    for kind, target in named:
        if target not in known[kind]:
            fail(f"{story.story} has no {kind} {target!r}; it has: {', '.join(known[kind])}", code=2)
    found = named or [("storyline", line) for line in match.held_storylines]
    if not found:
        fail("it belongs to no storyline yet: name one with --storyline", code=2)
    return found


def _score(match: Match, answer: Feedback) -> float:
    """0 where nothing at all speaks for it."""
    if answer.kind == "topic":
        return next((one.score for one in match.topics if one.topic == answer.target), 0.0)
    return next((one.score for one in match.storylines if one.storyline == answer.target), 0.0)
