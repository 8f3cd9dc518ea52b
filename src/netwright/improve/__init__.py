"""Prescriptions tried and proven by paired seeds."""
