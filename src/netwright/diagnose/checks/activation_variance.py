"""CK-6: activations grow or fade with depth at the start.

Signal: standard deviations of the pre-activations of the hidden layers at the initial weights, and of the first
against the inputs. Threshold: a ratio above 10 (Amazon SageMaker Debugger's default for poor initialization);
with inputs of scale s, a first layer outside s/10 … 10 s (own).
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import initialization
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-6"
CHECK = Check(ID, "activation_variance", "activations of unequal variance at the start")
RATIO = 10.0


def activation_variance(evidence: Evidence) -> Finding:
    """Find an initial scale that no layer can work with."""
    start = evidence.start
    if start is None or len(start.activation_std) < 2:
        return CHECK.missing("no hidden layer was looked at before training")
    hidden = list(start.activation_std.values())[:-1]
    low, high = min(hidden), max(hidden)
    inputs = evidence.input_rms
    scale = float((inputs**2).mean() ** 0.5) if inputs is not None and len(inputs) else None
    first = hidden[0] / scale if scale else 1.0
    ratio = high / low if low > 0 else float("inf")
    seen = (
        f"pre-activations of the hidden layers have standard deviations from {low:.3g} to "
        f"{high:.3g}, ratio {ratio:.3g}; "
        f"the first has {first:.3g} times the inputs' (up to 256 rows, ± 5 %); threshold {RATIO:g}"
    )
    if ratio <= RATIO and 1 / RATIO <= first <= RATIO:
        return CHECK.healthy(seen)
    reason = "Draw the kernels with the variance that suits each activation (He or Xavier), biases at 0."
    return CHECK.found(seen, initialization(evidence, reason))
