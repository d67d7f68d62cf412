"""A term: a word, name or phrase that people wrote, ready to be searched in a ``Text``."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.domain import Hit, Role
from monitor.matching.text import HANGUL_WORD, PARTICLES, Text, fold, is_dense, split

#: Shorter beginnings match too much: `tra*` is a tractor and a tragedy. Han and Hangul say more in a character.
MIN_PREFIX = 4
#: Before a phrase of a list of words: inside it the other words of the list do not count.
MASK = "-"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand next to each other."""

    #: As written, without quotes.
    text: str
    words: tuple[str, ...]
    #: What is searched in ``Text.joined``: a space before each word, and one after the last unless it may go on.
    needle: str
    #: Written with a trailing `*`: the last word may go on.
    prefix: bool = False
    #: Written as `=Word`: the words with the case they must have.
    exact: tuple[str, ...] = ()
    #: The needle says it all: where it stands, the term stands.
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A term where it stands: words ``first`` up to ``end`` of a text."""

    term: str
    first: int
    end: int


@functools.lru_cache(maxsize=8192)
def read_term(text: str) -> Term | None:
    """Read `name`, `=Name` (this case only) or `begin*`. None when no word is in it."""
    bare = text.strip()
    exact = bare.startswith("=")
    prefix = bare.endswith("*")
    raw = split(bare.removeprefix("=").removesuffix("*"))
    if not raw:
        return None
    words = tuple(map(fold, raw))
    open_end = prefix or HANGUL_WORD.fullmatch(words[-1]) is not None
    needle = " " + " ".join(words) + ("" if open_end else " ")
    whole = not (exact or open_end)
    return Term(text=text, words=words, needle=needle, prefix=prefix, exact=raw if exact else (), whole=whole)


def name_fault(text: str) -> str | None:
    """What is wrong with a name, or None."""
    term = read_term(text)
    if term is None:
        return f"{text!r} holds no letter or digit"
    if "*" in text.strip()[:-1]:
        return f"{text!r} has a `*` that is not at its end"
    if term.prefix and len(term.words) == 1 and not is_dense(term.words[0]) and len(term.words[0]) < MIN_PREFIX:
        return f"{text!r} is too short a beginning: {MIN_PREFIX} letters or more before `*`"
    return None


def read_terms(listed: Sequence[str], words: Mapping[str, Sequence[str]]) -> tuple[Term, ...]:
    """The terms of a list; `@name` in it stands for the story's list of words of that name."""
    return _terms(name for name in _expanded(listed, words) if not name.startswith(MASK))


def read_masks(listed: Sequence[str], words: Mapping[str, Sequence[str]]) -> tuple[Term, ...]:
    """The phrases of a list within which its terms do not count: `-Wall Street Journal` beside `Wall Street`."""
    return _terms(name[1:] for name in _expanded(listed, words) if name.startswith(MASK))


def _expanded(listed: Sequence[str], words: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for item in listed:
        yield from words.get(item[1:], ()) if item.startswith("@") else (item,)


def _terms(names: Iterable[str]) -> tuple[Term, ...]:
    return tuple(term for name in names if (term := read_term(name)) is not None)


def find(term: Term, text: Text, starts: Sequence[int] | None = None) -> Iterator[Found]:
    """Every place where the term stands, in order. ``starts``: where a scan has found its needle, if one was made."""
    for first in text.words_at(_starts(term.needle, text) if starts is None else starts):
        if _stands(term, text, first):
            yield Found(term.text, first, first + len(term.words))


def _starts(needle: str, text: Text) -> Iterator[int]:
    """Where it begins in ``Text.joined``."""
    at = text.joined.find(needle)
    while at >= 0:
        yield at
        at = text.joined.find(needle, at + 1)


def _stands(term: Term, text: Text, first: int) -> bool:
    """Whether the needle found at this word is the term: its case, and what follows an open end."""
    if term.whole:
        return True
    last = first + len(term.words) - 1
    if term.exact:
        cased = [text.found(word, word + 1) for word in range(first, last + 1)]
        cased[-1] = cased[-1][: len(term.exact[-1])]
        if cased != list(term.exact):
            return False
    rest = text.words[last][len(term.words[-1]) :]
    return term.prefix or not rest or PARTICLES.fullmatch(rest) is not None


def outside(found: Sequence[Found], others: Sequence[Found]) -> list[Found]:
    """Those that share no word with any of the others."""
    covered = {word for other in others for word in range(other.first, other.end)}
    return [one for one in found if covered.isdisjoint(range(one.first, one.end))] if covered else list(found)


def find_all(terms: Sequence[Term], text: Text, scan: Mapping[str, Sequence[int]]) -> list[Found]:
    """Where any of the terms stands; ``scan`` holds the needles that stand in the text."""
    return [found for term in terms if term.needle in scan for found in find(term, text, scan[term.needle])]


def hit(found: Found, text: Text, role: Role) -> Hit:
    return Hit(term=found.term, found=text.found(found.first, found.end), place=text.place(found.first), role=role)
