"""Parsing in processes that may be killed: a thread stuck on a hostile document could never be stopped.

Measured on feedparser 6.0.14: 10,000 plain entries take 3 s, and 64 kB made for it take a minute. Here each document
has a time limit and each process a memory limit, and what goes wrong is that document's error, nobody else's.

Large documents have a process of their own, since they may honestly take long: the many small ones never wait for them.
A small one that takes long is hostile, and is stopped soon.
"""

from __future__ import annotations

import functools
import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from datetime import timedelta
from http import HTTPStatus
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from monitor.domain import Document, ParsedFeed
from monitor.errors import ParseError
from monitor.feeds.compression import EncodingError, decode_body

if TYPE_CHECKING:
    from monitor.feeds.discovery import Candidate

#: feedparser's memory grows with the documents it has read (its issue 287); a new process takes 0.4 s.
DOCUMENTS_PER_PROCESS = 500
#: The worst of 10 MB found, 84,000 short items in broken XML, took 341 MB of address space.
MEMORY_BYTES = 1024**3
#: 20,000 items take 4 s. 10 MB of the shortest items would take 28 s and more: such a document is refused.
TIMEOUT = timedelta(seconds=20)
#: 98 of 100 real feeds are smaller. Honest ones of this size take half a second, on a busy machine two.
SMALL_BYTES = 512 * 1024
SMALL_TIMEOUT = timedelta(seconds=5)
#: A process has this long to start and take up its first document; half a second is usual.
STARTING_S = 15.0
#: Of a file that somebody names by hand: larger than any poll would take.
MAX_FILE_BYTES = 64 * 1024 * 1024

#: What each process starts with, so that it is there at once and shares its memory.
PRELOADED = ["monitor.feeds.parse"]

ReadDocument = Callable[[Document, str, bytes], ParsedFeed]


def parse_document(document: Document, feed_url: str, marks: bytes) -> ParsedFeed:
    """``parse.read``, loaded where documents are read and nowhere else: it takes 30 MB and a tenth of a second."""
    from monitor.feeds.parse import read

    return read(document, feed_url, marks)


Result = TypeVar("Result")


class Parser:
    """Reads documents in other processes. May be called by many threads at once; starts with the first document.

    workers   processes for documents up to SMALL_BYTES, >= 1: parsing is bound by the CPU, so more than there are cores
              gain nothing. One more is for larger documents, and starts with the first of them.
    timeout   time for one document, for a small one SMALL_TIMEOUT at most; then its process is killed
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        timeout: timedelta = TIMEOUT,
        memory_bytes: int = MEMORY_BYTES,
        read_document: ReadDocument = parse_document,
    ) -> None:
        self._read_document = read_document
        self._small = _Lane(workers, min(timeout, SMALL_TIMEOUT), memory_bytes)
        self._large = _Lane(1, timeout, memory_bytes)

    def read(self, document: Document, feed_url: str, marks: bytes = b"") -> ParsedFeed:
        """Like ``parse.read``; ParseError also if the document takes too much time or memory, or kills its process."""
        return self._call(self._read_document, document, feed_url, marks)

    def links(self, page: Document) -> tuple[Candidate, ...]:
        """Like ``discovery.page_links``; ParseError if the page takes too much time or memory, or kills its process."""
        from monitor.feeds.discovery import page_links

        return self._call(page_links, page, page.url)

    def _call(self, function: Callable[..., Result], document: Document, feed_url: str, *more: object) -> Result:
        lane = self._small if len(document.body or b"") <= SMALL_BYTES else self._large
        try:
            return lane.do(function, document, feed_url, *more)
        except ParseError:
            raise
        except TimeoutError as error:
            raise ParseError(feed_url, f"reading it took longer than {lane.timeout_s:g} s") from error
        except MemoryError as error:
            raise ParseError(feed_url, "reading it took too much memory") from error
        except ProcessExpired as error:
            raise ParseError(feed_url, f"the parser died on it (exit code {error.exitcode})") from error
        except CancelledError as error:
            raise ParseError(feed_url, "the parser was stopped while reading it") from error
        except Exception as error:  # whatever a document made the parser raise is that document's error
            raise ParseError(feed_url, f"the parser failed on it ({type(error).__name__})") from error

    def close(self) -> None:
        """End the processes; documents being read end in a ParseError. A later ``read`` starts new ones."""
        self._small.close()
        self._large.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Lane:
    """Processes that share a queue; they start with its first document."""

    def __init__(self, workers: int, timeout: timedelta, memory_bytes: int) -> None:
        self.timeout_s = timeout.total_seconds()
        self._new_pool = functools.partial(
            ProcessPool,
            max_workers=workers,
            max_tasks=DOCUMENTS_PER_PROCESS,
            initializer=_limit_memory,
            initargs=(memory_bytes,),
            context=_context(),
        )
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._unread: set[Future[Any]] = set()
        #: When the processes last finished something, by ``time.monotonic``.
        self._alive_at = 0.0

    def do(self, function: Callable[..., Result], *given: object) -> Result:
        """Call the function in one of the processes. Raises what it raises, TimeoutError, ProcessExpired, Cancelled."""
        future = self._schedule(function, *given)
        patience = self.timeout_s + STARTING_S
        while True:
            try:
                return future.result(timeout=patience)
            except TimeoutError:
                # pebble times a call only once a process has taken it up: one that is stuck before that is seen here.
                if future.done() or time.monotonic() - self._alive_at > patience:
                    if not future.done():
                        self.close()
                    raise

    def _schedule(self, function: Callable[..., Result], *given: object) -> Future[Result]:
        with self._lock:
            if self._pool is None or not self._pool.active:
                self._pool = self._new_pool()
                self._alive_at = time.monotonic()
            future: Future[Result] = self._pool.schedule(function, args=given, timeout=self.timeout_s)
            self._unread.add(future)
        future.add_done_callback(self._finished)
        return future

    def _finished(self, future: Future[Any]) -> None:
        self._unread.discard(future)
        self._alive_at = time.monotonic()

    def close(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
            unread = list(self._unread)
        for future in unread:  # pebble would leave them open for ever, and whoever waits for one
            future.cancel()
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only what returns something
            pool.join()


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


def _context() -> ForkServerContext:
    """New processes come from one that has loaded the parser already: starting them afresh took half a second each."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _limit_memory(memory_bytes: int) -> None:
    """In the child. pebble has already told it to ignore SIGINT: Ctrl-C is for the parent to act on."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # the daemon blocks it, and a child inherits that
