"""Figures and the report that a browser opens without a network."""
