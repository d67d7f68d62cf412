"""Text as matching reads it: normalised and cut into words once for an entry, shared by every topic and query.

A word is a run of letters of one script, a run of digits, or one Han or kana character. So ``Qwen3``, ``Qwen 3`` and
``Qwen-3`` are the same two words, ``Qwen3.5`` begins with them, and ``TBD Lab的`` needs no space. Scripts differ:

- Latin, Cyrillic, Greek, Arabic ...: runs of letters; hyphens and apostrophes separate.
- Katakana: a run is a word, so that ラマ is not found in ドラマ.
- Han, hiragana, Thai, Lao, Burmese, Khmer: a character is a word; these languages write no spaces.
- Hangul: a run is a word, and may carry particles (``PARTICLES``).

Traditional Han characters are folded to simplified ones, character by character, with OpenCC's table.
"""

from __future__ import annotations

import bisect
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opencc import OpenCC  # type: ignore[import-untyped]  # ships no types

from monitor.domain import Place

#: Stands between title and summary, in ``plain`` and among ``words``: no phrase reaches across it.
BREAK = "\n"

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SINGLE = _HAN + "\u3041-\u309f" + "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # hiragana; Thai, Lao, Burmese, Khmer
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
_LETTER = f"[^\\W\\d_{_SINGLE}{_KATAKANA}{_HANGUL}]"
#: ASCII letters first, and the scripts asked of only where there is more than ASCII: most of most texts is that.
_WORD = re.compile(
    f"[a-zA-Z]+(?:{_LETTER}+)?|[0-9]+(?:\\d+)?|{BREAK}"
    f"|(?=[^\\x00-\\x7f])(?:{_LETTER}+|\\d+|[{_SINGLE}]|[{_KATAKANA}]+|[{_HANGUL}]+)"
)
#: The same for text of ASCII alone, in half the time: 33 for 68 microseconds on 1,300 characters.
_ASCII_WORD = re.compile(f"[a-zA-Z]+|[0-9]+|{BREAK}")
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_SINGLE_WORD = re.compile(f"[{_SINGLE}]")
_DENSE = re.compile(f"[{_SINGLE}{_KATAKANA}{_HANGUL}]")
HANGUL_WORD = re.compile(f"[{_HANGUL}]+")

#: What Korean hangs on a name: at most a case particle and a topical one (에서는, 까지도), or a quoting one.
PARTICLES = re.compile(
    "(?:에서|에게|한테|께|으로|로|까지|부터|보다|처럼|만|와|과|랑|이랑|에|측|사|씨)?"
    "(?:은|는|이|가|을|를|의|도|만|란|이란|라는|이라는|라고|이라고|라며|이며|며|인|이다|였다|나|이나|들|들이|들은|들을)?"
)

#: Zero-width characters and the soft hyphen: invisible, and a way to hide a word from us.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class Text:
    """Words with where they stand."""

    #: NFKC, white space collapsed: title, BREAK, summary.
    plain: str
    #: Folded.
    words: tuple[str, ...]

    @functools.cached_property
    def joined(self) -> str:
        """The words with a space before, between and after them: what is searched."""
        return f" {' '.join(self.words)} "

    @functools.cached_property
    def title_words(self) -> int:
        """How many words the title has; the word after them is BREAK."""
        return self.words.index(BREAK)

    @functools.cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        """Where each word stands in ``plain``; only texts with a hit are asked."""
        return tuple(match.span() for match in _pattern(self.plain).finditer(self.plain))

    def words_at(self, starts: Iterable[int]) -> Iterator[int]:
        """The words before which needles found at these places of ``joined``, in order, begin.

        Counted when asked: a table of all words costs more than the few hits of most texts.
        """
        at = word = 0
        for start in starts:
            word += self.joined.count(" ", at, start)
            at = start
            yield word

    def place(self, word: int) -> Place:
        return "title" if word < self.title_words else "summary"

    def found(self, first: int, end: int) -> str:
        """The words from ``first`` up to ``end``, as they stand in the text."""
        return self.plain[slice(*self.extent(first, end))]

    def extent(self, first: int, end: int) -> tuple[int, int]:
        """Where these words stand in ``plain``: start and end."""
        return (self._spans[first][0], self._spans[end - 1][1]) if first < end else (0, 0)

    def touched(self, start: int, end: int) -> tuple[int, int]:
        """The words, first and end, that this stretch of ``plain`` touches; at least one."""
        first = max(0, bisect.bisect_right(self._spans, (start, len(self.plain))) - 1)
        return first, max(first + 1, bisect.bisect_left(self._spans, (end, 0)))

    def within(self, words: int, first: int, end: int, other_first: int, other_end: int) -> bool:
        """Whether at most ``words`` words stand between two places that do not overlap.

        A Han or kana character counts half: two of them make a usual word.
        """
        left, right = min(end, other_end), max(first, other_first)
        if right - left > 2 * words + 1:  # too far whatever stands there: no need to count
            return False
        between = self.words[left:right]
        return sum(0.5 if _SINGLE_WORD.match(word) else 0.0 if word == BREAK else 1.0 for word in between) <= words


def read(title: str, summary: str = "") -> Text:
    """Normalise and cut. Costs one pass over the text."""
    plain = f"{_clean(title)}{BREAK}{_clean(summary)}"
    folded = fold(plain)
    # ß becomes ss: where folding moves what follows, the words are cut first, so that they keep their places.
    words = _cut(folded) if len(folded) == len(plain) else map(fold, _cut(plain))
    return Text(plain=plain, words=tuple(words))


def split(text: str) -> tuple[str, ...]:
    """The words of a name or phrase as they stand, not folded."""
    return tuple(_cut(_clean(text)))


def _cut(text: str) -> list[str]:
    return _pattern(text).findall(text)


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII_WORD if text.isascii() else _WORD


def is_dense(word: str) -> bool:
    """Whether a character of the word says as much as a syllable or more: Han, kana, Hangul."""
    return _DENSE.match(word) is not None


def fold(text: str) -> str:
    """Case folded; a traditional Han character becomes the simplified one."""
    if text.isascii():
        return text.lower()
    folded = text.casefold()
    return folded.translate(_simplified()) if _HAN_CHARACTER.search(folded) else folded


def _clean(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return " ".join(text.split())


class _Simplified(dict[int, str]):
    """Asks OpenCC for each character once; grows to the characters met."""

    def __init__(self) -> None:
        self._converter = OpenCC("t2s")

    def __missing__(self, code: int) -> str:
        character = chr(code)
        simple = str(self._converter.convert(character)) if _HAN_CHARACTER.match(character) else character
        self[code] = simple
        return simple


@functools.cache
def _simplified() -> _Simplified:
    return _Simplified()
