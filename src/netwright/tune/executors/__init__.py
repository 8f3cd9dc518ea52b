"""Executors: each file has one way to put workers to a study, of the file's name."""
