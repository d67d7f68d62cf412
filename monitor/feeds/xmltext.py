"""Untidy or hostile XML made into XML that feedparser reads well and in linear time. Pure.

feedparser 6.0.14 takes quadratic time over blanks before the root and over long author names, raises on some character
references and on backslashes in a DOCTYPE, and falls back to a slow, lossy parser on a bare ``&``. So the document it
gets has no prolog, no DOCTYPE, no entities but XML's own, and no characters that XML forbids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.entities import html5
from xml.sax.saxutils import escape

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
#: Entities a document may declare for itself. Real feeds declare a handful of characters; bombs nest or repeat them.
MAX_ENTITIES = 100
MAX_ENTITY_CHARS = 200
#: What all uses of them together may add: 64 kB.
MAX_EXPANSION = 65_536
#: Long enough for any name; feedparser searches it for an address in quadratic time.
MAX_AUTHOR_CHARS = 300

_ROOT = re.compile(r"<[A-Za-z_]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTITY = re.compile(r"""<!ENTITY\s+([\w.-]{1,40})\s+(?:"([^"<&%]*)"|'([^'<&%]*)')\s*>""")
#: All but XML's own references, which most are.
_AMPERSAND = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)(?:(#\d{1,10}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z_][\w.-]{0,40});)?")
_AUTHOR = re.compile(
    r"(<(?:[\w.-]{1,40}:)?(?:author|creator|contributor|owner|publisher|managingeditor|webmaster|name|email)\b[^<>]{0,500}>"
    rf"\s{{0,100}}(?:<!\[CDATA\[)?[^<]{{{MAX_AUTHOR_CHARS}}})[^<]+",
    re.IGNORECASE,
)
#: CDATA whose brackets were escaped with the rest, by programs that wrap a text before they write it.
_ESCAPED_CDATA = re.compile(r"(>\s{0,100})&lt;!\[CDATA\[([^<>]*?)\]\]&gt;(?=\s{0,100}<)")
_CAPTION = re.compile(r"<(/?)media:description\b[^<>]*?(/?)>")
#: What a prefix means where nobody declared it; another one means nothing, but breaks nothing either.
_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
}
#: Feeds use a dozen.
MAX_PREFIXES = 50
_PREFIX = re.compile(r"<(?!xml)([A-Za-z_][\w.-]{0,40}):", re.ASCII | re.IGNORECASE)
_ROOT_NAME = re.compile(r"<[A-Za-z_][\w.:-]*")
_PREFIXED_FEED = re.compile(r"<([A-Za-z_][\w.-]*):(?:rss|channel|item|feed|entry)\b")


def repair(text: str) -> str:
    """Return the document without its prolog, every reference valid, nothing forbidden in it. Never raises."""
    text = _FORBIDDEN.sub("", text)
    start, doctype = split_prolog(text)
    text = _end_at_root(text[start:])
    text = "".join(_repaired_parts(text, _entities(doctype)))
    text = _AUTHOR.sub(r"\1", text)
    if "&lt;![CDATA[" in text:
        text = _ESCAPED_CDATA.sub(r"\1\2", text)
    # feedparser takes the caption of a picture for the entry's summary, and of an element with attributes no text.
    text = _CAPTION.sub(r"<\1media:caption\2>", text)
    return DECLARATION + _with_prefixes(_without_undeclared_prefix(text))


def split_prolog(text: str) -> tuple[int, str]:
    """Find where the root element begins, and the DOCTYPE before it. Comments are skipped: they may hold tags."""
    at, doctype = 0, ""
    while (at := text.find("<", at)) >= 0:
        if _ROOT.match(text, at):
            return at, doctype
        if text.startswith("<!--", at):
            end = text.find("-->", at)
        elif text.startswith("<!", at):
            end = _doctype_end(text, at)
            doctype = doctype or text[at:end]
        else:
            end = text.find(">", at)
        if end < 0:
            break
        at = end + 1
    return len(text), doctype


def root_name(text: str) -> str:
    """Local name of the root element in lower case; empty if there is none."""
    start, _ = split_prolog(text)
    found = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)").match(text, start)
    return found[1].lower() if found else ""


def _doctype_end(text: str, at: int) -> int:
    """Index of the ``>`` that ends a DOCTYPE, behind its internal subset where it has one; -1 if none does."""
    end = text.find(">", at)
    subset = text.find("[", at, end if end >= 0 else None)
    if subset < 0:
        return end
    closing = re.compile(r"\]\s{0,1000}>").search(text, subset)
    return closing.end() - 1 if closing else -1


def _end_at_root(text: str) -> str:
    """Cut what follows the last closing tag: a second parser would be called in for a trailing script or advert."""
    closing = text.rfind("</")
    end = text.find(">", closing)
    return text[: end + 1] if closing >= 0 and end >= 0 else text


def _entities(doctype: str) -> Mapping[str, str]:
    """Entities with plain, short text for a value. Nested and external ones are left out, so nothing can multiply."""
    found = _ENTITY.findall(doctype)[:MAX_ENTITIES]
    return {name: a or b for name, a, b in found if len(a or b) <= MAX_ENTITY_CHARS}


def _repaired_parts(text: str, entities: Mapping[str, str]) -> Iterator[str]:
    """References outside CDATA become characters; a ``&`` that begins none is escaped. CDATA stays as it is."""
    spent = 0

    def reference(found: re.Match[str]) -> str:
        nonlocal spent
        name = found[1]
        if name is None:
            return "&amp;"
        if name.startswith("#"):
            return escape(_FORBIDDEN.sub("", unescape(found[0])).replace("\ufffd", ""), {'"': "&quot;", "'": "&apos;"})
        if name in entities:
            spent += len(entities[name])
            return escape(entities[name]) if spent <= MAX_EXPANSION else ""
        return html5.get(f"{name};") or f"&amp;{name};"

    at = 0
    while (cdata := text.find("<![CDATA[", at)) >= 0:
        yield _AMPERSAND.sub(reference, text[at:cdata])
        end = text.find("]]>", cdata)
        at = end + len("]]>") if end >= 0 else len(text)
        yield text[cdata:at]
    yield _AMPERSAND.sub(reference, text[at:])


def _with_prefixes(text: str) -> str:
    """Declare at the root what prefixes are used and not declared."""
    used = sorted(set(_PREFIX.findall(text)))[:MAX_PREFIXES]
    missing = [name for name in used if f"xmlns:{name}=" not in text and f"xmlns:{name} " not in text]
    declared = "".join(f' xmlns:{name}="{_PREFIXES.get(name, "urn:undeclared")}"' for name in missing)
    return _ROOT_NAME.sub(rf"\g<0>{declared}", text, count=1) if missing else text


def _without_undeclared_prefix(text: str) -> str:
    """``<rss:channel>`` in a document that declares no such prefix is ``<channel>``."""
    found = _PREFIXED_FEED.search(text[:2_000])
    if not found or f"xmlns:{found[1]}" in text:
        return text
    return re.sub(rf"(</?|\s){re.escape(found[1])}:", r"\1", text)
