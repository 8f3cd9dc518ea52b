"""The verdict in words: what the error is made of, and what to do next."""

import math
import shlex
from collections.abc import Sequence

from netwright.diagnose.budget import Budget
from netwright.diagnose.finding import Prescription
from netwright.report.blocks import Block, Code, Note
from netwright.report.command import fit_command, settings_words
from netwright.report.material import Material
from netwright.report.shares import wilson
from netwright.report.words import amount, between, sentence

MEANING = {
    "optimization": "the training cost is not yet as low as it can be",
    "approximation": "the network cannot express more",
    "estimation": "there are too few rows for it, the variance",
    "shift": "the dev rows are unlike the training rows",
    "dev overfit": "choices were made by the dev rows",
}
WORDS = {
    "none": "Change nothing.",
    "measure": "Measure before changing anything.",
    "data": "Look after the data.",
}
MORE_TIME = 4
"""How much longer than the last a diagnosis that would tell the terms apart may take."""
PROOF = {
    "P": "Prove it with paired seeds: netwright improve tries it on and off, and keeps it only if it helps.",
    "Q": "Prove it with a short probe, evaluated at every step.",
    "R": "Then run the check again.",
}


def headline(material: Material) -> str:
    """Return the verdict in one or two sentences."""
    if material.diagnosis is not None:
        return _of_budget(material.diagnosis.budget)
    return f"{_measured(material)} What it is made of has not been measured."


def next_steps(material: Material) -> Sequence[Block]:
    """Return what to do next: the prescription and its command, or how to get one."""
    run = "RUN" if material.run.path is None else shlex.quote(str(material.run.path))
    if material.diagnosis is None:
        return [
            Note(
                "No diagnosis stands in the run's folder. It splits the error into its terms and names one change."
            ),
            Code("Measure it", f"netwright diagnose {run}"),
        ]
    cure = material.diagnosis.prescription
    blocks: list[Block] = [Note(_prescribed(cure))]
    if cure.settings:
        command = fit_command(material.record, material.run.controls, cure.settings)
        blocks.append(Code("The run with this change", command))
        blocks.append(Note(PROOF.get(cure.verify, f"Prove it: {cure.verify}.")))
    elif cure.control == "measure":
        minutes = max(1, math.ceil(MORE_TIME * material.diagnosis.seconds / 60))
        blocks.append(Code("Measure for longer", f"netwright diagnose {run} --budget {minutes}m"))
    return blocks


def _of_budget(budget: Budget) -> str:
    dev = budget.errors.get("dev")
    metric = budget.metric
    whole = "" if dev is None else f"The dev {metric} is {between(dev, metric)}. "
    largest = budget.largest
    if budget.at_the_limit:
        text = f"{whole}It cannot be told from the Bayes error: nothing is left to gain."
    elif largest is not None and largest.interval is not None:
        said = f"Its largest part that a control can lower is {largest.name}, {between(largest.interval, metric)}"
        text = f"{whole}{said}: {MEANING.get(largest.name, largest.name)}."
    else:
        known = [t for t in budget.ranked if t.interval is not None and t.interval.estimate is not None]
        terms = " and ".join(term.name for term in known[:2])
        text = whole + (
            f"Its parts, {terms} above all, cannot be told apart yet."
            if len(known) > 1
            else "Its parts are not identified yet."
        )
    return f"{text} {_bayes(budget)}".strip()


def _bayes(budget: Budget) -> str:
    term = next((term for term in budget.terms if term.name == "bayes"), None)
    if term is None or term.interval is None or term.verdict in ("not identified", "not measured"):
        return "How much of it no network can remove, the Bayes error, is not identified."
    return f"No network can remove the Bayes error, {between(term.interval, budget.metric)}."


def _prescribed(cure: Prescription) -> str:
    if cure.settings:
        what = f"Set {settings_words(cure.settings)}."
    else:
        what = WORDS.get(cure.control, f"Look at: {cure.control}.")
    text = f"{what} {sentence(cure.reason)}"
    return f"{text} It should lower {cure.term}." if cure.term else text


def _measured(material: Material) -> str:
    judged = material.judged
    if judged is None:
        return f"No dev rows to judge by: {material.absent}."
    if material.task == "regression":
        error = float((judged.losses**2).mean()) ** 0.5
        return f"On {len(judged.truth):,} dev rows the root mean squared error is {amount(error)}."
    interval = wilson(int(judged.wrong.sum()), len(judged.truth))
    return f"The dev error is {between(interval, 'error')}, on {len(judged.truth):,} rows."
