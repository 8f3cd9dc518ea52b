"""CK-32: inputs or targets far from unit scale.

Signals: the root mean square of each encoded column, and, for regression without ``data.normalize_target``, the
target's. Thresholds: a column above 3, or a hundredfold spread between columns; a target above 3 or below 1/10
(own; standardized columns have 1). Initializers and default rates are made for inputs of unit variance
(LeCun et al., "Efficient BackProp", 1998, section 4.3).
"""

import numpy as np

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-32"
CHECK = Check(ID, "input_scale", "inputs or targets that are not scaled")
LARGEST, SPREAD, LEAST = 3.0, 100.0, 0.1


def input_scale(evidence: Evidence) -> Finding:
    """Find columns, or a target, whose scale no initializer expects."""
    rms, data = evidence.input_rms, evidence.controls.data
    if rms is None:
        return CHECK.missing("the scale of the inputs was not looked at")
    high, low = (float(rms.max()), float(rms.min())) if len(rms) else (1.0, 1.0)
    seen = (
        f"root mean squares of the {len(rms)} columns go from {low:.3g} to {high:.3g}, exact; "
        f"thresholds {LARGEST:g}, ratio {SPREAD:g}"
    )
    if data.normalize != "standard" and (high > LARGEST or high > SPREAD * low):
        reason = "Bring all columns to mean 0 and variance 1."
        return CHECK.found(seen, Prescription("data.normalize", {"data.normalize": "standard"}, reason))
    if evidence.task == "regression" and not data.normalize_target and evidence.train is not None:
        size = float(np.sqrt(np.mean(np.square(evidence.train.truth))))
        seen = f"the target's root mean square is {size:.3g}, exact; thresholds {LEAST:g} and {LARGEST:g}"
        if not LEAST <= size <= LARGEST:
            reason = "The network starts with outputs near 0 ± 1: standardize the target."
            prescription = Prescription("data.normalize_target", {"data.normalize_target": True}, reason)
            return CHECK.found(seen, prescription)
    return CHECK.healthy(seen)
