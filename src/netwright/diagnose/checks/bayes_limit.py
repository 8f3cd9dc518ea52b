"""CK-25: the error has reached the Bayes error, or lies below it.

Signal: the dev error's interval against the Bayes error's. Thresholds: overlap, with both ends known: stop, for
nothing is left to gain; wholly below: audit for a leak, for no honest model does better.
"""

from netwright.diagnose.checks._check import Check
from netwright.diagnose.checks._remedies import person
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding

ID = "CK-25"
CHECK = Check(ID, "bayes_limit", "the Bayes limit")


def bayes_limit(evidence: Evidence) -> Finding:
    """Find that the data allow no less."""
    budget = evidence.budget
    if budget is None or "dev" not in budget.errors:
        return CHECK.missing("no budget")
    dev, bayes = budget.errors["dev"], budget["bayes"].interval
    if bayes is None or bayes.low is None or bayes.high is None or dev.estimate is None:
        return CHECK.missing("the Bayes error is not bounded on both sides")
    seen = f"the dev error is {dev}, the Bayes error {bayes} (90 %); threshold: overlap"
    if dev.high is not None and dev.high < bayes.low:
        return CHECK.found(
            seen, person("data", "Better than possible: audit the split for a leak.", "split audit")
        )
    if dev.estimate <= bayes.high:
        return CHECK.found(seen, person("none", "Stop: only other data could lower the error.", term="bayes"))
    return CHECK.healthy(seen)
