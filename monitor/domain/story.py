"""What people write about a story, in ``config/stories/``: topics, storylines, what they expect, and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any


def said(description: str, default: Any = ..., *, factory: Any = None) -> Any:
    """A field that people write in a file, with the sentence that ``monitor schema`` and the docs show for it."""
    metadata = {"description": description}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata)
    return field(metadata=metadata) if default is ... else field(default=default, metadata=metadata)


#: Read by pydantic when ``config`` validates these classes: a key we do not know is a mistake, not a remark.
STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A named thing that is watched."""

    __pydantic_config__ = STRICT

    id: str = said("Short name; `@id` in a query.")
    name: str = said("What it is called, for people.", "")
    strong: tuple[str, ...] = said("Names that are certain by themselves.", ())
    aliases: tuple[str, ...] = said("Names that are ambiguous: they need an anchor.", ())
    anchors: tuple[str, ...] = said("Words that make an alias certain where they stand near it.", ())
    vetoes: tuple[str, ...] = said("Words that speak against; they decide only where nothing strong stands.", ())
    passing: tuple[str, ...] = said("Phrases around a name that only mention it: they count in the title alone.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Something the story promised, with the time it was promised for."""

    __pydantic_config__ = STRICT

    id: str = said("Short name, unique within the story.")
    claim: str = said("What is expected, in a sentence.")
    when: str = said("Query that an entry must answer for the claim to count as met.")
    by: str = said("When it is expected, as the source said it: `spring 2026`, `2026-05`, `2026-06-30`.", "")
    slipped: str = said("Query that an entry must answer to say that it comes later; left out: words of delay.", "")
    denied: str = said("Query that an entry must answer to deny the claim; left out: words of denial.", "")
    cancelled: str = said("Query that an entry must answer to say that it is given up; left out: words for that.", "")
    remind: timedelta = said(
        "How long before its last day to remind of it, as in `7d`; `0d`: never.", timedelta(days=7)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyline:
    """A thread of the story."""

    __pydantic_config__ = STRICT

    id: str = said("Short name, unique within the story.")
    title: str = said("Heading in the digest.")
    about: str = said("What belongs here, in a sentence or three.", "")
    topics: tuple[str, ...] = said("Topics of which at least one must hold; empty: any text may qualify.", ())
    query: str = said("Words that mark this thread, in the query language.", "")
    examples: tuple[str, ...] = said("Headlines that belong here.", ())
    expects: tuple[Expectation, ...] = said("What this thread is waiting for.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTest:
    """A text and what must be seen in it; run by `monitor test`."""

    __pydantic_config__ = STRICT

    text: str = said("A headline, or a headline and its summary.")
    lang: str | None = said("Language of the text, as in `es`.", None)
    topics: tuple[str, ...] | None = said("Exactly these topics must hold; left out: not tested.", None)
    storylines: tuple[str, ...] | None = said("Exactly these storylines must hold; left out: not tested.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The article from which the story starts."""

    __pydantic_config__ = STRICT

    title: str = said("Its headline.")
    published: date | None = said("Day it appeared.", None)
    url: str | None = said("Where it can be read.", None)
    claims: tuple[str, ...] = said("What it says, a sentence each.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One seed article and what is followed of it: one file under `config/stories/`."""

    __pydantic_config__ = STRICT

    story: str = said("Short name; digests refer to it.")
    title: str = said("What the story is called, for people.", "")
    seed: Seed | None = said("The article it starts from.", None)
    words: Mapping[str, tuple[str, ...]] = said("Lists of words by name, for use as `@name` in queries.", factory=dict)
    topics: tuple[Topic, ...] = said("What is watched: things with names.", ())
    storylines: tuple[Storyline, ...] = said("Which threads of the story are followed.", ())
    tests: tuple[StoryTest, ...] = said("Texts and what must be seen in them.", ())
