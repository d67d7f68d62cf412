"""How near texts are in meaning, whatever their words and their language: cosine of sentence vectors.

Within one beat every text is near every other. What they all have in common is taken off first: the mean of the story's
own texts at the start, and more and more that of its reports (Mu and Viswanath 2018 centre word vectors likewise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from monitor.domain import Entry, Story

if TYPE_CHECKING:  # numpy takes a tenth of a second to load: it comes with the first text that is compared
    import numpy as np
    from numpy.typing import NDArray

    from monitor.stories.space import Space

    Vectors = NDArray[np.float32]

#: How a vector is stored: half floats, little-endian. Their rounding is far below any doubt.
STORED = "<f2"
#: A title and the head of its summary: what follows is background. 600 characters told events apart no better.
READ_CHARACTERS = 300
#: The story's own texts count as this many reports. Between 10 and 20 the events of labelled items were equally right;
#: at 60 the first week of a fresh monitor ran together.
OWN_REPORTS = 20


class Embedder(Protocol):
    """A sentence encoder. The same text has the same vector, always: a vector is a value."""

    def __call__(self, texts: Sequence[str], /) -> Vectors:
        """One unit vector a row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A sentence encoder, and what the texts of one story have in common."""

    embed: Embedder
    #: The story's own texts, see ``own_texts``; not empty.
    own: tuple[str, ...]

    def prepare(self, entries: Sequence[Entry]) -> None:
        """Have the encoder work out, and keep, what ``vector`` will ask of it for these."""
        self.embed([*self.own, *map(meant, entries)])

    def vector(self, entry: Entry) -> bytes:
        """What the entry means, as it is stored."""
        return bytes(self.embed([meant(entry)])[0].astype(STORED).tobytes())

    def space(self) -> Space:
        """An empty space for the events of this story."""
        from monitor.stories.space import Space

        return Space(self.embed(self.own).mean(axis=0))


def meant(entry: Entry) -> str:
    """The part of an entry whose meaning is compared."""
    return entry.text[:READ_CHARACTERS]


def own_texts(story: Story) -> tuple[str, ...]:
    """What the story's file says in sentences; where it has none, its names."""
    claims = story.seed.claims if story.seed else ()
    prose = (text for line in story.storylines for text in (line.about, *line.examples))
    names = (*(line.title for line in story.storylines), *(topic.name or topic.id for topic in story.topics))
    return tuple(filter(None, (*claims, *prose))) or tuple(filter(None, names)) or (story.title or story.story,)
