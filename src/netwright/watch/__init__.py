"""Watching a network from within the compiled step."""
