"""Words that say of two names that they are one: "Muse Spark, formerly Avocado", 代号, コードネーム, "renames X to Y".

``said`` looks at what stands between, before and after two names. What is in the tables is the speech of renaming, not
of any story.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from monitor.stories.vocabulary import fold


class Link(Enum):
    """How a text ties a new name to a known one, with what it weighs."""

    SAID = 1.0
    #: One stands in brackets after the other: may also be a translation, a maker, an aside.
    BRACKETS = 0.5


@dataclass(frozen=True, slots=True)
class Span:
    """Where a name stands in a text: first character, and the one after its last."""

    start: int
    end: int


def _cues(latin: str, cjk: str) -> re.Pattern[str]:
    """A pattern over folded text: Latin cues are words, the others stand anywhere."""
    return re.compile(rf"\b(?:{latin})\b|{fold(cjk)}")


#: Between two names that are far apart nothing is said of both.
MOST_BETWEEN = 70

#: New name, these words, old name.
_FORMERLY = _cues(
    r"formerly|previously|originally|once|code[- ]?named?|code[- ]?word|internally|known(?: \w+){0,3} as|it called"
    r"|a\.?k\.?a\.?|alias|ehemals|früher|zuvor|vormals|bisher|bislang|codename|deckname|arbeitstitel"
    r"|anciennement|auparavant|précédemment|jusqu'ici|nom de code|connue?s?(?: \w+){0,3} sous le nom"
    r"|antes|anteriormente|antigu[ao]|nombre en clave|nombre clave|conocid[ao](?: \w+){0,3} como|que llamaba"
    r"|antigamente|antig[ao]|codinome|nome de código|conhecid[ao](?: \w+){0,3} como"
    r"|in precedenza|nome in codice|not[ao] come",
    r"(?:也就是|即|其|内部|研发|开发|项目|開発)*(?:代号|原名|原称|旧称|旧名|曾用名|曾名|前身|此前名|之前名|原先名"
    r"|コードネーム|コード名|仮称|旧|元)(?:名|为|是|叫|称|は|「|:)*"
    r"|(?:개발 ?|내부 ?)?(?:코드명|코드네임|옛 이름|구 명칭|이전 이름|이전 명칭|기존 이름|기존명|가칭)[은는이가]?",
)
#: Old name, these words, new name.
_NOW = _cues(
    r"renamed|rebranded|rechristened|now|(?:is|was|be) (?:called|named)|becomes?|became"
    r"|(?:launche[sd]|released|sold|marketed|available|ships|arrives) (?:as|under)"
    r"|under the (?:brand |trade |new )?name|brand name"
    r"|heisst(?: \w+)?|umbenannt in|wird zu|unter dem (?:marken|handels)?namen"
    r"|rebaptisée?|renommée?|devient|s'appelle|sous le nom"
    r"|rebautizad[ao]|renombrad[ao]|pasa a llamarse|se llamará|bajo el nombre|ahora"
    r"|rebatizad[ao]|renomead[ao]|passa a se chamar|sob o nome|agora|ribattezzat[ao]|con il nome",
    r"(?:正式|已|宣布|全面|近日)*(?:更名|改名|改称|定名|命名|重命名|商品名|品牌名|正式名称|现名|升级)(?:为|是|成|叫|:)*"
    r"|改め|(?:正式名称|製品名|商品名|新しい名称|新名称|名称)は|(?:새 이름|정식 명칭|제품명|상품명)[은는이가]?",
)
#: These words, old name, ``_TO``, new name.
_RENAMES = re.compile(
    r"(?:\b(?:renam(?:es?|ed|ing)|rebrand(?:s|ed|ing)?|benennt|nennt|rebaptise|renomme|rebautiza|renombra|rebatiza|renomeia)"
    r"(?: \w+){0,3}|[将把])[\W_]*$"
)
_TO = re.compile(r"(?:to|as|into|in|en|à|a|para|em|als|zu)$")
#: Old name, particle, new name, these words: Japanese and Korean put the verb last.
_PARTICLE = re.compile(r"(?:を|から|は|の名称を|の名前を|[을를]|에서|의 이름[을를]|의 명칭[을를])$")
_CHANGED = re.compile(
    r"[\W_]*(?:に|へ|として)?(?:改称|改名|名称変更|変更|リブランド|改める|改めた)"
    r"|[\W_]*(?:으로|로)\s?(?:이름[을]?\s?|명칭[을]?\s?)?(?:변경|바꾸|바꿔|바꾼|바꿨|개명|확정|정했|리브랜딩)"
)
#: These words, old name, "'s" or a noun, new name: 代号“牛油果”的新模型启明.
_CALLED_BEFORE = re.compile(r"(?:代号|原名|旧称|コードネーム|コード名|코드명)(?:为|叫|は|의)?[\W_]*$")
_OF_THAT_NAME = re.compile(r"[\W_]*(?:的|の|의|인|이던|で知られ)[^。，、,.!?！？]{0,12}$")

#: Words that may stand beside the cue. After a preposition or a verb the cue speaks of something else: "Gemini, which
#: beat the model codenamed Avocado".
_BESIDE = """
    as the by its it was is been a an and called named name names project internally inside within of for simply
    codename code als der die das unter dem namen bekannt genannt comme sous le nom de la du projet d como el bajo
    nombre proyecto con o sob nome projeto sotto il di
"""
_JOINTS = frozenset(_BESIDE.split())
_APART = """
    of to for than with and or over from against behind after before by in on at while as but beat beats says said which
    that von zu für als mit und oder gegen nach vor bei avec et ou contre après avant pour chez con y contra tras para
    com e após
"""
_BREAKERS = frozenset(_APART.split())
_WORD = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|[。！？\n]")
_OPENING = re.compile(r"[\"”'’」』]?\s?[(（\[［]\s?[\"“'‘「『]?$")
_CLOSING = re.compile(r"[\"”'’」』]?\s?[)）\]］]")
#: Words before a cue: "Zelvora, the obesity pill formerly known as LX-204".
_MOST_BEFORE = 6
_MOST_AFTER = 4


def said(text: str, new: Span, old: Span) -> Link | None:
    """How the text says that ``new`` and ``old`` name one thing; None when it does not."""
    first, second = (new, old) if new.start < old.start else (old, new)
    between = text[first.end : second.start]
    if second.start < first.end or len(between) > MOST_BETWEEN or _SENTENCE_END.search(between):
        return None
    told = fold(between)
    if first is new and _cued(told, _FORMERLY):
        return Link.SAID
    if first is old and (_cued(told, _NOW) or _renamed(text, old, told, new)):
        return Link.SAID
    if _OPENING.fullmatch(between) and _CLOSING.match(text, second.end):
        return Link.BRACKETS
    return None


def is_cue(folded: str) -> bool:
    """Whether the word itself is one of renaming, and so no name: コードネーム."""
    return _FORMERLY.fullmatch(folded) is not None or _NOW.fullmatch(folded) is not None


def _cued(between: str, cue: re.Pattern[str]) -> bool:
    """Whether the cue stands there, and nothing beside it that would make it speak of something else."""
    for found in cue.finditer(between):
        before, after = _WORD.findall(between[: found.start()]), _WORD.findall(between[found.end() :])
        if (
            len(before) <= _MOST_BEFORE
            and _BREAKERS.isdisjoint(before)
            and (cue is _NOW or not any(map(_is_dense, before)))
            and len(after) <= _MOST_AFTER
            and _JOINTS.issuperset(after)
        ):
            return True
    return False


def _renamed(text: str, old: Span, between: str, new: Span) -> bool:
    before = fold(text[max(0, old.start - MOST_BETWEEN) : old.start])
    return (
        (_RENAMES.search(before) is not None and _TO.fullmatch(between.strip(" \"'“”‘’")) is not None)
        or (
            _PARTICLE.fullmatch(between.strip(" \"'“”‘’「」『』")) is not None
            and _CHANGED.match(text, new.end) is not None
        )
        or (_CALLED_BEFORE.search(before) is not None and _OF_THAT_NAME.fullmatch(between) is not None)
    )


def _is_dense(word: str) -> bool:
    return word[0] >= "\u3040"
