"""What happened, to whom, in which version, with which numbers and dates: the key of a text.

Words alone mislead within one beat: "Meta delays Avocado" is nearer to "Meta opens Avocado" than to "Avocado slips to
May". The key holds what tells two happenings apart, in a form that is the same in every language: ``10.3 亿`` and
``1.03 billion`` are one number, ``5月`` and ``May`` one month, ``推迟`` and ``delays`` one kind of happening.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.stories.vocabulary import KINDS, MONTHS, SCALES, fold

#: Texts whose key is kept: two weeks of a busy story (200 matched entries a day) with room to spare.
CACHED_TEXTS = 8192
#: A longer text adds asides, not a clearer key: feeds that carry whole articles are read to this many characters.
READ_CHARACTERS = 1200
#: Smaller bare counts ("three teams", "Top 10") stand in any text.
LEAST_COUNT = 100

_VERSION = re.compile(r"(?<![A-Za-z])([A-Z][A-Za-z]{2,})[ -]?v?(\d{1,2}(?:\.\d{1,2})?)(?![\d,.%]*\d|%|[a-z]{2})")
_SCALE_WORDS = "|".join(sorted(map(re.escape, SCALES), key=len, reverse=True))
_GROUPED = re.compile(r"\d{1,3}(?:[,.\u202f ]\d{3})+")
_NUMBER = re.compile(
    r"(?<![A-Za-z\d.])[$€£¥]?"
    r"(?P<digits>\d{1,3}(?:[,.\u202f ]\d{3}){1,4}(?!\d)|\d{1,15}(?:[.,]\d{1,6})?(?!\d))(?![-–]\d)"
    rf"(?:[\s-]?(?P<scale>{_SCALE_WORDS})(?![a-z])|\s?(?P<percent>%|per cent|percent|prozent))?",
    re.IGNORECASE,
)
#: What follows a number on its line: a word, or a few characters where none are cut into words.
_COUNTED = re.compile(r" ?(?:[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,3}|(?<= )[^\W\d_]{2,20})")
_MONTH = re.compile(
    r"(?<![^\W\d_])(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?![^\W\d_])|(?<!\d)(1[0-2]|[1-9]) ?[月월]"
)
#: Two and more capitalised words inside a sentence: at its start, and in a headline, capitals say nothing.
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][a-z][\w-]*(?: [A-Z][a-z][\w-]*)+")
_QUOTED = re.compile(r"[\"“„«「『《]([^\"”“»」』》]{3,60})[\"”“»」』》]")
#: What a headline happened after, or will happen before, is not what it tells: "shares rise after the launch".
_BACKGROUND = re.compile(
    r"(?i)\b(?:after|ahead of|amid|before|despite|following|since"
    r"|après|malgré|después de|tras|nach|seit|trotz|após|depois de|apesar de)\b[^,;:]*"
    r"|^[^，,；：]{2,24}?(?:之后|以来|[布出线表]后)"
)
#: Words before a number that are no name of a thing with versions; months are others.
_NO_NAMES = """
    about after almost around before between day days from just last more most nearly next over page part phase roughly
    since some step than the these those top under until week with year
"""
_NO_NAME = frozenset(_NO_NAMES.split()) | frozenset(month.casefold() for month in MONTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What tells one happening from another. Every field is in lower case and free of language."""

    #: Classes of happening, as in "delay"; see ``vocabulary.KINDS``.
    kinds: frozenset[str]
    #: Those that the title names: what the text is about, where the summary may tell of the past too.
    title_kinds: frozenset[str]
    #: Name and version, as in ("qwen", "3.5").
    versions: frozenset[tuple[str, str]]
    title_versions: frozenset[tuple[str, str]]
    #: Amounts with their scale worked out, as in "1030000000" or "4%", to how the text has them. Years and bare counts
    #: below ``LEAST_COUNT`` are left out.
    numbers: Mapping[str, str]
    #: Months, "1" to "12", to how the text has them.
    months: Mapping[str, str]
    #: Names of two words and more, and what stands in quotation marks: folded to how the text has them.
    names: Mapping[str, str]


@lru_cache(maxsize=CACHED_TEXTS)
def key_of(title: str, summary: str) -> Key:
    """Read the key of a text. Pure; the cache only saves the reading of a text already read."""
    text = f"{title}\n{summary}"[:READ_CHARACTERS]
    return Key(
        kinds=_kinds(text),
        title_kinds=_title_kinds(title),
        versions=_versions(text),
        title_versions=_versions(title),
        numbers=_numbers(text),
        months=_months(text),
        names=_names(text, summary[:READ_CHARACTERS]),
    )


def _kinds(text: str) -> frozenset[str]:
    folded = fold(text)
    return frozenset(kind for kind, pattern in KINDS.items() if pattern.search(folded))


def _title_kinds(title: str) -> frozenset[str]:
    """Of the title without its background; where it is all background, of that."""
    news = _BACKGROUND.sub(" ", title)
    told = _told(news)
    return told if told or news == title else _told(title)


def _told(title: str) -> frozenset[str]:
    """What the title tells of as happening: a launch that is delayed is no launch."""
    kinds = _kinds(title)
    return kinds - {"release"} if "delay" in kinds else kinds


def _versions(text: str) -> frozenset[tuple[str, str]]:
    found = ((match[1].casefold(), match[2]) for match in _VERSION.finditer(text))
    return frozenset((name, number.removesuffix(".0")) for name, number in found if name not in _NO_NAME)


def _numbers(text: str) -> dict[str, str]:
    found = (
        (_amount(match["digits"], match["scale"], match["percent"]), _said(match, text))
        for match in _NUMBER.finditer(text)
    )
    return {amount: said for amount, said in found if amount}


def _said(number: re.Match[str], text: str) -> str:
    """A number as the text has it; a bare count with what is counted: "119 languages"."""
    alone = not number["scale"] and not number["percent"] and number[0][0].isdigit()
    counted = _COUNTED.match(text, number.end()) if alone else None
    return f"{number[0]}{counted[0]}".strip() if counted else number[0].strip()


def _amount(digits: str, scale: str | None, percent: str | None) -> str | None:
    """``("1.03", "billion", None)`` -> ``"1030000000"``; None for a year or a small count, which tell little."""
    # With a scale one separator marks decimals ("1.035 billion"), without one thousands ("1,200"); two mark thousands.
    marks = sum(not digit.isdigit() for digit in digits)
    grouped = marks > 1 or " " in digits or "\u202f" in digits or (not scale and _GROUPED.fullmatch(digits))
    value = float(re.sub(r"\D", "", digits) if grouped else digits.replace(",", "."))
    if percent:
        return f"{value:g}%"
    if scale:
        return f"{value * SCALES[scale.casefold()]:.0f}"
    return f"{value:.0f}" if value >= LEAST_COUNT and not 1900 <= value <= 2049 else None


def _months(text: str) -> dict[str, str]:
    return {match[2] or str(MONTHS[match[1]]): match[0].strip() for match in _MONTH.finditer(text)}


def _names(text: str, summary: str) -> dict[str, str]:
    found = (*(match[1] for match in _QUOTED.finditer(text)), *(match[0] for match in _NAME.finditer(summary)))
    return {fold(name): name for said in found if (name := said.strip(" .,;'"))}
