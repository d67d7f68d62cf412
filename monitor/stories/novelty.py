"""What an entry adds to what its event has told already, with the new fact pointed at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from monitor.domain import Entry, Novelty, Report
from monitor.stories.keys import READ_CHARACTERS, Key
from monitor.stories.origins import origin
from monitor.stories.similarity import copies, features, same_title
from monitor.stories.vocabulary import fold

#: "$14 billion" and "$14.3 billion" are one figure, rounded; reports of one event differ by that much.
ROUNDED = 0.05
#: Facts named in a reason.
SHOWN_FACTS = 3


def judge_novelty(entry: Entry, earlier: Sequence[Report]) -> tuple[Novelty, str]:
    """Grade an entry against the earlier reports of its event (none: it opens one), and say why in words.

    A new fact is a number, a month, a version, a quoted or full name, or a kind of happening in the title that no
    earlier report has. An origin is new when no earlier report goes back to it.
    """
    if not earlier:
        return Novelty.FIRST, "first report"
    copied = copy_of(entry, earlier)
    if copied:
        return Novelty.DUPLICATE, f"the same text as in {copied.entry.source or 'an earlier report'}"
    key = features(entry.title, entry.summary).key
    known = [features(report.entry.title, report.entry.summary).key for report in earlier]
    read = fold("\n".join(report.entry.text[:READ_CHARACTERS] for report in earlier))
    facts = list(dict.fromkeys(_new_facts(key, known, read)))
    if facts:
        more = f" and {len(facts) - SHOWN_FACTS} more" if len(facts) > SHOWN_FACTS else ""
        return Novelty.NEW_FACT, f"new: {', '.join(facts[:SHOWN_FACTS])}{more}"
    source = origin(entry)
    if fold(source) not in {fold(origin(report.entry)) for report in earlier}:
        return Novelty.CORROBORATES, f"also from {source}"
    return Novelty.REHASH, f"nothing new, from {source} again"


def copy_of(entry: Entry, earlier: Sequence[Report]) -> Report | None:
    """The report of which this is a copy: the same link or text, or the same title in another feed."""
    text = features(entry.title, entry.summary)
    for report in earlier:
        if reposts(entry, report.entry) or copies(text, features(report.entry.title, report.entry.summary)):
            return report
    return None


def reposts(entry: Entry, earlier: Entry) -> bool:
    """True if both have one link, or stand under one title in two feeds. Within a feed a title may be furniture."""
    if entry.url and entry.url == earlier.url:
        return True
    return entry.feed_url != earlier.feed_url and same_title(
        features(entry.title, entry.summary), features(earlier.title, earlier.summary)
    )


def _new_facts(key: Key, known: Collection[Key], read: str) -> Iterator[str]:
    """In words as the entry has them. ``read`` is the folded text of all earlier reports.

    A name is known by its last word: "Alexandr Wang" is no news after "Wang".
    """
    numbers = {number for other in known for number in other.numbers}
    yield from (said for number, said in key.numbers.items() if not any(_same_number(number, old) for old in numbers))
    months = {month for other in known for month in other.months}
    yield from (said for month, said in key.months.items() if month not in months)
    yield from (f"“{said}”" for name, said in key.names.items() if name.split()[-1] not in read)
    kinds = {kind for other in known for kind in other.kinds}
    yield from sorted(key.title_kinds - kinds)


def _same_number(one: str, other: str) -> bool:
    if one.endswith("%") != other.endswith("%"):
        return False
    first, second = float(one.rstrip("%")), float(other.rstrip("%"))
    return abs(first - second) <= ROUNDED * max(first, second)
