"""The digest as the body of a webhook: JSON, one line, the same bytes for the same digest.

``digest.schema.json`` beside this file describes it; docs/webhook.md shows one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache

from pydantic import TypeAdapter

from monitor.domain import Digest

TYPE = "digest.created"
#: A larger one goes in parts. Most bodies stay below the 20 kB that Standard Webhooks 1.0 advises; common receivers
#: take no more than this (Amazon SNS and EventBridge: 256 kB).
MAX_BYTES = 256 * 1000


@cache
def _adapter() -> TypeAdapter[Digest]:
    """Made at the first use: making it costs more than the import of this module should."""
    return TypeAdapter(Digest)


def render(digest: Digest) -> bytes:
    """Return the body: ``type``, ``timestamp`` (the end of the window) and ``data``; see Standard Webhooks 1.0."""
    data = _adapter().dump_python(digest, mode="json")
    window = data["window"]
    data["window"] = {"from": window["start"], "to": window["end"]}
    body = {"type": TYPE, "timestamp": window["end"], "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def fits(body: bytes) -> bool:
    return len(body) <= MAX_BYTES


def read(body: bytes) -> Digest:
    """Read a body that ``render`` made. ValueError when it is none; keys that we do not know are passed over."""
    read = json.loads(body)
    if not isinstance(read, dict) or read.get("type") != TYPE:
        raise ValueError(f"this is no digest: its type is not {TYPE!r}")
    try:
        data = dict(read["data"])
        data["window"] = {"start": data["window"]["from"], "end": data["window"]["to"]}
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no digest: {error}") from error
    return _adapter().validate_python(data)


def readable(bodies: Iterable[bytes]) -> Iterator[Digest]:
    """The digests among these bodies; what is none is passed over."""
    for body in bodies:
        with suppress(ValueError):
            yield read(body)
