"""The matcher of one story: an entry in, what the story sees in it out. Compiled once, then only read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain import Bearing, Entry, Feedback, Match, Story, Storyline
from monitor.matching.evaluation import View, answer
from monitor.matching.expected import bear, compile_expected
from monitor.matching.learning import Answer, Lesson, fit
from monitor.matching.likeness import Sample, learn, sample
from monitor.matching.query import parse_query, walk
from monitor.matching.scan import Scan, Scanner
from monitor.matching.storylines import PRIOR, Reading, compile_storyline, is_silent, judge, weighed
from monitor.matching.terms import Found, Term, find, find_all, outside, read_masks, read_terms
from monitor.matching.text import Text, read
from monitor.matching.topics import Judged, TopicIndex, corrected, logit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a story sees in an entry."""

    match: Match
    #: How it bears on what is expected by the storylines that hold for it.
    bearings: tuple[Bearing, ...] = ()


class Matcher:
    """Safe to share between threads: nothing in it changes after construction."""

    def __init__(self, story: Story, feedback: Sequence[Feedback] = ()) -> None:
        """Compile the story and learn from what readers said; QueryError where one of its queries cannot be read."""
        #: As configured, with a storyline for each topic that none follows.
        self.story = replace(story, storylines=followed(story))
        self._topics = TopicIndex(story.topics, story.words)
        self._words = _WordLists(story.words)
        self._lexicon = learn(
            [text for line in story.storylines for text in (line.about, *line.examples) if text],
            [name for topic in story.topics for name in (*topic.strong, *topic.aliases)],
        )
        sizes = {name: len(listed) for name, listed in story.words.items()}
        sizes |= {topic.id: len(topic.strong) + len(topic.aliases) for topic in story.topics}
        self._threads = tuple(compile_storyline(line, self._lexicon, sizes) for line in self.story.storylines)
        self._expected = compile_expected(story)
        queries = [thread.query for thread in self._threads if thread.query]
        queries += [query for expected in self._expected for query in expected.queries.values()]
        asked = [node for query in queries for node in walk(query.tree) if isinstance(node, Term)]
        self._scanner = Scanner([*self._topics.terms(), *self._words.terms(), *asked])
        self._lessons: Mapping[tuple[str, str], tuple[Lesson, ...]] = {}
        self._learn(feedback)

    def _learn(self, feedback: Sequence[Feedback]) -> None:
        """Fit the answers to what the rules alone say. One about a topic or storyline that is gone says nothing."""
        lists = [names for one in self.story.topics for names in (one.strong, one.aliases, one.anchors)]
        # Names and anchors stand in nearly every entry of the story: to share them is not to be alike.
        usual = {word for names in lists for term in read_terms(names, self.story.words) for word in term.words}
        answers: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        for said in feedback:
            rules = self._rules(said)
            if rules is not None:
                words = [word for word in read(said.entry.title, said.entry.summary).words if word not in usual]
                answers[said.kind, said.target].append(
                    Answer(said.entry.title, sample(words, self._lexicon), rules, said.belongs)
                )
        self._lessons = {target: fit(given) for target, given in answers.items()}
        self._threads = tuple(
            replace(thread, lessons=self._lessons.get(("storyline", thread.storyline.id), ()))
            for thread in self._threads
        )

    def _rules(self, said: Feedback) -> float | None:
        """What the rules say of the entry, in log-odds; None where they cannot be asked."""
        match = self.match(said.entry)
        if said.kind == "topic":
            return next((logit(topic.score) for topic in match.topics if topic.topic == said.target), None)
        if said.target not in [line.id for line in self.story.storylines]:
            return None
        return next((logit(line.score) for line in match.storylines if line.storyline == said.target), PRIOR)

    def match(self, entry: Entry, *, feed_tags: Sequence[str] = ()) -> Match:
        """Whether and why the entry belongs. ``feed_tags`` are those configured for its feed."""
        return self.look(entry, feed_tags=feed_tags).match

    def look(self, entry: Entry, *, feed_tags: Sequence[str] = ()) -> Sight:
        """What the story sees in the entry. ``feed_tags`` are those configured for its feed."""
        text = read(entry.title, entry.summary)
        scan = self._scanner.scan(text)
        title = sample(text.words[: text.title_words], self._lexicon)
        whole = sample(text.words, self._lexicon)
        judged = self._judge(text, scan, feed_tags, whole)
        if not judged:  # as of most entries: four in five need not be asked further
            present = self._words.named(scan).union(scan)
            if all(is_silent(thread, title, whole, present) for thread in self._threads):
                return Sight(match=Match(story=self.story.story))
        topics = {topic: one.names for topic, one in judged.items() if one.match.held}
        words = self._words.found(text, scan)
        names = words | topics
        reading = Reading(
            view=View(entry, text, feed_tags, names, scan),
            topics=frozenset(topics),
            title=title,
            text=whole,
            present=frozenset((*scan, *names)),
        )
        lines = weighed([line for thread in self._threads if (line := judge(thread, reading))])
        told = words if any(line.held for line in lines) else {}
        match = Match(
            story=self.story.story,
            topics=tuple(sorted((one.match for one in judged.values()), key=lambda topic: not topic.held)),
            storylines=tuple(sorted(lines, key=lambda line: (not line.held, -line.score))),
            words=tuple(sorted(told)),
            title_words=tuple(
                sorted(name for name, at in told.items() if any(one.first < text.title_words for one in at))
            ),
        )
        held = set(match.held_storylines)
        wanted = [expected for expected in self._expected if expected.storyline in held]
        return Sight(match=match, bearings=bear(wanted, reading.view, match))

    def _judge(self, text: Text, scan: Scan, feed_tags: Sequence[str], whole: Sample) -> dict[str, Judged]:
        """The topics by their names, then by what readers said of like entries."""
        judged = self._topics.judge(text, scan, feed_tags)
        for topic in judged:
            lessons = self._lessons.get(("topic", topic))
            if lessons:
                judged[topic] = corrected(judged[topic], lessons, whole)
        return judged

    def asker(self, query: str) -> Callable[[Entry, Match], bool]:
        """Whether an entry answers one more query, given the match that was made from it. QueryError: unreadable."""
        parsed = parse_query(query)
        asked = [node for node in walk(parsed.tree) if isinstance(node, Term)]
        scanner = Scanner([*self._topics.terms(), *self._words.terms(), *asked])
        return lambda entry, match: answer(parsed, self._view(entry, match, scanner)) is not None

    def _view(self, entry: Entry, match: Match, scanner: Scanner) -> View:
        text = read(entry.title, entry.summary)
        scan = scanner.scan(text)
        judged = self._topics.judge(text, scan)
        topics = {topic: one.names for topic, one in judged.items() if topic in match.held_topics}
        return View(entry, text, (), self._words.found(text, scan) | topics, scan)


class _WordLists:
    """The story's lists of words, ready to be looked up by what a scan found."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._owners: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        self._masks = {name: masks for name, listed in words.items() if (masks := read_masks(listed, words))}
        for name, listed in words.items():
            for term in read_terms(listed, words):
                self._owners[term.needle].append((name, term))

    def terms(self) -> list[Term]:
        masks = [mask for masks in self._masks.values() for mask in masks]
        return [*masks, *(term for owners in self._owners.values() for _, term in owners)]

    def named(self, scan: Scan) -> frozenset[str]:
        """The lists of which a word may stand there: its needle does."""
        return frozenset(name for needle in scan for name, _ in self._owners.get(needle, ()))

    def found(self, text: Text, scan: Scan) -> dict[str, Sequence[Found]]:
        """Where the words of each list stand; lists with none are absent."""
        found: dict[str, list[Found]] = defaultdict(list)
        for needle, starts in scan.items():
            for name, term in self._owners.get(needle, ()):
                found[name] += find(term, text, starts)
        for name in self._masks.keys() & found.keys():
            found[name] = outside(found[name], find_all(self._masks[name], text, scan))
        return {name: places for name, places in found.items() if places}


def followed(story: Story) -> tuple[Storyline, ...]:
    """The storylines, and one for each topic that none of them names: it is followed by itself."""
    named = {topic for line in story.storylines for topic in line.topics}
    named |= {name.id for line in story.storylines if line.query.strip() for name in parse_query(line.query).names()}
    taken = {line.id for line in story.storylines}
    alone = [topic for topic in story.topics if topic.id not in named | taken]
    return (
        *story.storylines,
        *(Storyline(id=topic.id, title=topic.name or topic.id, topics=(topic.id,)) for topic in alone),
    )
