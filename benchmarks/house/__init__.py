"""A house to measure in: a throw-away database with one utility, and child processes that work in it."""
