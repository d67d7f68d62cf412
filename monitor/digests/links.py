"""Addresses on our own page in a digest: where it, its storylines and its events can be read with all that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from monitor.domain import Digest, DigestEvent


def linked(digest: Digest, base: str, *, name: str, slot: str) -> Digest:
    """The digest with these addresses.

    base   under which the page is reached, as in ``https://watch.example.org``; empty: it is not, and there are none
    name   of the configured digest
    """
    if not base:
        return digest
    story = f"stories/{_part(digest.story)}"
    lines = tuple(
        replace(
            line,
            links=_links(base, f"{story}/storylines/{_part(line.id)}"),
            events=tuple(_event(event, base) for event in line.events),
        )
        for line in digest.storylines
    )
    sent = "/".join(("digests", *map(_part, (name, "sent", slot, digest.channel))))
    return replace(digest, storylines=lines, links=_links(base, sent))


def _event(event: DigestEvent, base: str) -> DigestEvent:
    return replace(event, links=_links(base, f"events/{_part(event.id)}"))


def _links(base: str, path: str) -> Mapping[str, str]:
    return {"web": f"{base.rstrip('/')}/{path}"}


def _part(name: str) -> str:
    """Between two slashes of a path (RFC 3986 §3.3)."""
    return quote(name, safe=":")
