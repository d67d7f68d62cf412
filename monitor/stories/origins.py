"""Who found it out: forty outlets that repeat one agency are one origin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from monitor.domain import Entry, Novelty, Report
from monitor.stories.keys import READ_CHARACTERS
from monitor.stories.vocabulary import fold

#: Sources that others live on, each with the forms under which it is quoted, folded.
OUTLETS = {
    "Bloomberg": ("bloomberg", "彭博", "ブルームバーグ", "블룸버그"),
    "Reuters": ("reuters", "路透", "ロイター", "로이터"),
    "Financial Times": (
        "financial times",
        "the ft",
        "金融时报",
        "フィナンシャル・タイムズ",
        "파이낸셜타임스",
        "파이낸셜 타임스",
    ),
    "The Information": ("the information", "디인포메이션", "디 인포메이션"),
    "New York Times": ("new york times", "nyt", "纽约时报", "ニューヨーク・タイムズ", "뉴욕타임스", "뉴욕 타임스"),
    "Wall Street Journal": (
        "wall street journal",
        "wsj",
        "华尔街日报",
        "ウォール・ストリート・ジャーナル",
        "월스트리트저널",
    ),
    "CNBC": ("cnbc", "消费者新闻与商业频道"),
    "Axios": ("axios", "악시오스"),
    "The Verge": ("the verge",),
    "TechCrunch": ("techcrunch",),
    "Business Insider": ("business insider",),
    "dpa": ("dpa", "dpa-afx"),
    "AFP": ("afp", "法新社", "フランス通信"),
    "Wired": ("wired",),
    "Engadget": ("engadget",),
    "Ars Technica": ("ars technica",),
    "VentureBeat": ("venturebeat",),
    "Semafor": ("semafor",),
    "Washington Post": ("washington post", "华盛顿邮报"),
    "The Guardian": ("the guardian", "卫报"),
    "BBC": ("bbc",),
    "Le Monde": ("le monde", "世界报"),
    "Handelsblatt": ("handelsblatt", "德国商报"),
    "Der Spiegel": ("der spiegel",),
    "El País": ("el país",),
    "Huanqiu": ("huanqiu", "环球时报", "环球网"),
    "Caixin": ("caixin", "财新"),
    "36Kr": ("36kr", "36氪"),
    "LatePost": ("latepost", "晚点"),
    "Yonhap": ("yonhap", "연합뉴스", "韩联社", "聯合ニュース"),
    "Kyodo": ("kyodo", "共同通信", "共同社"),
    "Associated Press": ("associated press", "美联社"),
    "Nikkei": ("nikkei", "日经", "日経"),
    "South China Morning Post": ("south china morning post", "scmp", "南华早报"),
}
_BY_FORM = {form: name for name, forms in OUTLETS.items() for form in forms}
_KNOWN = "|".join(sorted(map(re.escape, _BY_FORM), key=len, reverse=True))
_KNOWN_WORD = re.compile(rf"(?<![a-z0-9])({_KNOWN})(?![a-z0-9])")

_QUOTING = (
    r"(?:\b(?:per|via|according to|reported by|citing|quoting|told|telling|obtained by|says|said"
    r"|laut|zufolge|nach angaben von|berichtet|selon|d'après|según|de acuerdo con"
    r"|segundo|de acordo com|conforme)\s|据\s?(?:美国|英国)?)"
)
_REPORTING = (
    r"(?:'s)?\)?\s?(?:(?:first |has |exclusively )?(?:reports?|reported|says?|said|learn(?:s|ed)|expects?)"
    r"|describe[sd]?|detail(?:s|ed)|sources?|scoop|story|memo|article|account|reporting|investigation|digest|finds|found|writes|noted?s?|revealed|berichtet|meldet|rapporte|informa|informou|reporta|noticiou|社?(?:报道|消息|获悉|指出|爆料|披露|透露|称)|によると|が報じ|は報じ|の報道"
    r"|(?: ?통신)?(?:에 따르면|[이가은는] (?:[^.]{0,20} )?(?:보도|전했)| 보도))"
)
#: Over folded text. A known name counts wherever it is quoted: "per Bloomberg", 据彭博, 《纽约时报》.
_ATTRIBUTED = re.compile(
    rf"{_QUOTING}[^.;:!?。；]{{0,24}}?(?<![a-z0-9])({_KNOWN})(?![a-z0-9])"
    rf"|(?<![a-z0-9])({_KNOWN}){_REPORTING}|《({_KNOWN})》"
)
#: "Outlet (Source)", as feeds name what they took from another; not "(repost)", which names nobody.
_BRACKETED = re.compile(r"[(（]([^()（）]{2,40})[)）]\s*$")
#: Where others publish: who writes there is the source, and not the place.
_PLATFORM = frozenset(
    {"网易号", "搜狐号", "百家号", "头条号", "公众号", "微信公众号", "medium", "substack", "linkedin", "youtube"}
)
_REPOST = frozenset({"repost", "reposted", "reprint", "转载", "转发", "转帖", "镜像", "mirror", "転載", "전재"})
#: Over the text as written. A name we do not know is a source only after words that nobody uses of a mere speaker:
#: "according to Zuckerberg" names no outlet.
_NAMED = re.compile(
    r"\b(?:[Pp]er|[Vv]ia|[Ff]irst reported by|[Rr]eport (?:by|from)) ((?:The )?[A-Z][\w&.'-]*(?: [A-Z][\w&'-]*){0,3})"
)


def origin(entry: Entry) -> str:
    """The source that the entry goes back to by its own words, else its outlet. One name for one source."""
    text = entry.text[:READ_CHARACTERS]
    found = _ATTRIBUTED.search(fold(text))
    if found:
        return _BY_FORM[next(form for form in found.groups() if form)]
    named = _NAMED.search(text)
    return named[1].rstrip(".'-") if named else _taken_from(entry) or outlet(entry)


def outlet(entry: Entry) -> str:
    """Who published the entry. One name for one outlet."""
    own = _BRACKETED.sub("", entry.source).strip() or entry.source.strip()
    return _known(own) or own or (urlsplit(entry.url or entry.feed_url).hostname or "").removeprefix("www.")


def _taken_from(entry: Entry) -> str | None:
    """The source in brackets after the outlet's name."""
    found = _BRACKETED.search(entry.source)
    if not found or fold(found[1].strip()) in _REPOST | _PLATFORM:
        return None
    return _known(found[1]) or found[1].strip()


def names_outlet(folded: str) -> bool:
    """True if a folded name is that of a source that others live on."""
    return folded.removeprefix("the ") in _BY_FORM or folded in _BY_FORM


def _known(name: str) -> str | None:
    found = _KNOWN_WORD.search(fold(name))
    return _BY_FORM[found[1]] if found else None


def count_origins(reports: Iterable[Report]) -> int:
    """Independent sources among the reports, as far as can be told. At least 1.

    A copy of a text is no source of its own, and two entries that link to one page have one.
    """
    names: set[str] = set()
    links: set[str] = set()
    for report in reports:
        if report.novelty is not Novelty.DUPLICATE and report.entry.url not in links:
            names.add(source_of(report))
        links.add(report.entry.url or "")
    return max(1, len(names))


def source_of(report: Report) -> str:
    """The source that a report goes back to, as sources are compared."""
    return fold(origin(report.entry))


def count_outlets(reports: Iterable[Report]) -> int:
    """How many published it, whomever they had it from."""
    return len({fold(outlet(report.entry)) for report in reports})
