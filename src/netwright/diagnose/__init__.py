"""Judgement: records in, findings out. Nothing here trains."""
