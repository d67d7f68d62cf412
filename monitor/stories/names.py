"""What may be a name in a text, found without a dictionary: capitals, quotation marks, katakana, and runs of Han or
Hangul characters, which write no capitals. Whether it is one, its many uses must tell (``drift``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from monitor.stories.vocabulary import STOP_WORDS, fold

_LATIN = "A-Za-z0-9À-ÖØ-öø-ɏ"
_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff"
_KATAKANA = "\u30a1-\u30fa\u30fc"
_HANGUL = "\uac00-\ud7a3"
_DENSE = re.compile(f"[{_HAN}{_KATAKANA}{_HANGUL}]")

_TOKEN = re.compile(f"[{_LATIN}]+(?:[.'’&+-][{_LATIN}]+)*")
_POSSESSIVE = re.compile("['’]s$")
_QUOTED = re.compile(
    r"[“「『《][^”」』》\n]{2,40}[”」』》]|\"[^\"\n]{2,40}\"|(?<!\w)['‘][^'’\n]{2,40}['’](?!\w)|「[^」\n]{2,40}」"
)
_KATAKANA_RUN = re.compile(f"[{_KATAKANA}]{{2,}}(?:・[{_KATAKANA}]{{2,}})*")
_HANGUL_RUN = re.compile(f"[{_HANGUL}]{{2,}}(?: [{_HANGUL}]{{2,}})*")
_HAN_RUN = re.compile(f"[{_HAN}]{{2,}}")
#: Case particles of Korean that hang on a name.
_PARTICLE = re.compile("(?<=[가-힣]{2})(?:에서|으로|은|는|이|가|을|를|의|에|로|와|과|도)$")
#: Characters of grammar, not of names: a Chinese run is cut there.
_GRAMMAR = re.compile(
    "[的了在是和与與及将將已被把为為对對等从從到于於由以并但而或也都还還又再就才却卻其所该該此这這那之向让讓使给給比最更很不没沒称稱]"
)

#: Words of a name in Latin letters, characters of one in Han.
MOST_WORDS = 4
MOST_CHARACTERS = 6
#: Names whose key is kept: a story says the same ones again and again.
CACHED_NAMES = 8192
#: Places where a name may stand that are looked at in one text.
MOST_NAMES = 80


@dataclass(frozen=True, slots=True)
class Name:
    """What may be a name, where it stands."""

    text: str
    start: int
    end: int
    #: Written as a name: capitals in running text, quotation marks, katakana. Otherwise it is only a run of words.
    written: bool


@lru_cache(maxsize=CACHED_NAMES)
def key_of_name(text: str) -> str:
    """One form for spellings of a name: folded, hyphens and middle dots gone. Pure; the cache only saves work."""
    return " ".join(re.sub(r"[·・]", "", fold(text)).replace("-", " ").replace("’", "'").split())


def is_dense(text: str) -> bool:
    """Whether it is written in Han, katakana or Hangul."""
    return _DENSE.search(text) is not None


def whole(name: str) -> str:
    """A pattern for a name as a whole: in Latin script not a part of a longer word; other scripts may touch it."""
    return re.escape(name) if is_dense(name) else rf"(?<![{_LATIN}]){re.escape(name)}(?![{_LATIN}])"


def names_in(text: str, *, dense: bool, nouns: bool = False) -> list[Name]:
    """What may be names, in no order; the same place may hold several, one inside the other.

    dense   look into runs of Han and Hangul as well, where any stretch may be a name
    nouns   the language writes all nouns with capitals (German): a single such word says nothing
    """
    found = [*_quoted(text), *_capitals(text, nouns=nouns), *_katakana(text)]
    if dense:
        found += [*_hangul(text), *_han(text)]
    return found[:MOST_NAMES]


def _quoted(text: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(text):
        start, end = match.start() + 1, match.end() - 1
        inside = text[start:end].strip(" ,.")
        tokens = _TOKEN.findall(inside)
        short = len(inside) <= 2 * MOST_CHARACTERS if is_dense(inside) else len(tokens) <= MOST_WORDS
        if short and (is_dense(inside) or any(token[0].isupper() for token in tokens)):
            start = text.index(inside, start)
            yield Name(inside, start, start + len(inside), True)


def _capitals(text: str, *, nouns: bool) -> Iterator[Name]:
    """Runs of words with capitals. Where most words have them (a title in the English manner) they say nothing."""
    shouted = _shouted(text)
    for run in _runs(text):
        start, end = run[0][0], run[-1][1]
        lone = len(run) == 1 and (nouns or _opens(text, start))
        yield Name(text[start:end], start, end, len(run) <= MOST_WORDS and not shouted and not lone)
        if shouted or nouns or len(run) > MOST_WORDS:
            for size in range(1, min(MOST_WORDS, len(run) - 1) + 1):
                for first, last in zip(run, run[size - 1 :], strict=False):
                    yield Name(text[first[0] : last[1]], first[0], last[1], False)


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Start and end of each word of a run of words with capitals; numbers may follow them."""
    run: list[tuple[int, int]] = []
    closed = False
    for match in _TOKEN.finditer(text):
        word = match[0]
        raised = word != word.lower()
        if not (raised or run):
            continue
        start = match.start()
        owner = _POSSESSIVE.search(word)
        if run and (closed or not (raised or word[0].isdigit()) or text[run[-1][1] : start] not in {" ", "\u00a0"}):
            yield run
            run = []
        if run or (raised and word.casefold() not in STOP_WORDS):
            run.append((start, start + owner.start() if owner else match.end()))
        closed = owner is not None
    if run:
        yield run


def _shouted(text: str) -> bool:
    words = [word for word in _TOKEN.findall(text) if len(word) >= 4 and word[0].isalpha()]
    return len(words) >= 4 and sum(word[0].isupper() for word in words) >= 0.75 * len(words)


def _opens(text: str, start: int) -> bool:
    """Whether a sentence begins there, where every word has a capital."""
    before = text[:start].rstrip(" \"'“‘«(")
    return not before or before[-1] in ".!?:;。！？：；…—–|\n"


def _katakana(text: str) -> Iterator[Name]:
    for match in _KATAKANA_RUN.finditer(text):
        if len(match[0]) >= 3:
            yield Name(match[0], match.start(), match.end(), True)


def _hangul(text: str) -> Iterator[Name]:
    for match in _HANGUL_RUN.finditer(text):
        words = [(word.start() + match.start(), word[0]) for word in re.finditer(r"\S+", match[0])]
        for size in (1, 2, 3):
            for at in range(len(words) - size + 1):
                start, (tail, last) = words[at][0], words[at + size - 1]
                end = tail + len(_PARTICLE.sub("", last))
                yield Name(text[start:end], start, end, False)


def _han(text: str) -> Iterator[Name]:
    for match in _HAN_RUN.finditer(text):
        start = match.start()
        for chunk in _GRAMMAR.split(match[0]):
            for size in range(2, min(MOST_CHARACTERS, len(chunk)) + 1):
                for at in range(len(chunk) - size + 1):
                    yield Name(chunk[at : at + size], start + at, start + at + size, False)
            start += len(chunk) + 1
