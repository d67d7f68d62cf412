"""Text from strangers made safe at the door: plain, one line, without characters that hide, reorder or forge. Pure."""

from __future__ import annotations

import functools
import html as html_entities
import re
import unicodedata

import nh3

#: A title that names the article takes 200; in a hostile feed it took 3 MB.
TITLE_CHARS = 1_000
SUMMARY_BYTES = 65_536
#: Names of people, outlets and categories.
NAME_CHARS = 200
#: HTML is cut to this many times the wanted length before it is read: markup is rarely nine tenths of a text.
MARKUP_SHARE = 10

#: Takes every tag away. Made once: to make it takes as long as a summary of 1 kB.
_NO_TAGS = nh3.Cleaner(tags=set(), clean_content_tags={"script", "style", "template"})
#: Tags after which a reader sees a gap; nh3 takes tags away and leaves none.
_BLOCKS = re.compile(
    r"<(?=/?(?:p|br|div|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|pre|hr|dt|dd|section|article|header|footer|figure"
    r"|figcaption|option|img)\b)",
    re.IGNORECASE,
)
#: Entities as HTML wants them. Browsers read ``&copy=2`` as a copyright sign too; in a title it is a piece of a link.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_TAG = re.compile(r"<[a-zA-Z/!?]")
#: What a text of HTML shows if it was escaped twice. In 15 of 370 feeds; in two of them it was meant, as an example.
_STILL_MARKUP = re.compile(
    rf"</(?:a|b|blockquote|div|em|h[1-6]|i|li|p|span|strong)>|<br ?/?>|{_ENTITY.pattern}", re.IGNORECASE
)
#: Bidirectional controls, zero-width and other invisible format characters, noncharacters, halves of surrogate pairs.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
#: Joiners spell words in Arabic and Indic scripts and build emoji; elsewhere they only hide a word from a search.
_STRAY_JOINERS = re.compile("(?<![\u0600-\u109f\u1780-\u18af\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+")


def clean_text(text: str, max_chars: int, *, markup: bool = False) -> str:
    """Reduce text to one line of plain text, NFC, at most ``max_chars`` characters.

    markup  the text is HTML: tags go, with all of a script or style; entities are read

    Never raises. Runs of white space become one blank. What remains is still hostile as *text*: escape it for each
    place where it is shown.
    """
    if not text:
        return ""
    if markup:
        text = plain_text(text[: max_chars * MARKUP_SHARE])
    text = " ".join(text[: max_chars * MARKUP_SHARE].split())
    if not (text.isascii() and text.isprintable()):  # most text is, and searching it for what is rare takes long
        text = " ".join(_STRAY_JOINERS.sub("", _INVISIBLE.sub("", text)).split())
        text = unicodedata.normalize("NFC", text)
    return text if len(text) <= max_chars else text[:max_chars].rstrip()


def clean_title(text: str, *, markup: bool = False) -> str:
    """Like ``clean_text``; entities are read once more, as many feeds escape their titles twice."""
    text = text[: TITLE_CHARS * MARKUP_SHARE]
    return clean_text(_unescaped(plain_text(text) if markup else text), TITLE_CHARS)


def clean_summary(text: str, *, markup: bool = False) -> str:
    text = clean_text(text, SUMMARY_BYTES, markup=markup)
    if markup and _STILL_MARKUP.search(text):
        text = clean_text(text, SUMMARY_BYTES, markup=True)
    return text.encode("utf-8")[:SUMMARY_BYTES].decode("utf-8", "ignore")


def plain_text(markup: str) -> str:
    """HTML to text with the parser of a browser (html5ever): ``a < b`` stays, ``<b>a</b>`` does not."""
    if _TAG.search(markup):
        shown = markup if markup.isascii() and markup.isprintable() else _INVISIBLE.sub("", markup)
        spaced = _BARE_AMPERSAND.sub("&amp;", _BLOCKS.sub(" <", shown))
        markup = _NO_TAGS.clean(spaced)
    return _unescaped(markup)


def _unescaped(text: str) -> str:
    return _ENTITY.sub(_character, text)


def _character(entity: re.Match[str]) -> str:
    return _read_entity(entity[0])


#: Kept: a text of a thousand characters has a dozen entities, and they are the same few.
_read_entity = functools.lru_cache(maxsize=1_000)(html_entities.unescape)
