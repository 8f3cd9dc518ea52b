"""One module per library: what it would have its user write for each task, at its fastest."""
