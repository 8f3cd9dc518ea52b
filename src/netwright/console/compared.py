"""What ``netwright compare`` says and writes."""

import json
import shlex
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from netwright.compare.comparison import Comparison
from netwright.console.terminal import print_block, results
from netwright.core import atomic
from netwright.report.compared.tables import scored
from netwright.report.compared.verdict import headline
from netwright.report.document import finite

PAGE, RECORD = "comparison.html", "comparison.json"


def rates_of(words: str) -> list[float]:
    """Return the numbers of ``0.001,0.01,0.1``."""
    try:
        return [float(word) for word in words.split(",")]
    except ValueError:
        raise typer.BadParameter(
            f"--rates: found '{words}', expected numbers such as 0.001,0.01,0.1"
        ) from None


def write(comparison: Comparison, folder: Path) -> None:
    """Write the page, and the comparison for programs."""
    comparison.report(folder / PAGE)
    atomic.write_text(folder / RECORD, json.dumps(finite(comparison.to_json()), ensure_ascii=False))


def print_comparison(comparison: Comparison, page: Path) -> None:
    """Print the verdict, a row an alternative, and where the page is."""
    console = results()
    console.print(Text(headline(comparison).replace("\xa0", " "), style="bold"))
    heads, rows = scored(comparison)
    table = Table(box=None, header_style="dim", pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head.replace("\xa0", " "), justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell.replace("\xa0", " ")) for cell in row))
    # A narrow terminal folds whole lines, never cells.
    table.width = console.measure(table, options=console.options.update(max_width=1000)).maximum
    console.print(table)
    print_block({"how": comparison.how, "page": shlex.quote(str(page))})
