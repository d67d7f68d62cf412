"""A year of the monitor's life in a minute: one seed decides the news, the faults and the deaths.

``world`` is everything outside: origins of feeds and receivers of digests, on a clock that the simulation moves.
``life`` lets the real flow live in it, on a real SQLite database, and kills it. ``check`` says what must be true then.
``python -m tests.simulation --seed 7`` lives one life and prints what came of it.
"""
