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

    Vectors = NDArray[np.float32]

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
        """Have the encoder work out, and keep, what ``compare`` will ask of it for these."""
        self.embed([*self.own, *map(meant, entries)])

    def compare(self, entry: Entry, events: Sequence[Sequence[Entry]]) -> list[tuple[float, float]]:
        """How near the entry is to each event, 0 to 1: to the middle of its reports, and to the first of them."""
        import numpy as np

        if not events:
            return []
        vectors = self.embed([meant(one) for one in (entry, *(report for event in events for report in event))])
        centre = (self.embed(self.own).mean(axis=0) * OWN_REPORTS + vectors.sum(axis=0)) / (OWN_REPORTS + len(vectors))
        units = _units(vectors - centre)
        starts = np.cumsum([1, *(len(event) for event in events[:-1])])
        middles = _units(np.add.reduceat(units, starts, axis=0)) @ units[0]
        founders = units[starts] @ units[0]
        return [
            (max(0.0, float(middle)), max(0.0, float(first))) for middle, first in zip(middles, founders, strict=True)
        ]


def meant(entry: Entry) -> str:
    """The part of an entry whose meaning is compared."""
    return entry.text[:READ_CHARACTERS]


def own_texts(story: Story) -> tuple[str, ...]:
    """What the story's file says in sentences; where it has none, its names."""
    claims = story.seed.claims if story.seed else ()
    prose = (text for line in story.storylines for text in (line.about, *line.examples))
    names = (*(line.title for line in story.storylines), *(topic.name or topic.id for topic in story.topics))
    return tuple(filter(None, (*claims, *prose))) or tuple(filter(None, names)) or (story.title or story.story,)


def _units(rows: Vectors) -> Vectors:
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)
