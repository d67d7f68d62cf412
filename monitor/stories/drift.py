"""Names change: a code name becomes a brand, and a watch for the old name goes blind. Which new name is it?

Of each entry of the story we keep what may be names, and which of them its text ties to a name of a topic ("formerly",
代号). A name that is tied to a topic, is used by several independent sources and was not used before is proposed. The
addends are log-odds: what texts say counts most, how the name rose counts next to it (Dunning's log-likelihood ratio of
1993, over all entries and not over the story's alone), and use before the rise counts against.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain import Entry, Match, Proposal, Story
from monitor.stories.keys import READ_CHARACTERS
from monitor.stories.names import Name, is_dense, key_of_name, names_in, whole
from monitor.stories.origins import OUTLETS, origin
from monitor.stories.renaming import Link, Span, is_cue, said
from monitor.stories.vocabulary import MONTHS, STOP_WORDS, WEEKDAYS, fold

#: Names rise within this time, or they did not rise.
WINDOW = timedelta(days=14)
_LETTER = re.compile(r"[^\W\d_]")
#: Names kept of one entry. News summaries hold 5 to 15; a hostile text holds thousands.
MOST_HEARD = 24
#: Independent sources that must use a name that one text alone has tied to the topic; with two such texts, two do.
LEAST_ORIGINS = 3
#: Sources that must use it where no text says that it is the topic: then the rise alone must show it.
LEAST_RISING = 6
#: Where no text ties it, a name is judged when so many sources use it for the first time: others of the beat, which are
#: no topic's, are in every second entry, and to judge one takes a search of the latest entries.
RISING = (LEAST_RISING, 7, 8, 10, 12, 15, 19, 24, 30, 38, 48, 60, 75, 94)
LEAST_ALONE = 4
LEAST_BESIDE = 2
#: A name has at least so many neighbours on either side; a piece of one has always the same.
LEAST_BESIDE_IT = 2
#: What stands before a name and what after it: in Latin script the word, elsewhere the character.
_BESIDE = (r"([^\W_]*) ?{}", r"{} ?([^\W_]*)")
_BESIDE_DENSE = (r"(.?){}", r"{}(.?)")
#: So many sources that say what it is are enough by themselves.
MANY_SAY = 2.0

# Log-odds. One text that says so and two more sources propose a name that is new (+0.9 with a short past); a name that
# four others used before is not new (-2.0). On a labelled beat of 383 entries the one true name scored +2.1.
PRIOR = -4.0
SAID = 3.0
MORE_SAID = 1.5
MOST_SAID = 3
ORIGINS = 0.8
RISE = 0.5
MOST_RISE = 2.0
#: For the share of its sources that use it without the old name: a new name replaces, a rival stands beside.
REPLACES = 1.5
USED_BEFORE = -0.7
MOST_BEFORE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a story knows by name already; folded as ``key_of_name`` does."""

    #: Whole names and words: none of them is new.
    terms: frozenset[str] = frozenset()
    #: Names and anchors of topics: what holds one inside is a variant of it.
    names: frozenset[str] = frozenset()
    #: Parts of these names: none of them is new.
    pieces: frozenset[str] = frozenset()
    #: Single words among them: cut from the ends of a name, as in "Meta Muse Spark".
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A possible name in an entry."""

    key: str
    #: As it stands there.
    text: str
    #: The topic that the entry says it to be, and how; None where it only stands there.
    topic: str | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An entry, of the story or not, that has the name in its text."""

    entry_id: int
    entry: Entry
    at: datetime
    #: Of the story, where it belongs to it.
    topics: tuple[str, ...] = ()


def vocabulary(story: Story) -> Vocabulary:
    topics = [name for topic in story.topics for name in (*topic.strong, *topic.aliases, *topic.anchors)]
    names = set(_plain(topics, story))
    others = [name for topic in story.topics for name in (*topic.vetoes, *topic.passing)]
    lists = [name for listed in story.words.values() for name in listed]
    outlets = {form for forms in OUTLETS.values() for form in forms}
    return Vocabulary(
        terms=frozenset(
            {*names, *_plain(others, story), *_plain(lists, story), *outlets, *map(fold, MONTHS), *WEEKDAYS}
        ),
        names=frozenset(name for name in names if len(name) > 1),
        pieces=frozenset(piece for name in names for piece in _pieces(name) if len(piece) > 1),
        words=frozenset(word for name in names for word in name.split()),
    )


def _plain(listed: Iterable[str], story: Story) -> Iterator[str]:
    """Terms as keys, without the signs of the query language; ``@name`` is a list of words."""
    for item in listed:
        if item.startswith("@"):
            yield from _plain(story.words.get(item[1:], ()), story)
        else:
            yield key_of_name(item.strip("=*-"))


def hear(entry: Entry, match: Match, known: Vocabulary) -> list[Heard]:
    """The possible names of an entry that the story does not know yet; those tied to a topic first."""
    text = f"{entry.title}\n{entry.summary[:READ_CHARACTERS]}"
    nouns = entry.lang == "de"
    olds = list(_old_names(text, match))
    found: dict[str, Heard] = {}
    for name in _trimmed(names_in(text, dense=bool(olds), nouns=nouns), text, known):
        key = key_of_name(name.text)
        if _is_known(key, known) or key == key_of_name(entry.source):
            continue
        topic, link = _tied(text, name, olds)
        if link is None and not name.written:
            continue
        before = found.get(key)
        if before is None or (before.link is None and link) or (link is Link.SAID and before.link is Link.BRACKETS):
            found[key] = Heard(key=key, text=name.text, topic=topic, link=link)
    return sorted(found.values(), key=lambda heard: -(heard.link.value if heard.link else 0))[:MOST_HEARD]


def _old_names(text: str, match: Match) -> Iterator[tuple[str, Span]]:
    """Where names of topics that hold stand in the text."""
    for topic in match.topics:
        if topic.held:
            for said_as in {hit.found for hit in topic.hits if hit.role in {"strong", "alias"}}:
                for place in re.finditer(whole(said_as), text):
                    yield topic.topic, Span(*place.span())


def _trimmed(names: Iterable[Name], text: str, known: Vocabulary) -> Iterator[Name]:
    """Names without the known words at their ends."""
    for name in names:
        start, end = name.start, name.end
        if not is_dense(name.text):
            words = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", name.text)]
            keys = [key_of_name(text[first:last]) for first, last in words]
            first = next((n for n, key in enumerate(keys) if key not in known.words and key not in STOP_WORDS), None)
            if first is None:
                continue
            last = max(n for n, key in enumerate(keys) if key not in known.words)
            start, end = words[first][0], words[last][1]
        yield Name(text[start:end], start, end, name.written)


def _is_known(key: str, known: Vocabulary) -> bool:
    """Whether the story knows the name already: as it is, as a part of a name or as a variant of one."""
    if key in known.terms or key in known.pieces or key in STOP_WORDS or is_cue(key) or not _LETTER.search(key):
        return True
    return len(key) < (2 if is_dense(key) else 3) or not known.names.isdisjoint(_pieces(key))


def _pieces(key: str) -> Iterator[str]:
    """Every part of a name: stretches of words, or of characters where it is written without spaces."""
    dense = is_dense(key)
    units = list(key) if dense else key.split()
    for start in range(len(units)):
        for end in range(start + 1, len(units) + 1):
            yield ("" if dense else " ").join(units[start:end])


def _tied(text: str, name: Name, olds: Sequence[tuple[str, Span]]) -> tuple[str | None, Link | None]:
    best: tuple[str | None, Link | None] = (None, None)
    for topic, old in olds:
        link = said(text, Span(name.start, name.end), old)
        if link is Link.SAID:
            return topic, link
        best = (topic, link) if link else best
    return best


def is_certain(term: str) -> bool:
    """Whether a name needs no anchor: it has two words, a digit, or four characters of a script without spaces."""
    return len(term) >= 4 if is_dense(term) else " " in term or any(map(str.isdigit, term))


# --- Judging one name -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """An entry that says a name to be a topic's."""

    entry_id: int
    topic: str
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many entries were looked at for mentions: within ``WINDOW``, and before it."""

    recent: int
    before: int


def propose(
    heard: Heard,
    story: str,
    mentions: Sequence[Mention],
    ties: Sequence[Tie],
    totals: Totals,
    now: datetime,
) -> Proposal | None:
    """Judge a possible name; None when too little speaks for it.

    mentions  entries that have it in their text, of the story or not, in order of arrival
    ties      what entries of the last ``WINDOW`` say it to be
    now       when the last of them came
    """
    word = re.compile(whole(heard.text), re.IGNORECASE)
    held = [mention for mention in mentions if word.search(mention.entry.text)]
    recent = [mention for mention in held if now - WINDOW < mention.at <= now]
    before = [mention for mention in held if mention.at <= now - WINDOW]
    topic = _topic(ties, recent)
    if topic is None:
        return None
    origins = _by_origin(recent)
    tied = {tie.entry_id: tie.link.value for tie in ties if tie.topic == topic}
    says = {name: max(tied.get(one.entry_id, 0.0) for one in used) for name, used in origins.items()}
    told = sum(map(float, says.values()))
    alone = [name for name, used in origins.items() if not any(topic in mention.topics for mention in used)]
    if not _enough(told, len(origins), len(alone)) or not _stands_alone(heard.text, recent):
        return None
    used_before = len(_by_origin(before))
    rise = _log_likelihood(len(recent), totals.recent, len(before), totals.before)
    score = (
        PRIOR
        + SAID * min(told, 1.0)
        + MORE_SAID * max(0.0, min(told, MOST_SAID) - 1.0)
        + ORIGINS * math.log(len(origins))
        + min(RISE * math.log1p(rise), MOST_RISE)
        + REPLACES * len(alone) / len(origins)
        + USED_BEFORE * min(used_before, MOST_BEFORE)
    )
    if score < 0:
        return None
    first = sorted(recent, key=lambda mention: (-tied.get(mention.entry_id, 0.0), mention.entry_id))
    return Proposal(
        term=heard.text,
        story=story,
        topic=topic,
        score=round(1 / (1 + math.exp(-score)), 4),
        proposed_at=now,
        evidence=tuple(mention.entry_id for mention in first),
        origins=len(origins),
        reason=_why(word, first[0] if told else None, len(origins), len(alone), used_before),
    )


def _topic(ties: Sequence[Tie], mentions: Sequence[Mention]) -> str | None:
    """What most texts say it to be; where none says so, the topic beside which it stands most."""
    votes: Counter[str] = Counter()
    for tie in ties:
        votes[tie.topic] += int(tie.link.value * 2)
    if not votes:
        votes.update(topic for mention in mentions for topic in mention.topics)
    return max(votes, key=lambda topic: (votes[topic], topic)) if votes else None


def _enough(told: float, origins: int, alone: int) -> bool:
    """Whether so many sources use it that it is worth a score; ``told``: how many of them say what it is."""
    if told >= MANY_SAY:
        return True
    if told >= Link.SAID.value:
        return origins >= LEAST_ORIGINS
    return origins >= LEAST_RISING and alone >= LEAST_ALONE and origins - alone >= LEAST_BESIDE


def is_covered(key: str, by: str) -> bool:
    """True if one name stands in another: whoever finds the shorter finds the longer."""
    return by in key if is_dense(by) else f" {by} " in f" {key} "


def _by_origin(mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(fold(origin(mention.entry)), []).append(mention)
    return found


def _stands_alone(term: str, mentions: Sequence[Mention]) -> bool:
    """Whether it is a name and not a piece of one: what stands beside it changes (accessor variety, Feng et al. 2004).

    A mark or an end is a change by itself, and so is a common word beside a name with capitals.
    """
    for side in _BESIDE_DENSE if is_dense(term) else _BESIDE:
        pattern = re.compile(side.format(whole(term)), re.IGNORECASE)
        beside = [found for mention in mentions for found in pattern.findall(mention.entry.text)]
        pieces = {one for one in beside if is_dense(one) or one[:1].isupper() or one[:1].isdigit()}
        if len(pieces) + sum(one not in pieces for one in beside) < LEAST_BESIDE_IT:
            return False
    return True


def _log_likelihood(recent: int, recent_total: int, before: int, before_total: int) -> float:
    """Dunning's G2 of a use that rose; 0 where it did not, or where there is no past to rise from."""
    total = recent_total + before_total
    if not before_total or recent * before_total <= before * recent_total:
        return 0.0
    share = (recent + before) / total
    return 2 * sum(
        count * math.log(count / (size * part))
        for count, size, part in (
            (recent, recent_total, share),
            (before, before_total, share),
            (recent_total - recent, recent_total, 1 - share),
            (before_total - before, before_total, 1 - share),
        )
        if count and part
    )


def _why(word: re.Pattern[str], says: Mention | None, origins: int, alone: int, before: int) -> str:
    counts = f"used by {origins} sources, by {alone} without the old name; before that by {before or 'none'}"
    if says is None:
        return counts
    sentences = re.split(r"(?<=[.!?。！？])\s*|\n", says.entry.text)
    quote = next((sentence for sentence in sentences if word.search(sentence)), says.entry.title)
    return f"“{quote.strip()[:160]}” ({says.entry.source}); {counts}"
