"""An entry: what it says, why it belongs or not, what it said before, and a reader's word on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from monitor.domain import Feed, Feedback, Match, Report, Story, StorylineMatch, TopicMatch
from monitor.matching.matcher import Matcher
from monitor.pipeline import Tools
from monitor.storage import entries, feedback, feeds, stories
from monitor.storage.entries import Revision, StoredEntry
from monitor.web.host import Host, host_of
from monitor.web.rendering import page

#: Topics and storylines that do not hold, shown for each story: those that came nearest.
NEAREST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one story sees in the entry."""

    story: Story
    held: bool
    #: With the storyline's title.
    lines: tuple[tuple[str, StorylineMatch], ...]
    topics: tuple[tuple[str, TopicMatch], ...]
    #: Storylines of which nothing at all speaks, for a reader who knows better.
    others: tuple[tuple[str, str], ...]
    report: Report | None
    #: It was judged otherwise when it came.
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    stored: StoredEntry
    feed: Feed | None
    judged: tuple[Judged, ...]
    revisions: tuple[Revision, ...]


def show(request: Request, entry_id: int) -> Response:
    tools = host_of(request).tools()
    stored = stored_of(tools, entry_id)
    with tools.store.read() as connection:
        feed = feeds.get(connection, stored.entry.feed_url)
        earlier = entries.revisions_of(connection, stored.id)
        kept = {
            story: (stories.match_of(connection, stored.id, story), stories.report_of(connection, story, stored.id))
            for story in tools.matchers
        }
    judged = []
    for story in tools.config.stories:
        match = tools.matchers[story.story].match(stored.entry, feed_tags=feed.tags if feed else ())
        before, report = kept[story.story]
        judged.append(_judged(story, match, before, report))
    view = View(stored=stored, feed=feed, judged=tuple(judged), revisions=tuple(reversed(earlier)))
    return page(request, "entry.html", view=view)


def _judged(story: Story, match: Match, before: Match | None, report: Report | None) -> Judged:
    titles = {line.id: line.title for line in story.storylines}
    names = {topic.id: topic.name or topic.id for topic in story.topics}
    lines = sorted(match.storylines, key=lambda line: (not line.held, -line.score))
    held = sum(line.held for line in lines)
    shown = lines[: held + NEAREST]
    topics = match.topics[: sum(topic.held for topic in match.topics) + NEAREST]  # held ones come first
    return Judged(
        story=story,
        held=match.held,
        lines=tuple((titles.get(line.storyline, line.storyline), line) for line in shown),
        topics=tuple((names.get(topic.topic, topic.topic), topic) for topic in topics),
        others=tuple((line, title) for line, title in titles.items() if line not in [one.storyline for one in shown]),
        report=report,
        changed=before is not None and before.held_storylines != match.held_storylines,
    )


def answer(
    request: Request,
    entry_id: int,
    story: Annotated[str, Form()],
    storyline: Annotated[str, Form()],
    belongs: Annotated[Literal["yes", "no"], Form()],
) -> Response:
    """A reader says that it belongs to a storyline, or that it does not; like entries are judged anew at once."""
    host = host_of(request)
    tools = host.tools()
    stored = stored_of(tools, entry_id)
    wanted = next((one for one in tools.config.stories if one.story == story), None)
    if wanted is None or storyline not in [line.id for line in wanted.storylines]:
        raise HTTPException(422, f"{story} has no storyline {storyline!r}")
    said = Feedback(entry=stored.entry, kind="storyline", target=storyline, belongs=belongs == "yes")
    learn(host, wanted, stored.id, said)
    return RedirectResponse(f"/entries/{stored.id}?said={belongs}#story-{story}", 303)


def learn(host: Host, story: Story, entry_id: int, said: Feedback) -> None:
    """Keep a reader's word on an entry, and judge by it from now on."""
    tools = host.tools()
    with tools.store.write() as connection:
        feedback.save(connection, story.story, entry_id, said, now=host.clock())
        learnt = feedback.of_story(connection, story.story)
    host.use(replace(tools, matchers={**tools.matchers, story.story: Matcher(story, learnt)}))


def stored_of(tools: Tools, entry_id: int) -> StoredEntry:
    """The entry of that number; "not found" when there is none."""
    with tools.store.read() as connection:
        stored = entries.get(connection, entry_id) if 0 < entry_id <= entries.MAX_ID else None
    if stored is None:
        raise HTTPException(404, "there is no such entry; entries that belong to no story are forgotten after a while")
    return stored
