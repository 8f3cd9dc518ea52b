"""CK-31: rows are visited in the table's order, and the table is sorted by the target.

Signal: the correlation of the targets of successive training rows (classes: the excess share of equal
successors), read only when ``data.shuffle`` is off. Threshold: its interval above .3 (own; shuffled rows give
0 ± 1/√n). Batches of one class pull the weights to and fro: the rows must be shuffled.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding, Prescription

ID = "CK-31"
CHECK = Check(ID, "sorted_rows", "batches of like rows")
LARGEST = 0.3


def sorted_rows(evidence: Evidence) -> Finding:
    """Find sorted rows that are not shuffled."""
    if evidence.controls.data.shuffle:
        return CHECK.healthy("rows are shuffled each epoch (data.shuffle is true): 0 order is left")
    order = evidence.order
    if order is None or order.low is None:
        return CHECK.missing("the order of the targets was not looked at")
    seen = (
        f"successive targets correlate by {order} at 90 %; threshold {LARGEST:g}, shuffled rows would give 0"
    )
    if order.low <= LARGEST:
        return CHECK.healthy(seen)
    reason = "The rows are sorted by the target and data.shuffle is off: shuffle them."
    return CHECK.found(seen, Prescription("data.shuffle", {"data.shuffle": True}, reason))
