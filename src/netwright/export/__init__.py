"""Runs for other runtimes: from features as a user has them to predictions, in one file."""
