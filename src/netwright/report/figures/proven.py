"""What was proven: prescriptions tried on paired seeds, and the story of the improvement they belong to."""

from collections.abc import Iterator, Mapping
from typing import Any

from netwright.report.blocks import Block, Note, Table
from netwright.report.command import settings_words
from netwright.report.intervals import interval_of
from netwright.report.material import Material
from netwright.report.words import amount, between, cut, sentence


def proven(material: Material) -> list[Block]:
    """Return a table of the proofs in the order in which they were made, and the story step by step."""
    story = material.improvement
    proofs = list(proofs_in(story))
    blocks: list[Block] = []
    start, end = interval_of(story.get("start_error")), interval_of(story.get("error"))
    if start is not None and end is not None:
        moved = f"from {between(start, material.metric)} to {between(end, material.metric)}"
        kept = ", ".join(cut(one) for one in story.get("adopted") or []) or "nothing"
        blocks.append(
            Note(
                f"The improvement took the dev error {moved}; kept: {kept}; best: {cut(story.get('model', '–'))}. "
                f"{sentence(str(story.get('reason') or ''))}"
            )
        )
    if proofs:
        rows = [_row(proof, material.metric) for proof in proofs]
        heads = ("tried", "dev error, off → on", "change", "P(better)", "terms that moved", "verdict")
        caption = "Prescriptions tried on paired seeds, same order of the rows"
        blocks.append(Table(caption, heads, rows, numbers=frozenset({1, 2, 3})))
    steps = [step for step in story.get("steps") or [] if isinstance(step, Mapping) and "text" in step]
    if steps:
        rows = [
            (
                f"{step.get('seconds', 0):.0f} s",
                cut(step.get("kind")),
                cut(step["text"], 300),
                amount(step.get("error"), material.metric),
            )
            for step in steps
        ]
        heads = ("after", "step", "what happened", "best dev error")
        blocks.append(Table("The story, step by step", heads, rows, numbers=frozenset({0, 3}), folded=True))
    return blocks


def proofs_in(record: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the proofs in a record, however deep: what has a ``prescription`` and ``p_better``."""
    if isinstance(record, Mapping):
        if "p_better" in record and "prescription" in record:
            yield record
        else:
            for inner in record.values():
                yield from proofs_in(inner)
    elif isinstance(record, list):
        for inner in record:
            yield from proofs_in(inner)


def _row(proof: Mapping[str, Any], metric: str) -> tuple[str, ...]:
    prescription = proof["prescription"]
    settings = prescription.get("settings") or {}
    change = interval_of(proof.get("difference"))
    terms = {name: interval_of(one) for name, one in (proof.get("terms") or {}).items()}
    moved = [f"{name} {between(one)}" for name, one in terms.items() if one is not None and one.excludes_zero]
    off, on = (amount(proof.get(side), metric) for side in ("off", "on"))
    return (
        settings_words(settings) if settings else cut(prescription.get("control", "?")),
        f"{off} → {on}",
        "–" if change is None else between(change, metric),
        amount(proof["p_better"]),
        "; ".join(moved) or "none beyond noise",
        cut(proof.get("verdict", "–")),
    )
