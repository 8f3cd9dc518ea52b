"""How the losses of several targets become one update; one file each."""
