"""CK-8: the gradient explodes on its way to the first layer.

Signal: gradient norm of the first layer over that of the last, at the initial weights and over the trace.
Threshold: above 70 at the start, or in most probes (AUTOTRAINER, Zhang et al., ICSE 2021). Remedy: clip at the
90th percentile of the norms seen (Google's Deep Learning Tuning Playbook).
"""

import numpy as np
import polars as pl

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-8"
CHECK = Check(ID, "exploding_gradient", "an exploding gradient")
RATIO = 70.0


def exploding_gradient(evidence: Evidence) -> Finding:
    """Find gradients that grow towards the first layer."""
    ratios, norms = _trace(evidence.trace)
    if evidence.start is not None and len(evidence.start.gradient_norm) > 1:
        first, *_, last = evidence.start.gradient_norm.values()
        start = first / last if last > 0 else 0.0
    else:
        start = 0.0
    if not len(ratios) and start == 0.0:
        return CHECK.missing("no gradients of two layers were taken")
    middle = float(np.median(ratios)) if len(ratios) else start
    spread = (
        f", {np.quantile(ratios, 0.05):.3g} to {np.quantile(ratios, 0.95):.3g} in 90 % of probes"
        if len(ratios)
        else ""
    )
    seen = (
        f"gradient of the first layer over the last: {start:.3g} at the start, median {middle:.3g} "
        f"while training{spread}; threshold {RATIO:g}"
    )
    if start <= RATIO and middle <= RATIO:
        return CHECK.healthy(seen)
    clip = float(np.quantile(norms, 0.9)) if len(norms) else 1.0
    settings = {"optimization.clip_norm": float(f"{clip:.3g}")}
    reason = "Clip the gradient at the 90th percentile of the norms seen."
    return CHECK.found(seen, Prescription("optimization.clip_norm", settings, reason, verify="Q"))


def _trace(trace: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return per probe: first/last ratio, and the norm over all layers."""
    if "grad_norm" not in trace.columns or trace["layer"].n_unique() < 2:
        return np.zeros(0), np.zeros(0)
    layers = trace["layer"].n_unique()
    norms = trace["grad_norm"].to_numpy().reshape(-1, layers)
    known = np.isfinite(norms).all(axis=1) & (norms[:, -1] > 0)
    norms = norms[known].astype(np.float64)
    return norms[:, 0] / norms[:, -1], np.sqrt((norms**2).sum(axis=1))
