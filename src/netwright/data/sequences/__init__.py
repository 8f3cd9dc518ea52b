"""Sequences: numbers in steps, of several lengths; from arrays, ``.ts`` files, and tables with a row a step."""
