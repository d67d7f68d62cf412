"""What ``make docs`` adds to these pages: those that stand elsewhere, and the reference of the configuration's keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from monitor.config.loading import json_schema

ROOT = Path(__file__).parent.parent
ELSEWHERE = {
    "index.md": "README.md",
    "architecture.md": "ARCHITECTURE.md",
    "security.md": "SECURITY.md",
    "changelog.md": "CHANGELOG.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by MkDocs once it has listed the folder."""
    for name, source in ELSEWHERE.items():
        files.append(File.generated(config, name, content=moved((ROOT / source).read_text("utf-8"))))
    files.append(File.generated(config, "reference.md", content="\n".join(reference())))
    return files


def moved(text: str) -> str:
    """The same page a folder deeper: links to files that are no pages are left as words."""
    pages = {source: name for name, source in ELSEWHERE.items()}

    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        if "://" in target or target.startswith("#"):
            return found[0]
        if target in pages:
            return f"[{words}]({pages[target]})"
        return f"[{words}]({target.removeprefix('docs/')})" if target.startswith("docs/") else words

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", link, text).replace("](docs/", "](")


def reference() -> Iterator[str]:
    """Every key of the configuration, as ``monitor check`` knows it."""
    yield "# Every key"
    yield "\nMade from what `monitor check` reads files with. [Configuration](configuration.md) explains them.\n"
    for file, schema in json_schema().items():
        yield f"\n## `{file}`\n"
        yield from table(schema)
        for name, part in sorted(schema["$defs"].items()):
            if "properties" in part:
                yield f"\n### {name} {{ #{anchor(file, name)} }}\n"
                yield from table(part)


def anchor(file: str, name: str) -> str:
    return re.sub(r"\W+", "-", f"{file} {name}".lower())


def table(schema: dict[str, Any]) -> Iterator[str]:
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    required = schema.get("required", ())
    for key, value in schema["properties"].items():
        default = "required" if key in required else f"`{value['default']}`" if "default" in value else ""
        meaning = value.get("description", "").replace("|", "\\|")
        yield f"| `{key}` | {kind(value)} | {default} | {meaning} |"


def kind(value: dict[str, Any]) -> str:
    """The type of a value in a word or two."""
    if "$ref" in value:
        return str(value["$ref"].rpartition("/")[2])
    if "enum" in value:
        return " or ".join(f"`{word}`" for word in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    for choice in ("anyOf", "oneOf"):
        if choice in value:
            return " or ".join(kind(option) for option in value[choice])
    if value.get("type") == "array":
        return f"list of {kind(value['items'])}" if "items" in value else "list"
    return str(value.get("type", "any"))
