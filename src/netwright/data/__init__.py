"""Data: readers, schema, splits, preprocessing fitted on training rows only."""
