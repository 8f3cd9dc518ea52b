"""Kernels: the arithmetic below the layers, in the formulation that is fastest for the shape and the backend."""
