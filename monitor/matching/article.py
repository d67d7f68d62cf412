"""An article's plain text taken apart: its sections and sentences, and the names in it. No model, no dictionary.

A name is a run of capitalised words, a quoted word or two, or, in Chinese and Japanese, what stands in quotes or is
said again and again. What looks like a name and is not (a German noun, a month) costs the reader a deletion; a name
that is overlooked costs more, so the sieve is coarse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.matching.text import is_dense

#: A line of more words, or one that ends like a sentence, is no heading.
MAX_HEADING_WORDS = 14
MAX_HEADING_DENSE = 30
#: In text without spaces, what is said so often is taken for a name; the characters of grammar stand in no name.
OFTEN = 3
LONGEST = 6
GRAMMAR = (
    "的了在是和与也将就都而及或被把对从到为以于其这那个有不上中下们年月日说称会等之所让但并还又很更のはがをにでとも"
)

_BULLET = re.compile(r"^\s*(?:[-*•–·]|\d+[.)])\s+")
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-ZÀ-Þ0-9])|(?<=[。！？!?])")
_CAPITAL = r"[A-ZÀ-ÞŁŚŽČ][\w’'-]*"
_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:of|de|da|do|di|del|la|van|&)\s+)?(?:{_CAPITAL}|\d+(?:\.\d+)?\b))*")
_QUOTED = re.compile(r"[\"“„«「『《]([^\"”“»」』》\n]{2,40})[\"”“»」』》]")
_DENSE_RUN = re.compile("[\u3400-\u9fff]+|[\u30a1-\u30fa\u30fc]{3,}|[\uac00-\ud7af]{2,}")
_POSSESSIVE = re.compile(r"[’']s?$")
#: Capitalised for other reasons than being a name.
COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        a an the this that these those it its he she they we you i in on at of for from by with as to and or but nor so
        if when while where what who why how after before since until during under over our their his her my your there
        here not no yes one two three four five first second last next new more most many some all both each other
        another also even still yet then now today yesterday meanwhile however instead because although though once only
        such can could will would may might must should is are was were be been has have had do does did key points
        current january february march april june july august september october november december monday tuesday
        wednesday thursday friday saturday sunday spring summer autumn winter der die das ein eine und im am den dem des
        le la les un une et en chinese american european western british german french italian spanish japanese korean
        indian russian el los las una y o os um uma e em il lo gli nel million millions billion millionen milliarden
        euro euros dollar dollars crowns prozent percent
        """,
    )
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; the first has the article's title."""

    heading: str
    sentences: tuple[str, ...]
    #: List items under it, without their marks.
    bullets: tuple[str, ...]

    @property
    def text(self) -> tuple[str, ...]:
        return (*self.sentences, *self.bullets)


def sections(article: str) -> list[Section]:
    """At least one, where there is any text."""
    lines = [line.strip() for line in article.splitlines() if line.strip()]
    found: list[Section] = []
    heading, sentences, bullets = "", list[str](), list[str]()
    for number, line in enumerate(lines):
        if number == 0 or _is_heading(line):
            if heading and (sentences or bullets):
                found.append(Section(heading, tuple(sentences), tuple(bullets)))
                heading, sentences, bullets = "", [], []
            heading = heading or line.lstrip("# ").rstrip(":：")
        elif _BULLET.match(line):
            bullets.append(_BULLET.sub("", line))
        else:
            sentences += [part.strip() for part in _SENTENCE.split(line) if part.strip()]
    return [*found, Section(heading, tuple(sentences), tuple(bullets))] if heading else found


def _is_heading(line: str) -> bool:
    if _BULLET.match(line) or line.endswith((".", "!", "?", "。", "！", "？", ",", "”", '"')):
        return False
    limit = MAX_HEADING_DENSE if is_dense(line) else MAX_HEADING_WORDS
    return len(line if is_dense(line) else line.split()) <= limit and not line.endswith(":" if len(line) > 60 else ";")


def names(sections: list[Section]) -> Counter[str]:
    """Names with how often they stand in the text; headings count only for names that stand in sentences too."""
    found: Counter[str] = Counter()
    lower = {word for section in sections for text in section.text for word in re.findall(r"\b[a-zà-þ]\w*", text)}
    for section in sections:
        for text in (*section.sentences, *map(unlabelled, section.bullets)):
            quoted = quoted_names(text)
            found.update(quoted)
            found.update(name for name in _capitalised(text, lower) if name not in quoted)
    dense = "\n".join(text for section in sections for text in section.text)
    found.update(_repeated(dense))
    for name in list(found):
        if not _may_stand(name):
            del found[name]
    return found


def unlabelled(bullet: str) -> str:
    """A list item without the label before its colon: "Toll: to be decided"."""
    label, colon, rest = bullet.partition(":")
    return rest.strip() if colon and rest.strip() and len(label.split()) <= 4 else bullet


def quoted_names(text: str) -> list[str]:
    return [name for name in _QUOTED.findall(text) if _could_be_name(name)]


def _could_be_name(quoted: str) -> bool:
    """A quoted word or three that is written like a name; a quoted sentence is none."""
    words = quoted.split()
    return len(words) <= 3 and ((is_dense(quoted) and len(quoted) <= 8) or all(word[:1].isupper() for word in words))


def _capitalised(text: str, lower: set[str]) -> Iterator[str]:
    for match in _NAME.finditer(text):
        starts = match.start() == 0 or text[: match.start()].rstrip()[-1:] in '.:!?“"-–—'
        for words in _owned(match.group().split()):
            while words and words[0].lower() in COMMON:
                words, starts = words[1:], False
            while words and words[-1].lower() in COMMON:
                words = words[:-1]
            # The first word of a sentence is capitalised anyway: alone it is a name if it is never written small.
            if words and not (starts and len(words) == 1 and words[0].lower() in lower):
                yield " ".join(words)
            starts = False


def _owned(words: list[str]) -> Iterator[list[str]]:
    """ "China's Alibaba Qwen" is two names: an owner and what it owns."""
    run: list[str] = []
    for word in words:
        run.append(_POSSESSIVE.sub("", word))
        if _POSSESSIVE.search(word):
            yield run
            run = []
    if run:
        yield run


def _repeated(text: str) -> dict[str, int]:
    """Runs of Han, katakana or Hangul said OFTEN; of two that are said as often, one within the other, the longer."""
    counts: Counter[str] = Counter()
    for run in _DENSE_RUN.findall(text):
        if "\u3400" <= run[0] <= "\u9fff":
            parts = [part for part in re.split(f"[{GRAMMAR}]", run) if part]
            counts.update(
                part[a:b]
                for part in parts
                for a in range(len(part))
                for b in range(a + 2, min(a + LONGEST, len(part)) + 1)
            )
        else:
            counts[run] += 1
    often = {word: count for word, count in counts.items() if count >= OFTEN}
    return {
        word: count
        for word, count in often.items()
        if not any(word != other and word in other and often[other] >= count for other in often)
    }


def _may_stand(name: str) -> bool:
    return len(name) > 1 and name.lower() not in COMMON and any(character.isalpha() for character in name)
