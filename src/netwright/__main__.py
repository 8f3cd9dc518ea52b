"""``python -m netwright`` is the command ``netwright``."""

from netwright.console.app import main

main()
