"""A monitor that is killed with SIGKILL at a named point of its work, and what the next one makes of it.

    python -m tests.kill [--rounds 10] [--only sqlite]

kills at each point that often, on SQLite and PostgreSQL, and prints what came of it; the suite does so once.
"""
