"""What matching costs: microseconds an entry at 10, 1,000 and 100,000 topics, beside a plain keyword watch.

    python benchmarks/match.py [--entries N]

The keyword watch is the usual one: every name lower-cased, looked for in the lower-cased text, one after the other. The
entries are made up, of a feed's usual size; one in ten names a topic. Times are of one core's work (CPU, not wall).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from monitor.domain import Entry, Story, Storyline, Topic
from monitor.matching.matcher import Matcher
from monitor.matching.scan import Scanner
from monitor.matching.text import read
from monitor.matching.topics import TopicIndex

STORY = Path(__file__).parent.parent / "config" / "stories" / "open-source-retreat.yaml"
#: Five of them make a word: so many words that a text names a topic only where it is meant to.
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ro", "su", "ta", "ve", "wi", "zu")
SIZES = (10, 1_000, 100_000)
#: A keyword watch of 100,000 names takes a tenth of a second an entry: a few entries say it well enough.
PATIENCE_S = 3.0
HEADLINES = (
    ("Meta delays Avocado to May", "The model lags behind rivals in internal tests, people familiar with it say."),
    ("Alibaba's Qwen overtakes Llama in downloads", "Western start-ups build on Chinese open models, says a survey."),
    ("Meta verschiebt KI-Modell Avocado", "Das Modell soll nun frühestens im Mai erscheinen."),
    ("Meta推迟牛油果模型", "新模型在内部测试中落后于对手,最早五月发布。"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=2_000)
    count = parser.parse_args().entries
    dice = random.Random(7)
    print(f"{'topics':>8} {'one automaton':>15} {'keyword watch':>15}   microseconds an entry")
    for size in SIZES:
        topics = [topic(dice, number) for number in range(size)]
        entries = [entry(dice, topics) for _ in range(count)]
        watch, plain = each(automaton(topics), entries), each(keywords(topics), entries)
        print(f"{size:>8,} {watch:>15.1f} {plain:>15.1f}")
    story = TypeAdapter(Story).validate_python(yaml.safe_load(STORY.read_text("utf-8")))
    matcher = Matcher(story)
    near = [Entry(feed_url="", identity=title, title=title, summary=text) for title, text in HEADLINES] * (count // 4)
    topics_only = Matcher(Story(story="s", words=story.words, topics=story.topics, storylines=(all_topics(story),)))
    whole, gate = each(matcher.match, near), each(topics_only.match, near)
    print(f"\n{len(story.storylines)} storylines, entries that reach them all: whole match {whole:,.0f} microseconds,")
    print(f"of which reading and topics {gate:,.0f}, scoring {whole - gate:,.0f}")


def automaton(topics: Sequence[Topic]) -> Callable[[Entry], object]:
    index = TopicIndex(topics, {})
    scanner = Scanner(index.terms())

    def judge(one: Entry) -> object:
        text = read(one.title, one.summary)
        return index.judge(text, scanner.scan(text))

    return judge


def keywords(topics: Sequence[Topic]) -> Callable[[Entry], object]:
    names = [name.lower() for one in topics for name in (*one.strong, *one.aliases)]

    def watch(one: Entry) -> object:
        text = one.text.lower()
        return [name for name in names if name in text]

    return watch


def all_topics(story: Story) -> Storyline:
    """One thread that takes any topic: what is left of the work when nothing is scored."""
    return Storyline(id="any", title="Any", topics=tuple(topic.id for topic in story.topics))


def topic(dice: random.Random, number: int) -> Topic:
    """Two names of two made-up words, an ambiguous one of one word, two anchors."""
    names = tuple(" ".join(word(dice) for _ in range(2)) for _ in range(2))
    return Topic(id=f"t{number}", strong=names, aliases=(word(dice),), anchors=(word(dice), word(dice)), vetoes=())


def word(dice: random.Random) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(5))


def entry(dice: random.Random, topics: Sequence[Topic]) -> Entry:
    """A headline of 9 words and a summary of 40; one in ten names a topic."""
    words = [word(dice) for _ in range(49)]
    if dice.random() < 0.1:
        words[4] = dice.choice(topics).strong[0]
    return Entry(feed_url="", identity="e", title=" ".join(words[:9]), summary=" ".join(words[9:]))


def each(work: Callable[[Entry], object], entries: Sequence[Entry]) -> float:
    """Microseconds an entry, after a first round that fills the caches."""
    for one in entries[:10]:
        work(one)
    started, done = time.process_time(), 0
    for one in entries:
        work(one)
        done += 1
        if time.process_time() - started > PATIENCE_S:
            break
    return (time.process_time() - started) / done * 1e6


if __name__ == "__main__":
    main()
