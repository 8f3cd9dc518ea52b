"""``Comparison.report``: alternatives side by side, on one page."""

from pathlib import Path

from netwright.compare.comparison import Comparison
from netwright.core import atomic
from netwright.report.blocks import Code, Note, Section
from netwright.report.compared.curves import curves
from netwright.report.compared.rates import rates
from netwright.report.compared.tables import differences, scores
from netwright.report.compared.verdict import headline
from netwright.report.document import document
from netwright.report.words import cut


def report(comparison: Comparison, path: str | Path) -> Path:
    """Write a comparison as one HTML file that needs no network.

    The verdict comes first, then the table, the curves with a band over seeds, how each learning rate was found, and
    in which controls the alternatives differ.

    Returns:
      the file's path.
    """
    path = Path(path)
    best = comparison.best
    sections = [
        Section("scores", "Scores", "Side by side", scores(comparison)),
        Section("curves", "Curves", "How training went", curves(comparison)),
        Section("rates", "Rates", "How each learning rate was found", rates(comparison)),
        Section("controls", "Controls", "In what they differ", differences(comparison)),
        Section(
            "how",
            "How",
            "How they were compared",
            [
                Note(comparison.how),
                Code(f"All controls of {cut(best.name)}", best.controls.to_yaml().rstrip(), folded=True),
            ],
        ),
    ]
    page = document(cut(comparison.name, 80), "netwright comparison", headline(comparison), sections)
    atomic.write_bytes(path, page.encode("utf-8", "replace"))
    return path
