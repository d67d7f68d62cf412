"""Finding entries by their words, alike on both databases: SQLite's FTS5 and PostgreSQL's tsvector get the same words.

We cut the words ourselves. Han, kana, Hangul and Thai stand singly, so that two characters in the midst of a sentence
are found (FTS5's own trigrams need three); letters and digits part, so that Qwen3, Qwen 3 and Qwen-3 are one; accents
and case are nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Integer, column, func, literal_column, select, table

from monitor.domain import Entry
from monitor.storage.schema import entry_words
from monitor.storage.upsert import insert_or_replace

#: Of an entry this much is found; a page of a hundred kilobytes is no headline.
CHARACTERS = 20_000
#: Of what people type: more words make no better search.
MOST_WORDS = 12
#: A run without a space that is longer is no word; PostgreSQL refuses words of two kilobytes.
WORD = 64

_SINGLY = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fffd"
_TOKEN = re.compile(rf"[^\W0-9_{_SINGLY}]+|[0-9]+|[{_SINGLY}]")
_ASCII_TOKEN = re.compile("[a-z]+|[0-9]+")  # the same of ASCII, in a third of the time
_BEYOND_ASCII = re.compile("[^\\x00-\\x7f]+")
#: Marks that make another letter of a kana, and no accent.
_VOICED = "\u3099\u309a"
_QUOTED = re.compile(r'"([^"]*)"|(\S+)')


def words_of(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", _BEYOND_ASCII.sub(_without_accents, apart))
    plain = text.casefold()
    tokens = (_ASCII_TOKEN if plain.isascii() else _TOKEN).findall(plain)
    return [token[:WORD] for token in tokens]


def _without_accents(run: re.Match[str]) -> str:
    return "".join(c for c in run[0] if c in _VOICED or unicodedata.category(c) != "Mn")


def text_of(entry: Entry) -> str:
    """What an entry is found by, as it is stored."""
    found = " ".join((entry.title, entry.source, *entry.authors, *entry.tags, entry.summary))
    return " ".join(words_of(found[:CHARACTERS]))


def phrases_of(said: str) -> list[list[str]]:
    """What people typed, as phrases that must all stand: each word by itself, what stands in quotes together.

    A word that is cut into several, as Qwen3 or 牛油果, is a phrase of them.
    """
    parts = [quoted or word for quoted, word in _QUOTED.findall(said)]
    found = [phrase for part in parts if (phrase := words_of(part))]
    return found[:MOST_WORDS]


def put(connection: Connection, said: Sequence[tuple[int, Entry]]) -> None:
    """Let these entries be found by what they say now."""
    rows = [{"entry_id": entry_id, "words": text_of(entry)} for entry_id, entry in said]
    if rows:
        connection.execute(insert_or_replace(connection, entry_words, "words"), rows)


def find(connection: Connection, said: str, *, before: int | None = None, limit: int) -> list[int]:
    """Keys of the entries in which all that was typed stands, newest first; the last word may be the start of one.

    before  key of the last one shown
    """
    phrases = phrases_of(said)
    if not phrases:
        return []
    if connection.dialect.name == "sqlite":
        key: ColumnElement[int] = column("rowid", Integer)
        query = select(key).select_from(table("entry_search")).where(column("entry_search").op("MATCH")(_fts(phrases)))
    else:
        key = entry_words.c.entry_id
        stands = func.to_tsvector(literal_column("'simple'"), entry_words.c.words)
        query = select(key).where(stands.op("@@")(func.to_tsquery(literal_column("'simple'"), _tsquery(phrases))))
    if before is not None:
        query = query.where(key < before)
    return list(connection.execute(query.order_by(key.desc()).limit(limit)).scalars())


def _fts(phrases: Sequence[Sequence[str]]) -> str:
    """As FTS5 asks. Words are letters and digits alone, so nothing in them can end a quotation."""
    return " AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases) + " *"


def _tsquery(phrases: Sequence[Sequence[str]]) -> str:
    return " & ".join("(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in phrases)[:-1] + ":*)"
