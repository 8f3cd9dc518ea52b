"""What ``netwright diagnose`` says: the verdict, the budget as a picture, the findings, what to do next."""

import shlex
from pathlib import Path

from rich.text import Text

from netwright.console.terminal import print_block, results
from netwright.diagnose.diagnosis import Diagnosis
from netwright.diagnose.picture import bar_of, missing_of, said, shown, verdict
from netwright.measure.diagnose import FILE

MOST_FOUND = 5


def print_diagnosis(diagnosis: Diagnosis, run: str) -> None:
    """Print a diagnosis: verdict first, then the budget, the findings, the prescription, what was not measured."""
    budget, console = diagnosis.budget, results()
    console.print(Text(verdict(diagnosis.name, budget), style="bold"))
    for term in budget.terms:
        if term.interval is not None:
            line = (f"  {term.name:<14}", "dim"), bar_of(term, budget), f"  {shown(term.interval)}  "
            console.print(Text.assemble(*line, (term.verdict, "dim")))
    found = [f"{f.title} ({f.check}): {f.evidence}" for f in diagnosis.found]
    if len(found) > MOST_FOUND:
        found[MOST_FOUND:] = [f"and {len(found) - MOST_FOUND} more in {FILE}"]
    checked = sum(finding.status != "not measured" for finding in diagnosis.findings)
    print_block(
        {
            "found": "\n".join(found) or f"nothing wrong in {checked} checks",
            "next": said(diagnosis.prescription),
            "not measured": missing_of(budget, diagnosis.findings),
            "took": f"{diagnosis.seconds:.0f} s",
        }
    )
    console.print(Text(f"The whole of it is in {shlex.quote(str(Path(run) / FILE))}", style="dim"))
