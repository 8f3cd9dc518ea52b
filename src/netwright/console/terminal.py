"""The two streams: results on stdout, progress and errors on stderr."""

import json
import math
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

LABEL = 13
"""Width of the names in blocks, so that the blocks of a summary line up."""


def results() -> Console:
    """Return the console of stdout. Names are shown as they are: no markup, no colouring of numbers."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def progress() -> Console:
    """Return the console of stderr."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_block(rows: Mapping[str, str]) -> None:
    """Print a name and a text a line on stdout; a long text is wrapped beside its name, no text is no line.

    A no-break space keeps two words on one line.
    """
    console = results()
    margin = max(LABEL, *(len(name) + 2 for name in rows)) + 2
    for name, text in rows.items():
        label = ("  " + name).ljust(margin)
        for part in text.splitlines():
            for line in textwrap.wrap(part, max(20, console.width - margin), break_on_hyphens=False):
                console.print(Text.assemble((label, "dim"), line.replace("\xa0", " ")))
                label = " " * margin


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on stdout; JSON has no word for numbers that are not finite, they become null;
    dates become text.
    """
    print(json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False, default=str))


def print_progress(line: str) -> None:
    """Print a line on stderr."""
    progress().print(line, soft_wrap=True)


def print_error(message: str) -> None:
    """Print ``netwright: message`` on stderr, unwrapped, so that paths and commands can be copied."""
    print(f"netwright: {message}", file=sys.stderr)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
