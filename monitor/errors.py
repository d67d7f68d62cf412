"""Every error the monitor raises, as one tree.

MonitorError
├── ConfigError        problems: every mistake found, each with its place and its mend
├── FeedError          url
│   ├── FetchError     reason, status, retry_after, host, reached
│   └── ParseError     reason
├── QueryError         text, position, message, hint
├── StoryError         an event or entry that was named is not there, or not so
├── StorageError       the database cannot be used as it is: newer schema, locked by another monitor
└── DeliveryError      outcome, status, retry_after, answer

"Not modified", "no match" and "nothing new" are values, not errors. Foreign exceptions are mapped where they enter
(``raise ... from``). Messages never hold secrets, and never more than a line of what a stranger sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.domain import Outcome


class MonitorError(Exception):
    """The root: catch this to catch all of ours and nothing else."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in the configuration."""

    file: str
    #: First line is 1; 0 where no line can be named (a missing file, an unset variable).
    line: int
    #: Path of the key, as in ``digests[0].schedule``; empty for the file as a whole.
    key: str
    message: str
    #: What to do about it, as in ``did you mean "schedule"?``; may be empty.
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"
        return f"{text} ({self.hint})" if self.hint else text


class ConfigError(MonitorError):
    """The configuration cannot be used; ``problems`` lists every mistake found, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FeedError(MonitorError):
    """One feed could not be read this time."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        self.reason = reason
        super().__init__(reason)


class FetchError(FeedError):
    """No usable answer came.

    status       of the answer, if there was one
    retry_after  the wait it asked for
    host         who answered, as ``Feed.host``; empty if nobody did
    reached      False: no connection came about, for want of a name, a route or somebody who listens
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        host: str = "",
        reached: bool = True,
    ) -> None:
        super().__init__(url, reason)
        self.status = status
        self.retry_after = retry_after
        self.host = host
        self.reached = reached


class ParseError(FeedError):
    """The answer is no feed. A merely untidy feed is parsed, and is no error."""

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross from the parser's process: rebuild them from their own arguments."""
        return type(self), (self.url, self.reason)


class QueryError(MonitorError):
    """A query cannot be read; ``position`` counts characters of ``text`` from 0."""

    def __init__(self, text: str, position: int, message: str, hint: str = "") -> None:
        self.text = text
        self.position = position
        self.message = message
        self.hint = hint
        start = max(0, position - 30)
        shown = text if len(text) <= 80 else f"…{text[start : position + 30]}…"
        super().__init__(f"{message} at character {position + 1} of {shown!r}" + (f" ({hint})" if hint else ""))


class StoryError(MonitorError):
    """Somebody named an event or an entry that is not there, or asked for what cannot be done with it."""


class StorageError(MonitorError):
    """The database cannot be used as it is; the message says what to do."""


class DeliveryError(MonitorError):
    """A delivery was not accepted; ``outcome`` says whether another try makes sense."""

    def __init__(
        self,
        reason: str,
        outcome: Outcome,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        answer: str = "",
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.status = status
        self.retry_after = retry_after
        self.answer = answer
