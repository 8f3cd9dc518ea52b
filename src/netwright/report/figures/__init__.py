"""One figure family a file: each takes the material and returns what it can show of it, perhaps nothing."""
