"""The commands, one a file: the words of each with its help, and the order of its work."""
