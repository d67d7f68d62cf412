"""A digest in as many parts as the messages of its channel need.

It is divided between events. One that is too large for a message by itself is divided between its entries: each entry
is still told exactly once, and only what is too large even then is cut, and said to be.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from monitor.domain import (
    Digest,
    DigestEvent,
    DigestExpectation,
    DigestProposal,
    DigestStatement,
    DigestStoryline,
    Gap,
)

#: What a part can be made of.
Piece = tuple[DigestStoryline, DigestEvent] | DigestProposal | DigestExpectation | Gap
#: While parts are filled their number is unknown: as many digits are kept free.
UNKNOWN = 999
#: Of a text that is cut, as much is left.
CUT_CHARACTERS = 500
#: An address cannot be cut: one that is longer is left out.
LONGEST_URL = 2000


def in_parts(
    digest: Digest, *, render: Callable[[Digest], bytes], fits: Callable[[bytes], bool]
) -> list[tuple[Digest, bytes]]:
    """Divide a digest so that each part, as ``render`` writes it, fits into one message; each with its bytes.

    Expectations and gaps come after the events, so they are in the last parts.
    """
    body = render(digest)
    if fits(body):
        return [(digest, body)]
    pieces = list(_pieces(digest))
    parts: list[Digest] = []
    while pieces or not parts:
        number = _most(len(pieces), lambda count: fits(render(_part(digest, pieces[:count]))))  # noqa: B023 - used at once
        if number == 0 and pieces:
            smaller = _smaller(pieces[0])
            if smaller != pieces[:1]:
                digest = digest if len(smaller) > 1 else replace(digest, truncated=True)
                pieces[:1] = smaller
                continue
            number = 1  # nothing more can be taken off: the receiver will say so
        parts.append(_part(digest, pieces[:number]))
        del pieces[:number]
    numbered = [
        replace(
            part,
            part=place,
            parts=len(parts),
            truncated=digest.truncated,
            quiet=digest.quiet if place == 1 else (),
        )
        for place, part in enumerate(parts, 1)
    ]
    return [(part, render(part)) for part in numbered]


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """How many of the first pieces fit together: by doubling, then halving, since far fewer may fit than there are."""
    low, high = 0, 1
    while high <= count and fits(high):
        low, high = high, 2 * high
    return low + bisect_left(range(low + 1, min(high, count + 1)), True, key=lambda number: not fits(number))


def _pieces(digest: Digest) -> Iterator[Piece]:
    for line in digest.storylines:
        yield from ((line, event) for event in line.events)
    yield from digest.proposals
    yield from digest.expectations
    yield from digest.coverage.gaps


def _part(digest: Digest, pieces: Sequence[Piece]) -> Digest:
    lines: dict[str, DigestStoryline] = {}
    for piece in pieces:
        if isinstance(piece, tuple):
            line, event = piece
            before = lines[line.id].events if line.id in lines else ()
            lines[line.id] = replace(line, events=(*before, event))
    return replace(
        digest,
        storylines=tuple(lines.values()),
        proposals=tuple(piece for piece in pieces if isinstance(piece, DigestProposal)),
        expectations=tuple(piece for piece in pieces if isinstance(piece, DigestExpectation)),
        coverage=replace(digest.coverage, gaps=tuple(piece for piece in pieces if isinstance(piece, Gap))),
        part=UNKNOWN,
        parts=UNKNOWN,
    )


def _smaller(piece: Piece) -> list[Piece]:
    """An event with several entries as two; anything else with its texts cut. What is small already stays itself."""
    match piece:
        case (line, event) if len(event.entries) > 1:
            half = len(event.entries) // 2
            return [(line, replace(event, entries=part)) for part in (event.entries[:half], event.entries[half:])]
        case (line, event):
            return [(line, _cut_event(event))]
        case DigestProposal():
            return [replace(piece, term=_cut(piece.term), name=_cut(piece.name), reason=_cut(piece.reason))]
        case DigestExpectation():
            cut = replace(piece, claim=_cut(piece.claim), evidence=_cut(piece.evidence), url=_short(piece.url))
            history, possible = tuple(map(_cut_step, cut.history)), tuple(map(_cut_step, cut.possible))
            return [replace(cut, history=history, possible=possible)]
        case Gap():
            return [Gap(feed=_cut(piece.feed), reason=_cut(piece.reason))]
    raise AssertionError(piece)


def _cut_event(event: DigestEvent) -> DigestEvent:
    return replace(
        event,
        title=_cut(event.title),
        summary=_cut(event.summary),
        reason=_cut(event.reason),
        matched=tuple(map(_cut, event.matched)),
        entries=tuple(
            replace(entry, title=_cut(entry.title), source=_cut(entry.source), url=_short(entry.url))
            for entry in event.entries
        ),
    )


def _cut_step(step: DigestStatement) -> DigestStatement:
    return replace(step, title=_cut(step.title), source=_cut(step.source), said=_cut(step.said), url=_short(step.url))


def _cut(text: str) -> str:
    return text if len(text) <= CUT_CHARACTERS else f"{text[: CUT_CHARACTERS - 1]}…"


def _short(url: str | None) -> str | None:
    return url if url is None or len(url) <= LONGEST_URL else None
