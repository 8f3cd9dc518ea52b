"""Activations, initializers and layers."""
