"""What a story sees in an entry: which topics and storylines hold, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.domain.feeds import Entry

Place = Literal["title", "summary", "feed"]
Role = Literal["strong", "alias", "anchor", "veto", "query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A configured term that stands in the entry."""

    #: As configured.
    term: str
    #: As it stands in the text.
    found: str
    place: Place
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a reader said of an entry: it is about this topic or belongs to this storyline, or it does not."""

    entry: Entry
    kind: Literal["topic", "storyline"]
    #: Id of the topic or storyline.
    target: str
    belongs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One addend of a score."""

    #: "topics", "query", "about", "examples", "feedback" ...
    name: str
    #: Log-odds; positive speaks for.
    weight: float
    #: The words behind it.
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """Whether an entry is about a topic, and why."""

    topic: str
    held: bool
    #: 0 to 1; held at 0.5 and above.
    score: float
    hits: tuple[Hit, ...] = ()
    #: What would have been needed, in words; empty when held.
    missing: tuple[str, ...] = ()
    #: What readers' answers about like entries add to the score; None where they say nothing.
    feedback: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorylineMatch:
    """Whether an entry belongs to a storyline, and why."""

    storyline: str
    held: bool
    #: 0 to 1; held at 0.5 and above.
    score: float
    parts: tuple[Part, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a story sees in an entry: the topics and storylines that hold, and those that nearly did."""

    story: str
    #: Held ones first, then near misses; a topic with no hit at all is not listed.
    topics: tuple[TopicMatch, ...] = ()
    storylines: tuple[StorylineMatch, ...] = ()
    #: The story's lists of words of which a word stands in the entry, by name; and those of the title. Told only of an
    #: entry that belongs.
    words: tuple[str, ...] = ()
    title_words: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """True if the entry belongs to the story: at least one storyline holds."""
        return any(line.held for line in self.storylines)

    @property
    def held_topics(self) -> tuple[str, ...]:
        return tuple(topic.topic for topic in self.topics if topic.held)

    @property
    def held_storylines(self) -> tuple[str, ...]:
        """Best first."""
        held = sorted((line for line in self.storylines if line.held), key=lambda line: -line.score)
        return tuple(line.storyline for line in held)
