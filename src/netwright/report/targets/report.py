"""``Run.report`` of several targets: what each is worth, what they gain by each other, and how training went."""

import json
from typing import Any

from netwright.core.errors import RunError
from netwright.core.names import listed
from netwright.measure.negative_transfer import FILE
from netwright.report.blocks import Block, Note, Section, Table
from netwright.report.document import document
from netwright.report.figures.curves import curves
from netwright.report.figures.flow import activations, gradients
from netwright.report.material import Material
from netwright.report.reproduce import reproduce
from netwright.report.targets.transfer import agreement, gains, weights
from netwright.report.words import amount, cut, sentence
from netwright.train.run import Run

SHOWN = ("accuracy", "balanced_accuracy", "f1_macro", "auc", "r2", "rmse", "mae", "loss")


def page_of_targets(run: Run) -> str:
    """Return the report of a run of several targets as HTML.

    Its folder's ``transfer.json``, which ``netwright diagnose`` writes, is shown. The test set stays closed.

    Raises:
      RunError: transfer.json is damaged.
    """
    material, found = Material(run), _stored(run)
    sections = [
        Section("targets", "Targets", "Each target on the dev rows", _scores(run)),
        Section("transfer", "Transfer", "What the targets gain by each other", _transfer(run, found)),
        Section(
            "training",
            "Training",
            "How training went",
            [*curves(material), *weights(run.history, run.targets)],
        ),
        Section("inside", "Inside", "Inside the network", [*gradients(material), *activations(material)]),
        Section("reproduce", "Reproduce", "Reproduce it", reproduce(material)),
    ]
    kicker = f"netwright report · {len(run.targets)} targets"
    return document(cut(material.name, 80), kicker, _headline(run, found), sections)


def _headline(run: Run, found: dict[str, Any]) -> str:
    names = listed(cut(name, 30) for name in run.targets)
    if not found:
        return (
            f"One network for {names}. Whether they help each other was not measured: netwright diagnose RUN."
        )
    harmed = [cut(gain["target"], 30) for gain in found["gains"] if gain["verdict"].startswith("harmed")]
    helped = [cut(gain["target"], 30) for gain in found["gains"] if gain["verdict"].startswith("helped")]
    parts = [f"{listed(helped)} helped by the others"] if helped else []
    parts += [f"{listed(harmed)} harmed by the others"] if harmed else []
    text = " and ".join(parts) or "no target shown to gain or lose by the others"
    return f"One network for {names}: {text}."


def _scores(run: Run) -> list[Block]:
    if not run.record["rows"]["dev"]:
        return []
    found = run.evaluate("dev")
    metrics = [metric for metric in SHOWN if any(f"{metric}.{name}" in found for name in run.targets)]
    rows = [
        (
            cut(name),
            *(
                amount(found.get(f"{metric}.{name}")) if f"{metric}.{name}" in found else "–"
                for metric in metrics
            ),
        )
        for name in run.targets
    ]
    heads = ("target", *(metric.replace("_", " ") for metric in metrics))
    text = (
        "Each target is judged by the dev rows that have it. Losses of numbers are on the standardized target. One "
        "target alone: netwright diagnose RUN --target COL, and the report of the run that it makes."
    )
    return [Table("Dev rows", heads, rows, numbers=frozenset(range(1, len(heads)))), Note(text)]


def _transfer(run: Run, found: dict[str, Any]) -> list[Block]:
    if not found:
        return [
            Note(
                "Not measured. netwright diagnose RUN trains the targets together and each alone, and tells."
            )
        ]
    advice = [one["prescription"]["reason"] for one in found["findings"] if one["prescription"]]
    notes = [Note(sentence(text)) for text in advice]
    return [*gains(found), *notes, *agreement(found)]


def _stored(run: Run) -> dict[str, Any]:
    if run.path is None or not (run.path / FILE).is_file():
        return {}
    path = run.path / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        missing = [name for name in ("gains", "findings", "conflicts") if name not in found]
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path}: cannot be read ({error}); remove it or measure again") from None
    if missing:
        raise RunError(f"{path}: damaged ('{missing[0]}' is missing); remove it or measure again")
    return found
