"""A week of the story in half a minute: feeds, a receiver and the real daemon, all on this machine."""
