"""The files that ``monitor init`` starts from."""

from __future__ import annotations

from importlib.resources import files

#: The name that the files use for the story, replaced by the reader's own.
PLACEHOLDER = "my-story"


def starter(story: str) -> dict[str, str]:
    """Relative path and text of each file, for a story of that name."""
    folder = files("monitor.config").joinpath("starter")
    texts = {
        "monitor.yaml": folder.joinpath("monitor.yaml").read_text("utf-8"),
        f"stories/{story}.yaml": folder.joinpath("story.yaml").read_text("utf-8"),
    }
    return {name: text.replace(PLACEHOLDER, story) for name, text in texts.items()}
