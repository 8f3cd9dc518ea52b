"""CK-11: steps far too small or too large for the weights.

Signal: applied update over weight norm, median over the layers and over the first quarter of the probes, before
a schedule lowers the rate. Threshold: about 1e-3 is usual (CS231n); outside 1e-5 … 1e-1 it is found (own: adaptive
rules on narrow layers reach 1e-2). When the range test finds the rate workable, it outranks this rule of thumb.
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import rate, rate_of
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-11"
CHECK = Check(ID, "update_size", "updates of the wrong size")
LOW, HIGH, USUAL = 1e-5, 1e-1, 1e-3


def update_size(evidence: Evidence) -> Finding:
    """Find steps that do not move the weights, or throw them about."""
    trace = evidence.trace
    if "update_ratio" not in trace.columns or len(trace) == 0:
        return CHECK.missing("the trace has no update_ratio")
    last = trace["step"].max()
    early = trace.filter(trace["step"] <= last / 4 if isinstance(last, int) else True)[
        "update_ratio"
    ].to_numpy()
    early = early[np.isfinite(early)]
    if not len(early):
        return CHECK.missing("no update ratio is finite")
    ratio = float(np.median(early))
    seen = (
        f"updates are {ratio:.2g} of the weights, {np.quantile(early, 0.05):.2g} to "
        f"{np.quantile(early, 0.95):.2g} in "
        f"90 % of layers and probes; thresholds {LOW:g} and {HIGH:g}"
    )
    test = evidence.range_test
    works = test is not None and test.low <= rate_of(evidence.controls) <= test.high
    if LOW <= ratio <= HIGH or works:
        return CHECK.healthy(seen + (", and the range test finds the rate workable" if works else ""))
    return CHECK.found(
        seen,
        rate(evidence, "Bring the updates to a thousandth of the weights.", factor=USUAL / max(ratio, 1e-9)),
    )
