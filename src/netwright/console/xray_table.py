"""What ``netwright xray`` shows."""

from rich.table import Table
from rich.text import Text

from netwright.console.terminal import results
from netwright.watch.xray import Xray, words

NOTE = (
    "z: weighted input, a: its activation; |dZ|: size of the cost's slope there, and so on; forwards from top"
)


def print_xray(xray: Xray, title: str) -> None:
    """Print a row a layer, in forward order, and the cost."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    rows = [words(row) for row in xray.rows]
    for name in rows[0]:
        table.add_column(name, justify="left" if name == "layer" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row.values()))
    console = results()
    # A narrow terminal folds whole lines, never cells.
    table.width = console.measure(table, options=console.options.update(max_width=1000)).maximum
    console.print(Text(f"{title}, {len(xray.prediction):,} rows", style="bold"))
    console.print(table)
    console.print(Text(f"cost {xray.cost:.6g}", style="bold"))
    console.print(Text(NOTE, style="dim"))
