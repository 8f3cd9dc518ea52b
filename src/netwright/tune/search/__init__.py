"""Searches: each file has one way to choose the points of a study, of the file's name."""
