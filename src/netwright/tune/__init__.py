"""Tuning: search over controls, each batch of trials trained as compiled populations."""
