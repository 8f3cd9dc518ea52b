"""The page of a run: its sections, in order."""

from collections.abc import Callable, Sequence

from netwright.report.blocks import Block, Section
from netwright.report.document import document
from netwright.report.figures.bayes import bayes
from netwright.report.figures.bias_variance import bias_variance
from netwright.report.figures.budget import budget
from netwright.report.figures.calibration import calibration
from netwright.report.figures.checks import checks
from netwright.report.figures.curves import curves
from netwright.report.figures.errors import classes, confusion
from netwright.report.figures.flow import activations, gradients
from netwright.report.figures.gain import gain
from netwright.report.figures.proven import proven
from netwright.report.figures.range_test import range_test
from netwright.report.figures.residuals import residuals
from netwright.report.figures.shift import shift
from netwright.report.figures.sizes import sizes
from netwright.report.figures.worst import worst
from netwright.report.material import Material
from netwright.report.reproduce import reproduce
from netwright.report.verdict import headline, next_steps
from netwright.report.words import cut

Family = Callable[[Material], Sequence[Block]]
SECTIONS: tuple[tuple[str, str, str, tuple[Family, ...]], ...] = (
    ("verdict", "Verdict", "What the error is made of", (budget,)),
    ("next", "Next", "What to do next", (next_steps,)),
    ("proven", "Proven", "What was proven", (proven,)),
    ("training", "Training", "How training went", (curves, range_test)),
    ("inside", "Inside", "Inside the network", (gradients, activations)),
    ("data", "Data", "What data can still do", (gain, sizes, bayes, bias_variance)),
    ("shift", "Shift", "Whether dev rows are like training rows", (shift,)),
    (
        "predictions",
        "Predictions",
        "Predictions on the dev rows",
        (confusion, calibration, classes, residuals, worst),
    ),
    ("checks", "Checks", "What the checks say", (checks,)),
    ("reproduce", "Reproduce", "Reproduce it", (reproduce,)),
)


def page(material: Material) -> str:
    """Return the report of a run as HTML."""
    absent = f"Sections on the rows themselves are left out: {material.absent}." if material.absent else ""
    sections = [
        Section(id, short, title, [block for family in families for block in family(material)])
        for id, short, title, families in SECTIONS
    ]
    return document(
        cut(material.name, 80),
        f"netwright report · {material.task}",
        headline(material),
        sections,
        absent,
    )
