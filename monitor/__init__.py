"""A night watch for a running story: polls feeds, follows its storylines, tells people once."""

__version__ = "0.1.0"
