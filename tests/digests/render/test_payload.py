"""The body of a webhook: what it holds, that it can be read back, and that the schema describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from monitor.digests.render import payload
from monitor.domain import Digest
from tests.digests.samples import HOSTILE, a_digest, a_hostile_digest, a_rich_digest, a_told_event

SCHEMA = json.loads((files("monitor.digests.render") / "digest.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)

DIGESTS = [
    pytest.param(a_rich_digest(), id="rich"),
    pytest.param(a_digest(), id="empty"),
    pytest.param(a_digest(a_told_event()), id="one event"),
    *(pytest.param(a_hostile_digest(text), id=name) for name, text in HOSTILE.items()),
]


def names(schema: dict[str, Any], at: Any) -> Iterator[tuple[str, bool]]:
    """Each key of a value, with whether the schema has a word for it."""
    schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if isinstance(at, dict) and "properties" in schema:
        for key, value in at.items():
            yield key, key in schema["properties"]
            yield from names(schema["properties"].get(key, {}), value)
    elif isinstance(at, list):
        for value in at:
            yield from names(schema.get("items", {}), value)


@pytest.mark.parametrize("digest", DIGESTS)
def test_what_is_rendered_is_read_back_the_same(digest: Digest):
    body = payload.render(digest)
    assert payload.read(body) == digest
    assert payload.render(payload.read(body)) == body


@pytest.mark.parametrize("digest", DIGESTS)
def test_the_schema_describes_every_key_of_a_body(digest: Digest):
    body = json.loads(payload.render(digest))
    # A hostile address is data here; the schema says that receivers may count on http and https.
    if "javascript:" not in json.dumps(body):
        VALIDATOR.validate(body)
    assert [key for key, described in names(SCHEMA, body) if not described] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(("type",), "digest.sent", id="another type"),
        pytest.param(("timestamp",), "2026-03-13T08:00:00+01:00", id="a time not in UTC"),
        pytest.param(("data", "sequence"), 0, id="a sequence from nought"),
        pytest.param(("data", "storylines", 0, "events", 0, "novelty"), "news", id="a novelty we have not"),
        pytest.param(("data", "storylines", 0, "events", 0, "entries"), [], id="an event without entries"),
        pytest.param(("data", "storylines", 0, "events", 0, "entries", 0, "url"), "ftp://x", id="an odd address"),
        pytest.param(("data", "expectations", 0, "state"), "late", id="a state we have not"),
        pytest.param(("data", "coverage", "feeds_ok"), None, id="no count of feeds"),
    ],
)
def test_the_schema_refuses_what_is_wrong(place: tuple[str | int, ...], value: object):
    body = json.loads(payload.render(a_rich_digest()))
    at = body
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(body)


def test_the_schema_is_itself_in_order():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_body_is_an_envelope_around_the_digest():
    body = json.loads(payload.render(a_rich_digest()))
    assert list(body) == ["type", "timestamp", "data"]
    assert body["type"] == "digest.created"
    assert body["timestamp"] == body["data"]["window"]["to"] == "2026-03-13T07:00:00Z"
    assert body["data"]["window"]["from"] == "2026-03-12T07:00:00Z"
    assert body["data"]["storylines"][0]["events"][0]["entries"][2]["title"] == "Meta 旗舰模型“牛油果”推迟至五月"


def test_a_body_is_compact_utf_8_on_one_line():
    body = payload.render(a_rich_digest())
    assert "牛油果".encode() in body
    assert b"\n" not in body
    assert b'": ' not in body


def test_a_key_that_is_new_to_the_reader_is_passed_over():
    body = json.loads(payload.render(a_rich_digest()))
    body["data"]["mood"] = "calm"
    assert payload.read(json.dumps(body).encode()) == a_rich_digest()


@pytest.mark.parametrize("body", [b"[]", b'{"type":"ping"}', b"no json"], ids=["a list", "another type", "no json"])
def test_what_is_no_digest_is_refused(body: bytes):
    with pytest.raises(ValueError, match=r"no digest|Expecting value"):
        payload.read(body)
