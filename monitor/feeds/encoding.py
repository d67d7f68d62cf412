"""Bytes to text, as feeds are written and not as they are labelled. Pure."""

from __future__ import annotations

import re

from w3lib.encoding import http_content_type_encoding, read_bom, resolve_encoding

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
#: Python's codecs that are no charset, or take quadratic time.
_REFUSED = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "undefined", "mbcs", "oem"})
#: Enough of the start to see on which side of each letter the zeros stand.
_SNIFFED = 64


def decode(body: bytes, content_type: str = "") -> str:
    """Decode a document: byte-order mark, else UTF-8 if it is that, else as the header says, else as it says itself.

    Labels come after the bytes, since UTF-8 read with another charset is a wrong title that no one is warned of; a text
    in another charset is valid UTF-8 by chance only. (RFC 7303 §3.2 puts the header first.) Bytes that fit nothing are
    replaced, never fatal. latin-1 and its like are read as Windows code pages, as browsers do.
    """
    name, mark = read_bom(body)
    if name and mark:
        return body[len(mark) :].decode(name, "replace")
    if wide := _wide(body):
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    in_document = _DECLARED.match(body)
    for label in (
        http_content_type_encoding(content_type),
        resolve_encoding(in_document[1].decode("ascii")) if in_document else None,
    ):
        if label in ("utf-8", "utf_8") and not _mostly_utf8(body):
            continue
        if label and label not in _REFUSED and not label.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
            try:
                return body.decode(label, "replace")
            except LookupError:  # a codec from bytes to bytes
                continue
    return body.decode("utf-8" if _mostly_utf8(body) else "cp1252", "replace")


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark, by the zeros beside its ASCII letters."""
    head = body[:_SNIFFED]
    even, odd = head[::2], head[1::2]
    if len(odd) > 1 and not any(odd) and all(even):
        return "utf-16-le"
    if len(odd) > 1 and not any(even) and all(odd):
        return "utf-16-be"
    return None


def _mostly_utf8(body: bytes) -> bool:
    """A few broken bytes in UTF-8, not another charset: most of what is not ASCII must read well."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not char.isascii() for char in text) - broken > broken
