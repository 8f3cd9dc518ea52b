"""CK-35: too few training rows for so many columns.

Signal: training rows for each encoded column of a dense network. Threshold: fewer than 5 (own). Least squares on p
Gaussian columns and n rows errs by p/(n − p − 1) of the noise more than it had to (Breiman and Freedman, "How Many
Variables Should Be Entered in a Regression Equation?", 1983): a quarter at five rows a column, without bound at one;
and a network starts from no fewer unknowns. Harrell ("Regression Modeling Strategies") asks for 10 to 20. Early
stopping and penalties hide the gap between training and dev error that CK-23 looks for, yet not this.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-35"
CHECK = Check(ID, "few_rows", "few training rows")
ROWS = 5.0
DENSE = ("mlp", "logistic")
"""Kinds that weigh each column by itself; others share weights between places of an image or a sequence."""


def few_rows(evidence: Evidence) -> Finding:
    """Find a table too short for its width."""
    columns, rows = evidence.input_rms, evidence.rows.get("train")
    if columns is None or rows is None or len(columns) == 0:
        return CHECK.missing("rows and columns were not counted")
    if evidence.controls.architecture.kind not in DENSE:
        return CHECK.missing(f"a {evidence.controls.architecture.kind} shares weights between columns")
    each = rows / len(columns)
    seen = f"{rows} training rows for {len(columns)} columns, {each:.3g} for each, exact; threshold {ROWS:g}"
    if each >= ROWS:
        return CHECK.healthy(seen)
    reason = "More rows would help most; failing that, fewer columns or a stronger regularizer."
    return CHECK.found(seen, person("data", reason, "P + curve", "estimation"))
