"""What a report says of an expectation: that it was met, slips, is denied, is given up or stands.

Rules over sentences, so that the reason can be read: a cue, the name of what is expected, and no other name nearer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from monitor.domain import Bearing, Entry, Expectation, Statement, StatementKind
from monitor.stories import cues
from monitor.stories.keys import READ_CHARACTERS
from monitor.stories.vocabulary import KINDS, STOP_WORDS, fold

if TYPE_CHECKING:
    from monitor.stories.dates import Time

#: A whole year is what many things are of: "the 2026 budget". Only "to 2027" promises it.
BROAD_DAYS = 360
#: A single day this near is when it was reported, or will be: "the delay came out on 13 March".
NEWS_DAYS = timedelta(days=1)
#: Kinds of happening that say how something stands, not what it is.
_MODAL = frozenset(("delay", "denial", "accusation"))
#: Letters that a word of a claim and a word of a report share when they are forms of one: "leaves", "leaving".
STEM = 5
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n")
_CAPITALS = re.compile(r"(?<!^)\b[A-Z][\w-]+|^[A-Z][\w-]+(?= [A-Z]|'s)")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    #: Where the subject's names and other topics' names stand.
    names: tuple[re.Match[str], ...]
    others: tuple[re.Match[str], ...]
    #: The subject is named here, or the title named it and nothing else is named here.
    about: bool


def read_statement(
    entry: Entry, expectation: Expectation, bearing: Bearing, said_on: date, *, trusted: bool
) -> Statement | None:
    """What the entry says of the expectation; None where it says nothing of it.

    said_on  the day it was reported: "next month" is counted from it

    A query that people wrote (``when``, ``slipped``, ``denied``, ``cancelled``) says so where it is answered. For the
    last three, where no query is written, words of nine languages do; a slip needs ``by``: a promise without a time
    cannot come late.
    """
    sentences = tuple(_sentences(entry, bearing, expectation))

    def say(kind: StatementKind, time: Time | None = None, *, hedged: bool = False) -> Statement:
        return Statement(
            expectation=expectation.id,
            kind=kind,
            said=time.said if time else "",
            earliest=time.first if time else None,
            latest=time.last if time else None,
            hedged=hedged,
            trusted=trusted,
        )

    if "when" in bearing.answers and not _to_come(entry.title, said_on):
        return say(StatementKind.MET)
    for key in ("cancelled", "denied", "slipped"):
        if key in bearing.answers:
            kind = StatementKind(key)
            return say(kind, _promised(sentences, said_on) if kind is StatementKind.SLIPPED else None)
    if not expectation.cancelled and (found := _cancelled(sentences)):
        return say(StatementKind.CANCELLED, hedged=_hedged(*found))
    slipped = _slipped(sentences) if expectation.by and not expectation.slipped else None
    if slipped is not None:
        sentence, cue = slipped
        if _negated(sentence.text, cue):
            return say(StatementKind.STANDS)
        return say(StatementKind.SLIPPED, _promised(sentences, said_on), hedged=_hedged(sentence, cue))
    if not expectation.denied and (found := _denied(sentences, expectation)):
        return say(StatementKind.DENIED, hedged=_hedged(*found))
    if expectation.by and any(cues.STANDS.search(sentence.text) for sentence in sentences if sentence.about):
        return say(StatementKind.STANDS)
    return None


def _to_come(title: str, said_on: date) -> bool:
    """True if the title names a day that is yet to come: what happens then has not happened."""
    from monitor.stories.dates import find_times  # its patterns take a twentieth of a second to build

    days = [time.first for time in find_times(title, said_on) if time.first == time.last]
    return bool(days) and min(days) > said_on + NEWS_DAYS


def _sentences(entry: Entry, bearing: Bearing, expectation: Expectation) -> Iterator[_Sentence]:
    """The title, then the sentences of the summary."""
    names = bearing.names or frozenset(_CAPITALS.findall(expectation.claim))
    named = False
    for n, text in enumerate(_SENTENCE.split(f"{entry.title}\n{entry.summary}"[:READ_CHARACTERS])):
        ours, others = _places(names, text), _places(bearing.others - names, text)
        named = named or (n == 0 and bool(ours))
        yield _Sentence(text, ours, others, bool(ours) or (named and not others))


def _places(names: Collection[str], text: str) -> tuple[re.Match[str], ...]:
    if not names:
        return ()
    pattern = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return tuple(re.finditer(pattern, text, re.IGNORECASE))


def _governs(sentence: _Sentence, cue: re.Match[str]) -> bool:
    """Whether the cue speaks of the subject: no other topic's name stands nearer to it."""
    if not sentence.about:
        return False
    ours = min((_gap(cue, name) for name in sentence.names), default=None)
    others = min((_gap(cue, name) for name in sentence.others), default=None)
    return others is None or (ours is not None and ours <= others)


def _gap(one: re.Match[str], other: re.Match[str]) -> int:
    return max(other.start() - one.end(), one.start() - other.end(), 0)


def _slipped(sentences: Collection[_Sentence]) -> tuple[_Sentence, re.Match[str]] | None:
    for sentence in sentences:
        for cue in cues.SLIP.finditer(sentence.text):
            if _governs(sentence, cue):
                return sentence, cue
    return None


def _cancelled(sentences: Collection[_Sentence]) -> tuple[_Sentence, re.Match[str]] | None:
    """A cue with hardly a word between it and the name: "abandons open source for Avocado" gives up another thing."""
    for sentence in sentences:
        for cue in cues.CANCEL.finditer(sentence.text):
            for name in sentence.names:
                between = sentence.text[min(cue.end(), name.end()) : max(cue.start(), name.start())]
                light = cues.LIGHT if cue.start() < name.start() else cues.PASSIVE
                if light.fullmatch(between) and not _negated(sentence.text, cue):
                    return sentence, cue
    return None


def _denied(sentences: Collection[_Sentence], expectation: Expectation) -> tuple[_Sentence, re.Match[str]] | None:
    """A denial in one sentence with the claim's own kind of happening, or one of its own words."""
    kinds = frozenset(kind for kind, cue in KINDS.items() if cue.search(fold(expectation.claim))) - _MODAL
    stems = {word[:STEM] for word in _WORD.findall(expectation.claim.casefold()) if word not in STOP_WORDS}
    for sentence in sentences:
        stems_here = stems - {word[:STEM] for name in sentence.names for word in _WORD.findall(name[0].casefold())}
        for cue in cues.DENIAL.finditer(sentence.text):
            rest = f"{sentence.text[: cue.start()]} {sentence.text[cue.end() :]}"
            words = {word[:STEM] for word in _WORD.findall(rest.casefold())}
            same = any(KINDS[kind].search(fold(rest)) for kind in kinds) if kinds else bool(words & stems_here)
            if same and _governs(sentence, cue):
                return sentence, cue
    return None


def _negated(text: str, cue: re.Match[str]) -> bool:
    return bool(cues.NOT_BEFORE.search(text[: cue.start()]) or cues.NOT_AFTER.search(text[cue.end() :]))


def _hedged(sentence: _Sentence, cue: re.Match[str]) -> bool:
    return bool(
        cues.HEDGE_BEFORE.search(sentence.text[: cue.start()]) or cues.HEDGE_AFTER.search(sentence.text[cue.end() :])
    )


def _promised(sentences: Collection[_Sentence], said_on: date) -> Time | None:
    """The time that is promised now: in the sentence of the slip, else in another about the subject."""
    from monitor.stories.dates import find_times  # its patterns take a twentieth of a second to build

    best: tuple[int, Time] | None = None
    for sentence in sentences:
        if not sentence.about:
            continue
        cue = next((cue for cue in cues.SLIP.finditer(sentence.text) if _governs(sentence, cue)), None)
        for time in _joined(sentence.text, find_times(sentence.text, said_on)):
            before, after = sentence.text[: time.start], sentence.text[time.end :]
            marked = bool(cues.NEW_BEFORE.search(before) or cues.NEW_AFTER.search(after))
            old = cues.OLD_BEFORE.search(before) or cues.OLD_AFTER.search(after)
            broad = (time.last - time.first).days >= BROAD_DAYS
            reported = time.first == time.last and time.last <= said_on + NEWS_DAYS  # the day of the news itself
            if time.last < said_on or old or reported or (broad and not marked):
                continue
            far = max(time.start - cue.end(), cue.start() - time.end, 0) if cue else len(sentence.text)
            cost = far + (0 if cue else 500) + (0 if marked else 200)
            if best is None or cost < best[0]:
                best = cost, time
    return best[1] if best else None


def _joined(text: str, times: Collection[Time]) -> list[Time]:
    """Times with "or" between them as one, from the first day to the last."""
    joined: list[Time] = []
    for time in times:
        if joined and cues.OR.match(text[joined[-1].end : time.start]) and joined[-1].last < time.last:
            first = joined.pop()
            time = replace(first, said=text[first.start : time.end].strip(" ,.-"), last=time.last, end=time.end)
        joined.append(time)
    return joined
