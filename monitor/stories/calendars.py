"""The words of the calendar in nine languages, and the patterns made of them; ``dates`` reads what they find."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def _each(names: str, value: T) -> dict[str, T]:
    """The value under each of these names, which blanks part."""
    return dict.fromkeys(names.split(), value)


MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero janeiro gennaio",
            "february feb februar février febrero fevereiro febbraio",
            "march mar märz mars marzo março",
            "april apr avril abril aprile",
            "may mai mayo maio maggio",
            "june jun juni juin junio junho giugno",
            "july jul juli juillet julio julho luglio",
            "august aug août agosto",
            "september sep sept septembre septiembre setembro settembre",
            "october oct oktober okt octobre octubre outubro ottobre",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre diciembre dezembro dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
#: Without a capital letter these are other words, in one of the languages at least.
CAPITALS = frozenset(_each("may march mar mars jan sep sept oct dec dez apr august", None))

_LATIN_SEASONS = {
    **_each("spring frühjahr frühjahrs frühling printemps primavera", (3, 5)),
    **_each("summer sommer sommers été verano verão estate", (6, 8)),
    **_each("autumn fall herbst herbstes automne otoño outono autunno", (9, 11)),
    **_each("winter winters hiver invierno inverno", (12, 14)),
}
_EASTERN_SEASONS = {"春": (3, 5), "夏": (6, 8), "秋": (9, 11), "冬": (12, 14)}
_EASTERN_SEASONS |= {"봄": (3, 5), "여름": (6, 8), "가을": (9, 11), "겨울": (12, 14)}
#: First and last month; one above 12 is of the next year.
SEASONS = _LATIN_SEASONS | _EASTERN_SEASONS
#: "Prices fall", "été" (been), "estate" (land): a year must stand beside them.
UNSURE = frozenset(("spring", "fall", "été", "estate"))

PARTS = {
    **_each("early beginning start anfang beginn début principios comienzos inicios", "early"),
    **_each("início começo princípio inizio inizi", "early"),
    **_each("mid middle mitte mi milieu mediados meados metà", "mid"),
    **_each("late end ende fin finales fines final fim finais fine", "late"),
}
EASTERN_PARTS = {
    **_each("初 上旬 초 상순", "early"),
    **_each("中 中旬 중순", "mid"),
    **_each("底 末 下旬 말 하순", "late"),
}
#: Of a whole year; "mid-2026" is said of May as well as of August, so they overlap the quarters.
PARTS_OF_YEAR = {"early": (1, 3), "mid": (5, 8), "late": (10, 12)}

ORDINALS = {
    **_each("first erste ersten erstes premier primer primeiro primo", 1),
    **_each("second zweite zweiten zweites deuxième segundo secondo", 2),
    **_each("third dritte dritten drittes troisième tercer terceiro terzo", 3),
    **_each("fourth vierte vierten viertes quatrième cuarto quarto", 4),
}
EASTERN_NUMBERS = {character: number for number, character in enumerate("一二三四五六七八九十", start=1)}
EASTERN_NUMBERS |= {"十一": 11, "十二": 12}
FIRST_HALVES = frozenset(_each("上半年 上半期 前半 상반기", None))

_NEXT_YEAR = "next coming nächsten nächstes kommenden kommendes prochain prochaine próximo próxima prossimo prossima"
#: Years to add to the one in which it was said.
RELATIVE_YEARS = {
    **_each("this the diesen dieses des este del deste do 今 今年 本年 年 올 올해 연", 0),
    **_each(_NEXT_YEAR, 1),
    **_each("明年 来年 來年 翌年 来 來 내년", 1),
}

#: Times counted from the day on which they are said, without their blanks.
NEARBY = {
    **_each("tomorrow morgen demain mañana amanhã domani 明天 明日 내일", "tomorrow"),
    **_each("thisweek dieserwoche cettesemaine estasemana 本周 本週 今週 이번주", "week"),
    **_each("nextweek nächstewoche nächsterwoche kommendenwoche semaineprochaine", "next week"),
    **_each("próximasemana prossimasettimana 下周 下週 来週 다음주", "next week"),
    **_each("thismonth diesenmonat cemois estemes estemês questomese 本月 今月 이달 이번달", "month"),
    **_each("nextmonth nächstenmonat kommendenmonat moisprochain próximomes próximomês", "next month"),
    **_each("prossimomese 下月 下个月 下個月 来月 다음달", "next month"),
    "thisyear": "year",
}
NUMBERS = {
    **_each("a one einem einer un une uma um una 一", 1),
    **_each("two zwei deux dos dois duas due 两 兩 二", 2),
    **_each("three drei trois tres três tre 三", 3),
    **_each("four vier quatre cuatro quatro quattro 四", 4),
    **_each("six sechs seis sei 六", 6),
}
LENGTHS = {
    **_each("day days tag tagen jour jours día días dia dias giorno giorni 天 日 일", "day"),
    **_each("week weeks woche wochen semaine semaines semana semanas settimana settimane", "week"),
    **_each("周 週 週間 주", "week"),
    **_each("month months monat monaten mois mes meses mês mese mesi", "month"),
    **_each("个月 個月 か月 ヶ月 カ月 개월", "month"),
}


def _any(names: Iterable[str]) -> str:
    """An alternation, the longest name first."""
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


#: CJK letters are no word to be in the middle of: "在May".
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_BEGIN, _END = rf"(?<![^\W_{_CJK}])", rf"(?![^\W_{_CJK}])"
_GLUE = r"(?:(?:of|the|de|du|des|do|da|di|del|le|la|dem|der)\s+|l'|d'|dell')*"
_PART = rf"(?:(?P<part>{_any(PARTS)})[\s-]+{_GLUE})?"
_NEXT = rf"(?:(?P<relative>this|diesen|este|{_any(_NEXT_YEAR.split())})\s+)?"
_NAMED_YEAR = (
    r"(?P<relative_after>this|the|next|coming|dieses|des|nächste[ns]|kommende[ns]|este|del|deste|do|próximo|prossimo)"
    r"\s+(?:year|jahre?s?|año|ano|anno)"
)
_STATED_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_YEAR = rf"(?:(?:\s*[,-]?\s*|\s+(?:of|in|de|del|di|do|da|du|des|d')\s*){_GLUE}(?:{_STATED_YEAR}|{_NAMED_YEAR}))?"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])"

#: Says nothing of when: "by the end of 2026".
LEAD = re.compile(
    r"^(?:(?:by|in|until|till|before|the|around|about|im|bis|vor|zum|au|en|avant|d'ici|antes de|para|hasta|a|nel|entro"
    r"|no|na|até|le|la|el)\s+)+",
    re.IGNORECASE,
)
ISO = re.compile(r"(?<![\d-])(?P<year>(?:19|20)\d\d)-(?P<month>\d\d?)(?:-(?P<day>\d\d?))?(?![\d-])")
MONTH = re.compile(
    rf"{_BEGIN}{_PART}(?:{_DAY}(?:st|nd|rd|th|er|\.|º)?\s+(?:of\s+|de\s+)?)?{_NEXT}(?P<month>{_any(MONTHS)}){_END}\.?"
    rf"{_YEAR}",
    re.IGNORECASE,
)
MONTH_FIRST = re.compile(
    rf"{_BEGIN}(?P<month>{_any(MONTHS)})\.?\s+{_DAY}(?:st|nd|rd|th)?(?![\d:%]){_END}{_YEAR}", re.IGNORECASE
)
_HALF = "half|halbjahr|halbjahres|hälfte|semestre"
_QUARTER = "quarter|quartal|quartals|trimestre"
UNIT = re.compile(
    rf"{_BEGIN}(?:(?P<before>(?:19|20)\d\d)[\s-]?)?{_PART}{_NEXT}(?:(?P<season>{_any(_LATIN_SEASONS)})"
    rf"|(?P<quarter>q[1-4]|t[1-4](?=\s+20)|[1-4]q|(?:{_any(ORDINALS)}|[1-4]\.)\s+(?:{_QUARTER}))"
    rf"|(?P<half>h[12]|[12]h|(?:{_any(ORDINALS)}|[12]\.)\s+(?:{_HALF})))"
    rf"{_END}{_YEAR}",
    re.IGNORECASE,
)
YEAR = re.compile(
    rf"{_BEGIN}{_PART}(?:(?P<year>(?:19|20)\d\d)(?![\d-]|\.\d)|{_NAMED_YEAR}){_END}"
    rf"|{_BEGIN}(?P<end>jahresende|year[\s-]end|fin (?:d'|de l')année|(?:fin|finales) de año|(?:fim|final) do ano"
    rf"|fine anno)"
    rf"{_END}",
    re.IGNORECASE,
)
_EASTERN_YEAR = (
    r"(?:(?P<year>20\d\d)\s?[年년](?:의|的)?\s?|(?P<relative>今年|本年|明年|来年|來年|翌年|올해|내년)の?\s?)"
)
EASTERN_MONTH = re.compile(
    rf"{_EASTERN_YEAR}?(?<![\d.])(?P<month>1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十])\s?[月월]份?"
    rf"(?:\s?(?:{_DAY}\s?[日号號일]|(?P<part>上旬|中旬|下旬|初|中(?![国國])|底|末|초|중순|말|하순|상순)))?"
)
EASTERN_SEASON = re.compile(
    rf"(?:{_EASTERN_YEAR}|(?P<relative_before>[今来來올])\s?)(?P<season>[春夏秋冬]|봄|여름|가을|겨울)"
)
EASTERN_SEASON_ALONE = re.compile(
    r"(?<![青立\w])(?P<season>[春夏秋冬])(?=[季天に])|(?<!\w)(?P<korean>봄|여름|가을|겨울)(?=에|까지)"
)
EASTERN_QUARTER = re.compile(rf"{_EASTERN_YEAR}?(?:第?(?P<quarter>[一二三四1-4])(?:季度?(?![赛節节])|四半期|분기))")
EASTERN_HALF = re.compile(rf"{_EASTERN_YEAR}?(?P<half>[上下]半[年期]|[上下]?前半(?=に)|상반기|하반기)")
EASTERN_YEAR = re.compile(
    r"(?:(?P<year>20\d\d)\s?[年년]|(?P<relative>今年|本年|明年|来年|來年|翌年|올해|내년|年|연))"
    r"\s?(?P<part>初|中(?![国國])|底|末|초|말)|(?P<only>20\d\d)\s?[年년]|(?P<whole>明年|来年|來年|翌年|내년|年内|연내)"
)
NEAR = re.compile(
    r"(?P<later>later\s+)?(?P<near>(?:this|next)\s+(?:week|month)|tomorrow|nächste[rn]?\s+(?:woche|monat)"
    r"|(?:diese[rn]|kommenden)\s+(?:woche|monat)|(?<=later\s)this\s+year|semaine\s+prochaine|mois\s+prochain"
    r"|próxim[ao]\s+(?:semana|mes|mês)"
    rf"|prossim[ao]\s+(?:settimana|mese)|(?:이번|다음)\s?[주달]"
    rf"|{_any(name for name in NEARBY if ord(name[0]) > 0x2E80)})",
    re.IGNORECASE,
)
AHEAD = re.compile(
    rf"\b(?:in|dans|en|em|tra|fra)\s+(?P<number>\d{{1,2}}"
    rf"|{_any(n for n in NUMBERS if n.isalpha() and ord(n[0]) < 0x2E80)})\s+"
    rf"(?P<length>{_any(name for name in LENGTHS if ord(name[0]) < 0x2E80)})\b"
    rf"|(?P<eastern>\d{{1,2}}"
    rf"|[一二三四六两兩])\s?(?P<span>{_any(name for name in LENGTHS if ord(name[0]) > 0x2E80)})(?:之?[后後内內]|후)",
    re.IGNORECASE,
)
