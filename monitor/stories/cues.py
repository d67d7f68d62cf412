"""Words by which a report says that a promise slipped, was denied, was given up or stands, in nine languages.

Patterns over text as it is written. Latin words inflect, so they are stems; Chinese, Japanese and Korean ones stand
anywhere, for these languages have few blanks or none.
"""

from __future__ import annotations

import re


def _cues(latin: str, eastern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{latin})|{eastern}", re.IGNORECASE)


#: It comes later than was promised.
SLIP = _cues(
    r"delay(?:s|ed|ing)?\b|postpon|defer(?:s|red|ring)\b|reschedul|behind schedule|push(?:es|ed"
    r"|ing)?\b[^.,;]{0,60}\bback\b"
    r"|push(?:es|ed|ing) [^.,;]{0,50}\b(?:to|into|until)\b|put(?:s|ting)? (?:off|back)\b|h[eo]ld(?:s|ing)? back\b"
    r"|(?:mov|shift)(?:es|ed|ing|s) [^.,;]{0,50}\b(?:to|into|until)\b|slip(?:s|ped|ping|page)?\b|slid(?:es?"
    r"|ing)?\b (?:in)?to"
    r"|miss(?:es|ed|ing)?\b [^.,;]{0,30}(?:deadline|slot|date|target|window|launch|20\d\d)"
    r"|(?:weeks?|months?|years?) late\b|no earlier than|not before\b|at the earliest|unlikely before"
    r"|(?:won't|will not|cannot|not) (?:be ready|arrive|come|ship|launch|appear)[^.,;]{0,20} (?:before|until)\b"
    r"|now (?:due|expected|slated|planned|scheduled) |instead of (?=\w+ ?(?:20\d\d)?\b)"
    r"|verschieb|verschob|verzöger|vertag|frühestens|verspätet|nicht vor\b"
    r"|repouss|retard|décal(?:e|é)|ajourn|report(?:e|é|ée) (?:à|au|son|sa|le|la)\b|au plus tôt|pas avant\b"
    r"|retras|aplaz|pospone|pospuesto|demora|no antes de|como pronto"
    r"|adi(?:a|ou|ado|ada|amento)\b|atras(?:a|o|ou|ado|ada)\b|posterga|não antes de"
    r"|rinvi(?:a|o|ato|ata)\b|slitta|ritard|posticip|non prima di",
    r"推迟|推遲|延迟|延遲|延后|延後|延期|跳票|推至|推到|延至|延到|押后|押後|顺延|順延|改到|改至|不早于|不早於"
    r"|先送り|遅れ|遅延|ずれ込|後ろ倒し|연기(?!자)|지연|미뤄|미루|미룬|늦춰|늦추|늦어",
)
#: It comes no more.
CANCEL = _cues(
    r"scrap(?:s|ped|ping)?\b|shelv(?:e|es|ed|ing)\b|cancel|abandon(?:s|ed|ing)?\b|axe[sd]?\b|call(?:s|ed) off\b"
    r"|drop(?:s|ped)?\b|kill(?:s|ed)?\b|pull(?:s|ed) the plug|discontinu|giv(?:es|en|ing) up|gave up"
    r"|eingestellt|stellt\b|verwirft|streicht|gestrichen|aufgegeben|gibt\b|abgesagt|begräbt"
    r"|annul(?:e|é|ée|er)\b|abandonn|renonc|enterr|cancela|descarta|abandona|suspende|desiste|annulla|cancella|rinunci"
    r"|abbandon|accanton",
    r"取消|放弃|放棄|搁置|擱置|终止|終止|砍掉|叫停|中止|打ち切|断念|取りやめ|白紙|취소|중단|백지화|포기|철회|접는다",
)
#: Between a cue and the name of what it governs: "scraps plans to launch its new model Avocado".
LIGHT = re.compile(
    r"(?:\W|\b(?:its?|the|an?|new|next|upcoming|planned|flagship|plans?|planning|to|for|of|on|work|release|releasing"
    r"|launch"
    r"|launching|rollout|models?|ai|project|code-?named|named?|called|all|sein(?:e[nrms]?)?|d(?:ie|as|en|er|em)"
    r"|neue[ns]?"
    r"|ki|modell|le|la|les|l|un|une|son|sa|ses|projet|modèle|de|du|des|el|los|su|sus|proyecto|modelo|nuevo"
    r"|lanzamiento|o|a"
    r"|os|as|seu|sua|projeto|novo|lançamento|il|lo|i|gli|suo|sua|progetto|modello|lancio|del|della|da|do)\b"
    r"|关于|了|将|其|对|的|新|模型|项目|项目|计划|研发|发布|开发|の|を|は|開発|公開|計画|모델|개발|출시|계획|을|를|은"
    r"|는|의)*",
    re.IGNORECASE,
)
#: Between the name of a thing and the cue after it: "Avocado has been scrapped", "Avocado 출시 취소".
PASSIVE = re.compile(
    r"(?:\W|\b(?:is|was|were|been|being|has|have|had|to|be|gets?|got|now|quietly|reportedly|wird|wurde|ist|worden|est"
    r"|été|a"
    r"|es|fue|ha|sido|será|foi|é|viene|è|stato|launch|release|project|model|ein)\b"
    r"|项目|項目|模型|计划|計劃|已|被|将|遭|开发|の|が|は|を|開発|公開|計画|출시|개발|프로젝트|계획|을|를|이|가|은"
    r"|는)*",
    re.IGNORECASE,
)
#: The source says that it is not so.
DENIAL = _cues(
    r"den(?:y|ies|ied|ying)\b|refut|dismiss(?:es|ed)\b|reject(?:s|ed)\b|rul(?:es|ed) out\b|disput(?:es|ed)\b"
    r"|no (?:current |immediate )?plans?\b|no intention\b|not true\b|(?:totally |entirely )?false\b|untrue\b"
    r"|dementi|bestreite|widersprich|zurückgewiesen|weist [^.]{0,60}zurück|keine pläne"
    r"|dément|réfut|aucun projet|n'a pas l'intention|nieg[ao]|desmient|desment|nega\b|negou|sin planes|no tiene planes"
    r"|sem planos|smentisc|smentit|nessun piano",
    r"否认|否認|辟谣|闢謠|不实|不實|没有计划|沒有計畫|无计划|不打算|无意|無意|否定|予定はない|計画はない|事実ではない"
    r"|부인|사실무근|사실이? 아니|계획이? 없",
)
#: Words that turn a slip into its opposite where they stand before it: "is not delayed", "denies a delay".
NOT_BEFORE = re.compile(
    r"(?:\b(?:not|never|no|without|isn't|won't|hasn't|wasn't|nicht|kein[e]?|ohne|sans|pas de|n'est pas|ne sera pas"
    r"|sin|no se"
    r"|sem|não|non|senza|den(?:y|ies|ied|ying)|dismiss(?:es|ed)|reject(?:s|ed)|refut(?:es|ed)|rul(?:es|ed) out"
    r"|dementiert"
    r"|bestreitet|dément|niega|desmiente|nega|desmente|smentisce)\b(?:, (?:dass|que|che))?[^,;.!?]{0,28}"
    r"|(?:没有|沒有|未|不会|不會|并未|不再|无|否认|否認)[^，。；,;]{0,8})$",
    re.IGNORECASE,
)
#: The same behind it: 延期を否定, 연기설 부인, 推迟消息不实.
NOT_AFTER = re.compile(
    r"^(?:[^。，、；,.]{0,8}(?:否定|しない|せず|ない|否认|否認|不实|不實|不属实|辟谣|부인|않|없|아니)"
    r"| (?:report|rumou?r|claim)s? (?:is |are |was |were )?(?:denied|false|untrue|wrong))",
    re.IGNORECASE,
)
#: It comes as was promised.
STANDS = _cues(
    r"on (?:track|schedule|plan|time)\b|as planned|timing [^.]{0,20}(?:not|unchanged)|im zeitplan|planmäßig|wie geplant"
    r"|comme prévu|dans les temps|según lo previsto|como estaba previsto|conforme previsto|dentro do prazo"
    r"|come previsto|nei tempi",
    r"如期|按计划|按計畫|照常|予定通り|予定どおり|예정대로|차질 없",
)
#: Nobody says that it is so.
HEDGE_BEFORE = re.compile(
    r"\b(?:may|(?i:could|might|would|mull(?:s|ing)?|weigh(?:s|ing|ed)?|consider(?:s|ing|ed)?|possibl[ey]|perhaps"
    r"|risks?|rumou?r\w*"
    r"|speculat\w+|likely|threaten\w*|if|whether|fear\w*|ask(?:s|ed) (?:if|whether)|könnte\w*|dürfte\w*|womöglich"
    r"|möglicherweise|vielleicht|erwägt|droht|gerücht\w*|pourrai\w+|envisage\w*|peut-être|rumeur\w*|risque\w*"
    r"|podría\w*|baraja\w*|quizás?|rumor\w*|poderia\w*|pode\b|talvez|potrebbe\w*|forse|valuta))\b[^,;]{0,40}$"
    r"|(?:可能|或(?!者)|恐|传|傳|考虑|考慮|有望|疑|或将)[^，。；,;]{0,8}$"
)
HEDGE_AFTER = re.compile(
    r"^[^。，、,.]{0,10}(?:可能性|検討|恐れ|かもしれ|か$|수도|가능성|검토|하나\b|할 듯|논의)|^[^.。]{0,120}[?？]\s*$"
)
#: Stands before the time that is no longer true: "from March", "instead of March", 从3月.
OLD_BEFORE = re.compile(
    r"(?:\b(?:from(?: an?)?|instead of|rather than|than|originally|initially|previously|earlier|original|initial"
    r"|meant for"
    r"|targeted|aimed for|was (?:due|expected|planned|slated)(?: in| for)?|missed?(?: its| the)?|missing"
    r"|miss(?:es)?(?: its| the)?"
    r"|vom|von|statt|ursprünglich|eigentlich|au lieu d[eu']|initialement|prévue? en|de(?= \w+ (?:à|a|au|para|hasta)\b)"
    r"|en lugar de|en vez de|previsto (?:para|en)|inicialmente|em vez de|invece di|inizialmente|dal?)\b[\s:]*(?:in "
    r"|for |für |im |the )?"
    r"|(?:从|由|從|原定|原计划|原計劃|原本|原来|本来|当初|最初|原|당초|원래)[^，。；,;至到]{0,6})$",
    re.IGNORECASE,
)
#: The same behind it: 3月から, 3월에서, "slot", "target".
OLD_AFTER = re.compile(r"^(?:から|에서|의? 예정|档期|檔期|'s |\s(?:slot|target|deadline|date)\b|之前的)", re.IGNORECASE)
#: Stands before the time that is now promised.
NEW_BEFORE = re.compile(
    r"(?:\b(?:to|until|till|into|in|for|at least|before|earliest|than|bis|auf|im|frühestens|vor|à|au|en|jusqu'(?:à|en"
    r"|au)|avant|a|al|hasta"
    r"|para|até|em|fino a|nel|entro|ad?)\b\s*(?:at least |the |le |la |el )?|(?:至|到|至少|最早|推至|延至|改到|直到"
    r"|以降|빨라야)\s?)$",
    re.IGNORECASE,
)
NEW_AFTER = re.compile(
    r"^(?:に|へ|まで|以降|以后|之后|로|으로|까지|이후| at the earliest| or later| au plus tôt| o más tarde)"
)
#: Joins two times to one: "May or June", 5月或6月.
OR = re.compile(r"^\s*(?:or|oder|ou|o|[-–—~]|或|或者|か|또는|나|이나)\s*$", re.IGNORECASE)
