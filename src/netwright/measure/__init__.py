"""Measurements: the trainings that a diagnosis stands on, as populations."""
