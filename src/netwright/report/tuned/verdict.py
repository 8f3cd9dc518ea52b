"""What a study found, in a sentence or two."""

from netwright.report.tuned.tuning import Tuning, short
from netwright.report.words import amount


def headline(tuning: Tuning) -> str:
    """Return the best trial, and what it hangs on."""
    total, failed = len(tuning.trials), len(tuning.trials) - len(tuning.rows)
    if not tuning.ranked:
        return f"None of {total} trials gave a number; the table below says why."
    best = tuning.ranked[0]
    text = (
        f"Of {total} trials number {best['number']} is the best, with a dev {tuning.metric} of "
        f"{amount(best['value'], tuning.metric)}: {tuning.setting(best)}."
    )
    ranks = tuning.sensitivity.importances
    if ranks:
        name, share = next(iter(ranks.items()))
        text += f" What matters most is {short(name)}: alone it explains {100 * share:.0f}\u00a0% of the variance."
    return text + (f" {failed} trials failed." if failed else "")
