"""Why an entry belongs or not, and how good the watch is: explain, test, backtest."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import (
    DEFAULT_CONFIG,
    ConfigDir,
    Json,
    StoryOption,
    dump,
    load_config,
    log_to,
    out,
    pick_story,
    show,
    told_errors,
    tools_for,
)
from monitor.domain import Entry, Hit, Match, StoryTest

if TYPE_CHECKING:
    from monitor.backtest import Answer, Change, NearMiss, Score
    from monitor.config.models import Config
    from monitor.storage.entries import StoredEntry


def explain(
    entry: Annotated[str, typer.Argument(help="A text, or the id, URL or identity of a stored entry.")],
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    lang: Annotated[str | None, typer.Option(help="Language of the text, as in es.")] = None,
    as_json: Json = False,
) -> None:
    """Why an entry belongs to the story or not: what hit, what was missing, how near it came."""
    with tools_for(config) as tools:
        from monitor.storage import entries, stories

        wanted = pick_story(tools.config, story)
        with tools.store.read() as connection:
            stored = entries.find(connection, entry)
            report = stories.report_of(connection, wanted.story, stored.id) if stored else None
        subject = stored.entry if stored else text_entry(entry, lang)
        match = tools.matchers[wanted.story].match(subject, feed_tags=tags_of(tools.config, subject.feed_url))
        if as_json:
            answer = asdict(match) | {"held": match.held, "title": subject.title}
            if report:
                answer |= {"event": report.event, "novelty": report.novelty, "reason": report.reason}
            out(dump(answer))
            return
        for line in explanation(subject, match, stored):
            out(line)
        if report:
            out(
                f"\nEvent {report.event}: {report.novelty} ({report.reason})"
                + ("; primed, told to nobody" if report.primed else "")
            )


def tags_of(config: Config, feed_url: str) -> tuple[str, ...]:
    """The tags of the feed that an entry came from; none where it is configured no more."""
    return next((feed.tags for feed in config.feeds if feed.url == feed_url), ())


def text_entry(text: str, lang: str | None = None) -> Entry:
    """A text as an entry: its first line is the title."""
    title, _, summary = text.strip().partition("\n")
    return Entry(feed_url="", identity="text", title=title, summary=summary.strip(), lang=lang)


def explanation(subject: Entry, match: Match, stored: StoredEntry | None) -> Iterator[str]:
    """An entry's match in words, a line each."""
    yield f"{subject.title}" + (f"  (entry {stored.id}, {subject.source})" if stored else "")
    yield f"Belongs to {match.story}." if match.held else f"Does not belong to {match.story}."
    yield "\nTopics"
    for topic in match.topics:
        yield f"  {'yes' if topic.held else 'no ':3}  {topic.topic:24} {topic.score:.2f}  {_hits(topic.hits)}"
        if topic.feedback:
            yield f"{'':37}{topic.feedback.weight:+.1f}  feedback: {topic.feedback.because}"
        for missing in topic.missing:
            yield f"{'':37}missing: {missing}"
    if not match.topics:
        yield "  none of their names stands in the text"
    yield "\nStorylines (what speaks for and against, in log-odds; a sum of 0 is a score of 0.50, the bar)"
    if not match.storylines:
        yield "  nothing speaks for any of them"
    for line in sorted(match.storylines, key=lambda line: -line.score):
        head = f"  {'yes' if line.held else 'no ':3}  {line.storyline:24} {line.score:.2f}"
        if len(line.parts) == 1 and line.missing:  # only the prior: one line says it
            yield f"{head}  missing: {'; '.join(line.missing)}"
            continue
        yield head
        for part in line.parts:
            yield f"{'':37}{part.weight:+.1f}  {part.name}: {part.because}"
        for missing in line.missing:
            yield f"{'':37}missing: {missing}"


def _hits(hits: Sequence[Hit]) -> str:
    return ", ".join(f"{hit.found} ({hit.role}, {hit.place})" for hit in hits)


def run_tests(config: ConfigDir = DEFAULT_CONFIG, story: StoryOption = None) -> None:
    """Run the tests of the story files: texts, and what must be seen in them."""
    with told_errors():
        from monitor.matching.matcher import Matcher

        found = load_config(config)
        chosen = [pick_story(found, story)] if story else found.stories
        failed = ran = 0
        for each in chosen:
            matcher = Matcher(each)
            for number, case in enumerate(each.tests, 1):
                ran += 1
                wrong = list(_failures(case, matcher.match(text_entry(case.text, case.lang))))
                failed += bool(wrong)
                if wrong:
                    out(f"{each.story} test {number}: {case.text[:100]}")
                for line in wrong:
                    out(f"  {line}")
        out(f"{ran} tests, {failed} failed")
        if failed:
            raise typer.Exit(1)


def _failures(case: StoryTest, match: Match) -> Iterator[str]:
    """What a test expected and did not get, or got and did not expect, each with the reason; nothing: it passed."""
    if case.topics is not None:
        topics = {topic.topic: topic for topic in match.topics}
        for label in sorted(set(case.topics) ^ set(match.held_topics)):
            one = topics.get(label)
            why = "none of its names stands in the text" if one is None else "; ".join(one.missing) or _hits(one.hits)
            yield f"topic {label} {'is missing' if label in case.topics else 'should not hold'}: {why}"
    if case.storylines is not None:
        lines = {line.storyline: line for line in match.storylines}
        for label in sorted(set(case.storylines) ^ set(match.held_storylines)):
            seen = lines.get(label)
            parts = ", ".join(f"{part.weight:+.1f} {part.name}: {part.because}" for part in seen.parts) if seen else ""
            why = "nothing speaks for it" if seen is None else "; ".join(seen.missing) or parts
            yield f"storyline {label} {'is missing' if label in case.storylines else 'should not hold'}: {why}"


def backtest(
    file: Annotated[Path, typer.Argument(help="Items, one JSON object a line.")],
    config: ConfigDir = DEFAULT_CONFIG,
    story: StoryOption = None,
    near: Annotated[int, typer.Option(min=0, help="List so many that nearly held, and what each lacked.")] = 0,
    compare: Annotated[
        Path | None, typer.Option(help="Another folder of configuration: list what it would see otherwise.")
    ] = None,
    names: Annotated[
        bool, typer.Option("--drift", help="Print the names that would have been proposed for a topic, as JSON.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Replay items as if each arrived in turn; print what was seen in each, or how right it was."""
    with told_errors():
        from monitor.backtest import b_cubed, changes, drifted, harmonic, near_misses, read_items, replay, scores

        log_to(sys.stderr)
        items = read_items(file)
        chosen = pick_story(load_config(config), story)
        if names:
            for proposed in drifted(items, chosen):
                out(dump(asdict(proposed)))
            return
        if near:
            show([_near(miss) for miss in near_misses(items, chosen, near)], NEAR, as_json=as_json, empty="none")
        if compare:
            other = pick_story(load_config(compare), chosen.story)
            _show_changes(changes(items, chosen, other), as_json=as_json)
        if near or compare:
            return
        answers: list[Answer] = []
        for answer in replay(items, chosen):
            answers.append(answer)
            if as_json:
                out(dump(asdict(answer)))
        if as_json:
            return
        for field in ("topics", "storylines"):
            out(f"\n{field}")
            show([_row(score) for score in scores(items, answers, field)], COLUMNS, as_json=False, empty="")
        precision, recall = b_cubed(items, answers)
        events = len({answer.event for answer in answers} - {None})
        f1 = harmonic(precision, recall)
        out(f"\nevents: B-cubed precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}; {events} events")


NEAR = ("wanted", "score", "label", "title", "missing")
CHANGED = ("label", "gained", "right", "wrong", "lost", "rightly", "wrongly")


def _near(miss: NearMiss) -> dict[str, object]:
    wanted = {True: "yes", False: "no", None: ""}[miss.wanted]
    return asdict(miss) | {"wanted": wanted, "score": f"{miss.score:.2f}", "missing": "; ".join(miss.missing)}


def _show_changes(found: Sequence[Change], *, as_json: bool) -> None:
    """Each change, then how many a label; right and wrong as the items are labelled."""
    if as_json:
        for change in found:
            out(dump(asdict(change)))
        return
    for change in found:
        verdict = {True: " (right)", False: " (wrong)", None: ""}[change.right]
        out(f"{'+' if change.gained else '-'} {change.label:24} {change.title[:100]}{verdict}")
    rows = []
    for label in sorted({change.label for change in found}):
        gained = [change.right for change in found if change.label == label and change.gained]
        lost = [change.right for change in found if change.label == label and not change.gained]
        counts = (len(gained), gained.count(True), gained.count(False), len(lost), lost.count(True), lost.count(False))
        rows.append(dict(zip(CHANGED, (label, *counts), strict=True)))
    show(rows, CHANGED, as_json=False, empty="nothing would change")


COLUMNS = ("label", "precision", "recall", "F1", "right", "false alarms", "missed")


def _row(score: Score) -> dict[str, object]:
    numbers = (f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}")
    return dict(zip(COLUMNS, (score.label, *numbers, score.hits, score.false_alarms, score.misses), strict=True))
