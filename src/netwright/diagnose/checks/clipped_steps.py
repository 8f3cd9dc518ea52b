"""CK-9: most steps are clipped.

Signal: the share of steps whose gradient was clipped, from the trace; without it, gradient norms at both ends
of training against ``clip_norm``. Threshold: above one half (Tuning Playbook). When even the gradient at the
start is many times the threshold, the threshold is too tight; otherwise the rate is too high.
"""

import math

import polars as pl

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import rate
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import of_proportion

ID = "CK-9"
CHECK = Check(ID, "clipped_steps", "most steps clipped")
SHARE, TIGHT = 0.5, 5.0


def clipped_steps(evidence: Evidence) -> Finding:
    """Find clipping that has become the rule."""
    clip = evidence.controls.optimization.clip_norm
    if clip is None:
        return CHECK.healthy("no clipping is set (optimization.clip_norm is null): 0 steps clipped")
    ends = [end for end in (evidence.start, evidence.finish) if end is not None]
    norms = [math.sqrt(sum(norm**2 for norm in end.gradient_norm.values())) for end in ends]
    if "clipped" in evidence.trace.columns and len(evidence.trace):
        steps = evidence.trace.group_by("step").agg(pl.col("clipped").max())["clipped"]
        share = of_proportion(float(steps.sum()), len(steps))
    elif len(norms) == 2:
        clipped = sum(norm > clip for norm in norms)
        share = of_proportion(clipped, 2)
    else:
        return CHECK.missing("neither the trace nor the gradients at both ends tell which steps were clipped")
    size = f"; the whole gradient starts at {norms[0]:.3g}" if norms else ""
    seen = f"share {share} of the probed steps clipped at {clip:g} (90 %){size}; threshold {SHARE:g}"
    assert share.estimate is not None
    if share.estimate <= SHARE:
        return CHECK.healthy(seen)
    if norms and norms[0] > TIGHT * clip:
        settings = {"optimization.clip_norm": float(f"{norms[0]:.3g}")}
        reason = "The threshold is far below an ordinary gradient: it sets the pace instead of guarding it."
        return CHECK.found(seen, Prescription("optimization.clip_norm", settings, reason))
    return CHECK.found(seen, rate(evidence, "Lower the rate rather than clip harder.", factor=0.3))
