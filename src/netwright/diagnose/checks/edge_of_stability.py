"""CK-16: the rate is beyond the edge of stability.

Signal: learning rate × largest eigenvalue of the training loss's Hessian at the trained weights. Threshold: above
2 for gradient descent, 2(1+β)/(1−β) for momentum averages, by more than a half (Cohen et al., "Gradient Descent
on Neural Networks Typically Occurs at the Edge of Stability", 2021: training hovers at 2 by itself). Adaptive rules
precondition the Hessian, so the product says nothing about them.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-16"
CHECK = Check(ID, "edge_of_stability", "a rate beyond the edge of stability")
BEYOND = 1.5


def edge_of_stability(evidence: Evidence) -> Finding:
    """Find curvature that the rate cannot follow."""
    optimization = evidence.controls.optimization
    if optimization.rule not in ("sgd", "momentum", "nesterov"):
        return CHECK.missing(f"the rule {optimization.rule} preconditions the Hessian")
    if evidence.sharpness is None or len(evidence.sharpness) == 0:
        return CHECK.missing("the Hessian's largest eigenvalue was not taken")
    beta = 0.0 if optimization.rule == "sgd" else float(optimization.options.get("beta", 0.9))
    limit = BEYOND * 2 * (1 + beta) / (1 - beta)
    products = evidence.sharpness[:, 1]
    low, high = float(products.min()), float(products.max())
    seen = (
        f"rate × largest Hessian eigenvalue is {low:.3g} to {high:.3g} over {len(products)} looks; "
        f"threshold {limit:.3g}, sustained"
    )
    if low <= limit:
        return CHECK.healthy(seen)
    length = max(1.0, int(optimization.epochs) / 10)
    settings = {"optimization.schedule.warmup": float(f"{length:.2g}")}
    reason = "Warm the rate up, so that training finds a place flat enough for it."
    return CHECK.found(seen, Prescription("optimization.schedule", settings, reason, "optimization", "Q"))
