"""Whatever fits the description of the API is answered as described; what does not fit it is refused as described.

`python -m benchmarks.api` asks a hundred times as much.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from monitor.domain import Proposal
from monitor.feeds.isolation import Parser
from monitor.pipeline import request_digest
from monitor.storage import drift, feeds, stories
from monitor.storage.store import Store
from tests.factories import NOON
from tests.seeding import STORY, seeded
from tests.web.conftest import Site, asking

TOKEN = "w" * 32


#: What is there to be asked for, beside what schemathesis makes up: parameters and the values that fit.
KNOWN = """
[dictionaries]
{values}
[parameters]
"path.story_id" = {{dictionary = "story", probability = 0.8}}
"body.story" = {{dictionary = "story", probability = 0.8}}
"path.topic_id" = {{dictionary = "topic", probability = 0.8}}
"path.line_id" = {{dictionary = "line", probability = 0.8}}
"body.storyline" = {{dictionary = "line", probability = 0.8}}
"query.storyline" = {{dictionary = "line", probability = 0.5}}
"path.event_id" = {{dictionary = "event", probability = 0.8}}
"body.event" = {{dictionary = "event", probability = 0.8}}
"path.handle" = {{dictionary = "feed", probability = 0.8}}
"query.after" = {{dictionary = "feed", probability = 0.5}}
"path.digest_id" = {{dictionary = "digest", probability = 0.8}}
"path.channel_id" = {{dictionary = "channel", probability = 0.8}}
"path.entry_id" = {{dictionary = "number", probability = 0.7}}
"body.entries[*]" = {{dictionary = "number", probability = 0.7}}
"path.delivery_id" = {{dictionary = "number", probability = 0.7}}
"path.edition_id" = {{dictionary = "number", probability = 0.7}}
"path.proposal_id" = {{dictionary = "number", probability = 0.7}}
"""


@contextmanager
def tried(folder: Path, parser: Parser) -> Iterator[str]:
    """A site with something of everything; the address of its description. What is there stands in ``known.toml``."""
    web = {"tokens": [{"name": "writer", "token": TOKEN, "scopes": ["read", "write"]}]}
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(f"sqlite:///{folder}/monitor.db"))
        site = Site(seeded(folder, store, parser, NOON, web=web), folder, stack)
        request_digest(site.tools.config.digests[0], site.tools, NOON)
        with store.write() as connection:
            for number in range(3):
                new = Proposal(
                    term=f"Guac {number}", story=STORY, topic="avocado", score=0.8, proposed_at=NOON,
                    evidence=(1,), origins=2, reason="it rose",
                )  # fmt: skip
                drift.save(connection, f"guac {number}", new)
        with store.read() as connection:
            events = [event.id for event in stories.list_events(connection, STORY, limit=10)]
            handles = [feed.handle for feed in feeds.listed(connection)]
        (story,) = site.tools.config.stories
        there: dict[str, Sequence[str | int]] = {
            "story": [STORY],
            "topic": [topic.id for topic in story.topics],
            "line": [line.id for line in story.storylines],
            "event": events,
            "feed": handles,
            "digest": ["morning"],
            "channel": ["archive"],
            "number": range(1, 30),
        }
        values = "\n".join(f"{name}.values = {json.dumps(list(found))}" for name, found in there.items())
        (folder / "known.toml").write_text(KNOWN.format(values=values), "utf-8")
        client = stack.enter_context(asking(site.host()))
        yield f"{client.base_url}/openapi.json"


def schemathesis(folder: Path, description: str, *arguments: str) -> list[str]:
    """The command that asks all of it, the same each time."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", f"{folder}/known.toml", "--no-color"]
    return [*command, "run", description, "--seed=1", "--header", f"Authorization: Bearer {TOKEN}", *arguments]


def test_the_api_keeps_to_its_description(tmp_path: Path, parser: Parser):
    with tried(tmp_path, parser) as description:
        command = schemathesis(tmp_path, description, "--max-examples=2", "--phases=fuzzing", "--continue-on-failure")
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    if done.returncode != 0:
        pytest.fail(done.stdout[-6000:] + done.stderr[-2000:])
