"""``load``: a folder and the environment in, one frozen ``Config`` out, or one report of every mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.config.checks import check
from monitor.config.models import Config
from monitor.config.reading import Path_, Source, read_yaml
from monitor.domain import Story
from monitor.errors import ConfigError, Problem

#: What pydantic calls a key that the model does not have (models and dataclasses differ).
UNKNOWN_KEY = {"extra_forbidden", "unexpected_keyword_argument"}


def load(
    folder: Path,
    environ: Mapping[str, str],
    *,
    main_text: str | None = None,
    story_texts: Mapping[Path, str] | None = None,
) -> Config:
    """Read ``monitor.yaml`` and ``stories/*.yaml`` in ``folder``; ``DATABASE_URL`` in the environment wins.

    main_text    what ``monitor.yaml`` is about to hold; None: what it holds
    story_texts  what story files, by path, are about to hold; others hold what they hold

    Raises ConfigError with every mistake found.
    """
    if not folder.is_dir():
        raise ConfigError([Problem(str(folder), 0, "", "no such folder", "`monitor init` makes one")])
    main = read_yaml(folder / "monitor.yaml", environ, text=main_text)
    stories = [
        read_yaml(path, text=(story_texts or {}).get(path)) for path in sorted((folder / "stories").glob("*.yaml"))
    ]
    if environ.get("DATABASE_URL") and isinstance(main.values, dict):
        storage = main.values.get("storage")
        main.values["storage"] = (storage if isinstance(storage, dict) else {}) | {"url": environ["DATABASE_URL"]}
    config, problems = _validate(main, stories)
    if config is not None:
        for path, message, hint in check(config):
            source, inner = _place(main, stories, path)
            problems.append(source.problem(inner, message, hint))
    if problems or config is None:
        raise ConfigError(_in_order(problems, [source.file for source in (main, *stories)]))
    return config


def _in_order(problems: Sequence[Problem], files: Sequence[str]) -> list[Problem]:
    """By file and line; of several at one key only the first, as the others follow from it."""
    first: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.file, problem.key), problem)
    return sorted(first.values(), key=lambda problem: (files.index(problem.file), problem.line))


def json_schema() -> dict[str, Any]:
    """JSON Schemas of the two kinds of file, for editors: ``monitor.yaml`` and a story file."""
    main = Config.model_json_schema()
    main["properties"].pop("stories")
    return {"monitor.yaml": main, "stories/*.yaml": TypeAdapter(Story).json_schema()}


def _validate(main: Source, stories: Sequence[Source]) -> tuple[Config | None, list[Problem]]:
    problems = [problem for source in (main, *stories) for problem in source.problems]
    if any(source.values is None for source in (main, *stories)):
        return None, problems
    if not isinstance(main.values, dict) or "stories" in main.values:
        message = "stories have files of their own" if isinstance(main.values, dict) else "must be a list of keys"
        return None, [*problems, main.problem(("stories",), message, "put each in stories/NAME.yaml")]
    try:
        config = Config.model_validate(main.values | {"stories": [source.values for source in stories]})
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            source, path = _place(main, stories, mistake["loc"])
            problems.append(source.problem(path, *_words(mistake)))
        return None, problems
    return config, problems


def _place(main: Source, stories: Sequence[Source], path: Path_) -> tuple[Source, Path_]:
    """The file that a path of the whole configuration lies in, and the path inside that file."""
    match path:
        case ("stories", int(number), *rest) if number < len(stories):
            return stories[number], tuple(rest)
        case _:
            # Pydantic puts the tag of a union into the path: channels[0].webhook.url is channels[0].url to people.
            return main, tuple(
                part for n, part in enumerate(path) if not (n == 2 and path[0] == "channels" and part in CHANNELS)
            )


CHANNELS = ("webhook", "console", "file", "slack", "discord", "teams", "email", "apprise")


def _words(mistake: Mapping[str, Any]) -> tuple[str, str]:
    """A mistake as pydantic tells it, in the words of somebody who edits YAML: message and hint."""
    kind, context = mistake["type"], mistake.get("ctx", {})
    if kind in UNKNOWN_KEY:
        near = get_close_matches(str(mistake["loc"][-1]), _keys_at(mistake["loc"][:-1]), n=1)
        return "unknown key", f'did you mean "{near[0]}"?' if near else "see docs/configuration.md"
    if kind in {"missing", "missing_argument"}:
        return "is missing", ""
    if kind == "string_type":
        return "must be text", "put it in quotes"
    if kind == "union_tag_invalid":
        expected = [tag.strip("'") for tag in context["expected_tags"].split(", ")]
        near = get_close_matches(str(context["tag"]), expected, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"one of {', '.join(expected)}"
        return f"there is no channel type {context['tag']!r}", hint
    if kind == "union_tag_not_found":
        return "is missing its type", f"add one of {', '.join(f'`type: {name}`' for name in CHANNELS)}"
    if kind == "string_pattern_mismatch":
        if mistake["loc"][-1] == "id":
            return "is no id", "small letters, digits, - and _ only"
        return "is no web address", "it begins with http:// or https://"
    return str(mistake["msg"]).removeprefix("Value error, "), ""


def _keys_at(path: Path_) -> list[str]:
    """The keys that may stand at a place of the configuration, read off its JSON Schema."""
    schema: dict[str, Any] = Config.model_json_schema()
    definitions = schema["$defs"]
    for part in path:
        schema = schema.get("items", {}) if isinstance(part, int) else schema.get("properties", {}).get(part, schema)
        if "discriminator" in schema and part in CHANNELS:
            schema = {"$ref": schema["discriminator"]["mapping"][part]}
        for option in schema.get("anyOf", ()):
            schema = option if "$ref" in option else schema
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", {}))
