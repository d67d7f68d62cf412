"""A first story file from any article: topics from its names, storylines from its sections, expectations from what it
says of the future. Rules alone; a person edits it, and the comments say where.
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.matching.article import COMMON, GRAMMAR, Section, names, quoted_names, sections
from monitor.matching.terms import find, name_fault, read_term
from monitor.matching.text import is_dense, read, split

#: Beyond these a draft is more work to cut than to write.
TOPICS = 10
STORYLINES = 8
CLAIMS = 8
ANCHORS = 6
CUES = 8
#: A name in the article's title is what it is about; quoted names are coined, and coined names are watched for.
TITLE_BONUS = 4
QUOTED_BONUS = 2
#: Two words together are hardly a name by accident.
SEVERAL_BONUS = 2
#: Headings under which an article sums itself up.
SUMMING_UP = re.compile(
    r"key (?:points|facts|takeaways)|summary|takeaways|at a glance|in brief|auf einen blick|en bref|要点", re.IGNORECASE
)

_TIME = re.compile(
    r"\b(?:(?:early|mid|late|spring|summer|autumn|fall|winter|Q[1-4]|(?:first|second) half of|end of"
    r"|januar[y]?|februar[y]?|march|april|may|june|july|august|september|october|november|december"
    r"|märz|mai|juni|juli|oktober|dezember|anfang|ende|frühjahr|sommer|herbst"
    r"|janvier|février|mars|avril|juin|juillet|août|octobre|décembre|fin|début|printemps|été|automne|hiver"
    r"|enero|febrero|marzo|mayo|junio|julio|octubre|diciembre|principios|finales|primavera|verano|otoño)[ -]+)*"
    r"(?:of |de |des )?20[2-9]\d\b"
    r"|20[2-9]\d年(?:[春夏秋冬]|[上下]半年|\d{1,2}月)?",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|(?:is|are|was) to|won't|to be|expected|plans?|planned|slated|due|aims?|hopes?|scheduled|set to"
    r"|upcoming|should|promis\w+|"
    r"soll|sollen|wird|werden|geplant|sera|doit|prévu\w*|será|prevé|previst\w*|deve|sarà|dovrà)\b|将|預計|预计|计划|予定|見通し|예정|계획",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Topic:
    id: str
    name: str
    strong: tuple[str, ...]
    aliases: tuple[str, ...]
    anchors: tuple[str, ...]

    def stands_in(self, text: str) -> bool:
        terms = [read_term(name) for name in (*self.strong, *self.aliases)]
        return any(next(find(term, read(text)), None) for term in terms if term)


def draft(article: str, story: str) -> str:
    """The text of a story file for an article's plain text, whose first line is its headline.

    It passes ``check.problems``. Raises ValueError where no name can be found to watch for.
    """
    parts = sections(article)
    topics = _topics(parts)
    if not topics:
        raise ValueError("no name stands in the article: is it plain text, with its headline in the first line?")
    threads = _threads(parts)
    claims = [text for part in parts for text in part.bullets if len(text) > 20]
    claims = (claims or [text for part in parts for text in part.sentences if _TIME.search(text)])[-CLAIMS:]
    summed = [text for part in parts if _sums_up(part) for text in part.bullets]
    lines = [
        "# Drafted from an article by `monitor init --from-article`. Rules drafted it; what it means, you know better.",
        "# Work through it from top to bottom wherever it says EDIT, then: monitor check, monitor test.",
        "",
        f"story: {_quoted(story)}",
        f"title: {_quoted(parts[0].heading)}",
        "",
        "seed:",
        f"  title: {_quoted(parts[0].heading)}",
        "  # EDIT: published: 2026-01-31, and url, if there is one",
        "  claims:",
        *(f"    - {_quoted(claim)}" for claim in claims or [parts[0].heading]),
        "",
        "# EDIT: keep what you would be called at night for. A strong name is certain alone, an alias needs an anchor.",
        "# Is a name an ordinary word too? Move it to aliases, and list as vetoes what else it means.",
        "topics:",
    ]
    for topic in topics:
        lines += _topic_lines(topic)
    lines += [
        "",
        "# EDIT: one for each question that you want answered over the next months. Their words are the article's:",
        "# add how others would put it, and in other languages; `launch*` finds launches and launched.",
        "storylines:",
    ]
    ids = _ids([thread.heading for thread in threads], "thread")
    for number, thread in enumerate(threads, 1):
        promised = [each for each in dict.fromkeys((*thread.text, *(summed if number == 1 else ()))) if _promises(each)]
        lines += _thread_lines(thread, threads, topics, promised[:3], ids[number - 1])
    held = [topic.id for topic in topics if topic.stands_in(parts[0].heading) and (topic.strong or topic.anchors)]
    lines += [
        "",
        "# EDIT: texts and what must be seen in them. Add one that must not be taken for it, too.",
        "tests:",
        f"  - {{text: {_quoted(_naming(parts, topics[0]))}}}  # topics: [{', '.join(held or [topics[0].id])}]",
    ]
    return "\n".join(lines) + "\n"


# --- Topics -----------------------------------------------------------------------------------------------------------


def _topics(parts: Sequence[Section]) -> list[_Topic]:
    found = names(list(parts))
    quoted = {name for part in parts for text in part.text for name in quoted_names(text)}
    weight = {
        name: count
        + TITLE_BONUS * (name in parts[0].heading)
        + QUOTED_BONUS * (name in quoted)
        + SEVERAL_BONUS * (len(split(name)) > 1)
        for name, count in found.items()
        if not name_fault(name)
    }
    ranked = sorted(weight, key=lambda name: (-weight[name], -len(name), name))
    ranked = [name for name in ranked if not _TIME.search(name)]
    surnames = {name.split()[-1]: name for name in ranked if len(name.split()) == 2 and name.split()[-1] in weight}
    for short, full in surnames.items():
        weight[full] += weight[short]
    ranked.sort(key=lambda name: (-weight[name], -len(name), name))
    chosen = [name for name in ranked if name not in surnames][:TOPICS]
    return [
        _topic(id_, name, [short for short, full in surnames.items() if full == name], chosen, parts)
        for id_, name in zip(_ids(chosen, "name"), chosen, strict=True)
    ]


def _topic(id_: str, name: str, short: Sequence[str], chosen: Sequence[str], parts: Sequence[Section]) -> _Topic:
    beside = Counter(
        other
        for part in parts
        for text in part.text
        if name in text
        for other in chosen
        if other != name and other in text
    )
    anchors = tuple(dict.fromkeys([*(other for other, _ in beside.most_common()), *chosen]))
    anchors = tuple(other for other in anchors if not set(split(other)) & set(split(name)))[:ANCHORS]
    several = len(split(name)) > 1 or (is_dense(name) and len(name) > 3)
    exact = tuple(one if is_dense(one) else f"={one}" for one in ([] if several else [name]) + list(short))
    return _Topic(id_, name, (name,) if several else (), exact, anchors)


def _topic_lines(topic: _Topic) -> list[str]:
    return [
        f"  - id: {topic.id}",
        f"    name: {_quoted(topic.name)}",
        f"    strong: {_listed(topic.strong)}",
        f"    aliases: {_listed(topic.aliases)}  # EDIT: other spellings, other languages",
        f"    anchors: {_listed(topic.anchors)}",
        "    vetoes: []  # EDIT: words around what only shares the name",
    ]


# --- Storylines -------------------------------------------------------------------------------------------------------


def _threads(parts: Sequence[Section]) -> list[Section]:
    """Sections; where an article has none, its list items, and where it has none of these either, its sentences."""
    threads = [part for part in parts[1:] if not _sums_up(part)]
    labelled = [
        Section(label, (text.strip(),), ())
        for part in parts
        for label, colon, text in (bullet.partition(":") for bullet in part.bullets)
        if colon and text.strip() and len(label.split()) <= 4 and not re.search(r"\d", label)
    ]
    if not threads:
        threads = [Section(_cut(text, 60), (text,), ()) for text in (parts[0].bullets or parts[0].sentences)]
    whole = parts[0] if parts[0].sentences and len(parts) > 1 else None
    found = [*([whole] if whole else []), *threads, *labelled]
    unique = {thread.heading: thread for thread in reversed(found)}
    return [thread for thread in found if unique[thread.heading] is thread][:STORYLINES]


def _sums_up(part: Section) -> bool:
    """A list of what was said already, or of threads by their labels: no thread of its own."""
    labels = [label for label, colon, _ in (bullet.partition(":") for bullet in part.bullets) if colon]
    plain = [label for label in labels if not re.search(r"\d", label)]
    return bool(SUMMING_UP.search(part.heading)) or (not part.sentences and 2 * len(plain) > len(part.bullets))


def _thread_lines(
    thread: Section, threads: Sequence[Section], topics: Sequence[_Topic], promised: Sequence[str], id_: str
) -> list[str]:
    text = " ".join(thread.text)
    named = [topic for topic in topics if topic.stands_in(text)] or list(topics[:2])
    lines = [
        f"  - id: {id_}",
        f"    title: {_quoted(_cut(thread.heading, 80))}",
        f"    about: {_quoted(_cut(text, 300))}",
        f"    topics: [{', '.join(topic.id for topic in named)}]",
    ]
    cues = _cues(thread, threads, topics)
    if cues:
        lines.append(
            f"    query: {_quoted(' OR '.join(cues))}  # EDIT: the words that tell this thread from the others"
        )
    examples = [each for each in thread.text if any(topic.stands_in(each) for topic in topics)][:2]
    lines.append(f"    examples: {_listed([_cut(each, 160) for each in examples])}")
    if promised:
        lines.append("    expects:")
    for n, claim in enumerate(promised, 1):
        about = next((topic for topic in topics if topic.stands_in(claim)), named[0])
        words = _cues(Section("", (claim,), ()), [], topics)[:5] or cues[:5]
        when = f"@{about.id} ({' OR '.join(words)})" if words else f"@{about.id}"
        time = _TIME.search(claim)
        lines += [
            f"      - id: {id_}-{n}",
            f"        claim: {_quoted(_cut(claim, 200))}",
            f"        when: {_quoted(when)}  # EDIT: words for it having happened; a plan or a delay must not answer",
            f"        by: {_quoted(time.group().strip() if time else '')}",
        ]
    return lines


def _promises(text: str) -> bool:
    return _TIME.search(text) is not None and _FUTURE.search(text) is not None


def _cues(thread: Section, others: Sequence[Section], topics: Sequence[_Topic]) -> list[str]:
    """Words of a section that its neighbours do not share, those said most first; no names and no grammar."""
    named = {word.casefold() for topic in topics for word in split(topic.name)}
    elsewhere = Counter(word for other in others if other is not thread for word in set(_content(other, named)))
    counts = Counter(_content(thread, named))
    return sorted(counts, key=lambda word: (elsewhere[word], -counts[word], -len(word), word))[:CUES]


def _content(section: Section, named: set[str]) -> list[str]:
    # The heading twice: it says what the section is about.
    words = [word.casefold() for text in (*[section.heading] * 2, *section.text) for word in split(text)]
    pairs = [
        a + b
        for a, b in itertools.pairwise(words)
        if is_dense(a + b) and len(a + b) == 2 and a not in GRAMMAR and b not in GRAMMAR
    ]
    plain = [word for word in words if len(word) > (1 if is_dense(word) else 4) and word.isalpha()]
    return [
        word for word in (*plain, *pairs) if word not in named and word not in COMMON and not _FUTURE.fullmatch(word)
    ]


# --- Writing ----------------------------------------------------------------------------------------------------------


def _naming(parts: Sequence[Section], topic: _Topic) -> str:
    """The title if it names the topic, else the first sentence that does."""
    texts = [parts[0].heading, *(text for part in parts for text in part.text)]
    return _cut(next((text for text in texts if topic.stands_in(text)), texts[0]), 160)


def _ids(texts: Sequence[str], kind: str) -> list[str]:
    """A short name for each, in small letters and digits, no two alike; what has none of these is numbered."""
    found: list[str] = []
    for number, text in enumerate(texts, 1):
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        slug = "-".join(re.findall(r"[a-z0-9]+", plain)[:5])[:40].strip("-")
        slug = slug if slug[:1].isalpha() else f"{kind}-{number}"
        found.append(f"{slug}-{number}" if slug in found else slug)
    return found


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """A JSON string, which is a YAML one."""
    return json.dumps(text, ensure_ascii=False)
