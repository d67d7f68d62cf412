"""Parsing in processes that may be killed: a thread stuck on a hostile document could never be stopped.

Measured on feedparser 6.0.14: 10,000 plain entries take 3 s, and 64 kB made for it take a minute. Here each document
has a time limit and each process a memory limit, and what goes wrong is that document's error, nobody else's.
"""

from __future__ import annotations

import functools
import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from monitor.domain import Document, ParsedFeed
from monitor.errors import ParseError
from monitor.feeds.compression import EncodingError, decode_body
from monitor.feeds.parse import read as parse_document

#: feedparser's memory grows with the documents it has read (its issue 287); a new process takes 0.4 s.
DOCUMENTS_PER_PROCESS = 500
#: The worst of 10 MB found, 84,000 short items in broken XML, took 341 MB of address space.
MEMORY_BYTES = 1024**3
#: 20,000 items take 4 s. 10 MB of the shortest items would take 28 s and more: such a document is refused.
TIMEOUT = timedelta(seconds=20)
#: Of a file that somebody names by hand: larger than any poll would take.
MAX_FILE_BYTES = 64 * 1024 * 1024

ReadDocument = Callable[[Document, str], ParsedFeed]


class Parser:
    """Reads documents in other processes. May be called by many threads at once; starts with the first document.

    workers   processes, >= 1: parsing is bound by the CPU, so more than there are cores gain nothing
    timeout   time for one document; then its process is killed
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        timeout: timedelta = TIMEOUT,
        memory_bytes: int = MEMORY_BYTES,
        read_document: ReadDocument = parse_document,
    ) -> None:
        self._timeout_s = timeout.total_seconds()
        self._read_document = read_document
        self._new_pool = functools.partial(
            ProcessPool,
            max_workers=workers,
            max_tasks=DOCUMENTS_PER_PROCESS,
            initializer=_limit_memory,
            initargs=(memory_bytes,),
            context=multiprocessing.get_context("spawn"),
        )
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None

    def read(self, document: Document, feed_url: str) -> ParsedFeed:
        """Like ``parse.read``; ParseError also if the document takes too much time or memory, or kills its process."""
        try:
            future = self._running_pool().schedule(
                self._read_document, args=(document, feed_url), timeout=self._timeout_s
            )
            parsed: ParsedFeed = future.result()
        except ParseError:
            raise
        except TimeoutError as error:
            raise ParseError(feed_url, f"reading it took longer than {self._timeout_s:g} s") from error
        except MemoryError as error:
            raise ParseError(feed_url, "reading it took too much memory") from error
        except ProcessExpired as error:
            raise ParseError(feed_url, f"the parser died on it (exit code {error.exitcode})") from error
        except CancelledError as error:
            raise ParseError(feed_url, "the parser was stopped while reading it") from error
        except Exception as error:  # whatever a document made the parser raise is that document's error
            raise ParseError(feed_url, f"the parser failed on it ({type(error).__name__})") from error
        return parsed

    def close(self) -> None:
        """End the processes; documents being read end in a ParseError. A later ``read`` starts new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only what returns something
            pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running_pool(self) -> ProcessPool:
        with self._lock:
            if self._pool is None or not self._pool.active:
                self._pool = self._new_pool()
            return self._pool


def read_file(path: Path, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """Read a body as it came over the wire and was saved, as a poll from ``url`` would; ParseError, OSError.

    headers  of the answer, names in lower case; Content-Encoding is honoured
    """
    try:
        body = decode_body(path.read_bytes(), headers, MAX_FILE_BYTES)
    except EncodingError as error:
        raise ParseError(url, str(error)) from error
    with Parser(workers=1) as parser:
        return parser.read(Document(url=url, status=HTTPStatus.OK, headers=headers, body=body), url)


def _limit_memory(memory_bytes: int) -> None:
    """In the child. pebble has already told it to ignore SIGINT: Ctrl-C is for the parent to act on."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # the daemon blocks it, and a child inherits that
