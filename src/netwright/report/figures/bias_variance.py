"""Bias and variance of the learner, from networks trained on resamples."""

from collections.abc import Mapping

from netwright.report import style
from netwright.report.blocks import Block, Plot
from netwright.report.forest import Branch, forest
from netwright.report.intervals import interval_of
from netwright.report.material import Material
from netwright.report.words import between

PARTS = {
    "error": "mean error of one network",
    "bias": "bias, noise included",
    "variance": "variance",
    "unbiased": "of it, where most networks are right (adds)",
    "biased": "of it, where most networks are wrong (taken off)",
}


def bias_variance(material: Material) -> list[Block]:
    """Return the parts with their intervals."""
    stored = material.figure("bias_variance")
    if not isinstance(stored, Mapping):
        return []
    metric = material.metric
    found = {name: interval_of(stored.get(name)) for name in PARTS}
    branches = [
        Branch(PARTS[name], between(one, metric), one, "error" if name == "error" else "part", bar=True)
        for name, one in found.items()
        if one is not None
    ]
    colours = {"error": style.MUTED, "part": style.SERIES[0]}
    percent = metric == "error"
    spec = forest(branches, colours, title="share of rows" if percent else "squared error", percent=percent)
    summary = (
        f"{stored.get('members', '?')} networks, {stored.get('scheme') or 'trained on resamples'}, judged on "
        f"{stored.get('rows', '?')} rows; " + "; ".join(f"{one.label} {one.words}" for one in branches) + "."
    )
    return [Plot("Bias and variance", spec, summary)]
