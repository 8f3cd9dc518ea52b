"""CK-25: the error has reached the Bayes error, or lies below it.

Signal: the dev error's interval against the Bayes error's lower end; its upper end says nothing here, for it rests on
the errors of models such as this one. Thresholds: the lower end within the dev error's interval: stop, for nothing is
shown to be left to gain; wholly below it: audit for a leak, for no honest model does better.
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
    if bayes is None or bayes.low is None:
        return CHECK.missing("the Bayes error has no lower end")
    seen = f"the dev error is {dev}, the Bayes error {bayes} (90 %); threshold: the dev error reaches its lower end"
    if dev.high is not None and dev.high < bayes.low:
        return CHECK.found(
            seen, person("data", "Better than possible: audit the split for a leak.", "split audit")
        )
    if budget.at_the_limit:
        return CHECK.found(seen, person("none", "Stop: only other data could lower the error.", term="bayes"))
    return CHECK.healthy(seen)
