"""A night watch for a running story: polls feeds, follows its storylines, tells people once."""

from importlib.metadata import PackageNotFoundError, version

try:
    #: From the tag that it was built from; ``0`` where it runs from a folder that was never installed.
    __version__ = version("storyline-monitor")
except PackageNotFoundError:
    __version__ = "0"
