"""Content-Encoding undone, within bounds: 200 MB of blanks are 200 kB of gzip. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping

GZIP = ("gzip", "x-gzip")
GZIP_MAGIC = b"\x1f\x8b"
#: Each member costs a copy of what follows it; block-wise compressors make some 160 of 10 MB.
MAX_MEMBERS = 1_000


class EncodingError(ValueError):
    """The body is not what its encoding says, or too large; the message says which, in words for people."""


def decode_body(body: bytes, headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Undo the Content-Encoding of a whole body; see ``decode_chunks``."""
    return decode_chunks([body], headers, max_bytes)


def decode_chunks(chunks: Iterable[bytes], headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Read a body as it arrives and undo its Content-Encoding; what is too large or wrong is not read to its end.

    headers    names in lower case
    max_bytes  largest body, both as sent and after decompression, > 0

    A body that is gzip without saying so (a file served as it lies on disk) is inflated as well. Raises EncodingError
    for an encoding we never ask for, a broken or cut-off stream, and a body beyond ``max_bytes``.
    """
    encodings = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    unknown = [encoding for encoding in encodings if encoding not in (*GZIP, "identity", "")]
    if unknown:
        raise EncodingError(f"the server used Content-Encoding {unknown[0][:40]!r}, which was not asked for")
    chunks = _capped(chunks, max_bytes)
    for encoding in encodings:
        if encoding in GZIP:
            chunks = _capped(_inflated(chunks, max_bytes), max_bytes)
    body = b"".join(chunks)
    if body.startswith(GZIP_MAGIC):
        body = b"".join(_capped(_inflated([body], max_bytes), max_bytes))
    return body


def _capped(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise EncodingError(f"the document is larger than {max_bytes:,} bytes")
        yield chunk


def _inflated(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Inflate all members of a gzip stream (RFC 1952 §2.2); what follows the last one is ignored, as gzip does.

    No piece is larger than ``max_bytes + 1``, however little was sent for it.
    """
    member, members = None, 0
    for chunk in chunks:
        while chunk:
            if member is None:
                if members and not chunk.startswith(GZIP_MAGIC):
                    return
                members += 1
                if members > MAX_MEMBERS:
                    raise EncodingError(f"the gzip stream has more than {MAX_MEMBERS:,} parts")
                member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
            try:
                yield member.decompress(chunk, max_bytes + 1)
            except zlib.error as error:
                raise EncodingError(f"the gzip stream is broken ({error})") from error
            chunk = member.unused_data or member.unconsumed_tail
            if member.eof:
                member = None
    if member is not None:
        raise EncodingError("the gzip stream is cut off")
