"""The console room: the command line, progress and summaries. The only room that speaks to a terminal."""
