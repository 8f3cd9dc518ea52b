"""Shift: whether the dev rows are like the training rows, column by column and together."""

from collections.abc import Mapping
from typing import Any

from netwright.report.blocks import Block, Note, Table
from netwright.report.intervals import interval_of
from netwright.report.material import Material
from netwright.report.words import amount, between, cut, sentence

MOST_COLUMNS = 25


def shift(material: Material) -> list[Block]:
    """Return what was found, the joint tests, and the columns with the largest effect."""
    stored = material.figure("shift")
    if not isinstance(stored, Mapping):
        return []
    blocks: list[Block] = [Note(_verdict(stored))]
    harm = interval_of(stored.get("harm"))
    if harm is not None:
        blocks.append(Note(f"Target error minus training error: {between(harm, material.metric)}."))
    joint = [one for one in stored.get("joint") or [] if isinstance(one, Mapping)]
    if joint:
        rows = [
            (
                cut(test.get("name", "?")),
                amount(test.get("statistic")),
                _effect(test.get("effect")),
                amount(test.get("corrected_p", test.get("p"))),
                "yes" if test.get("shifted") else "no",
            )
            for test in joint
        ]
        heads = ("test", "statistic", "effect", "p, corrected", "shifted")
        blocks.append(Table("Tests of whole rows", heads, rows, numbers=frozenset({1, 2, 3})))
    features = [one for one in stored.get("features") or [] if isinstance(one, Mapping)]
    if features:
        rows = [
            (
                cut(one.get("column", one.get("name", "?"))),
                cut(one.get("test", "–")),
                amount(one.get("effect")),
                amount(one.get("mean_difference")) if one.get("mean_difference") is not None else "–",
                amount(one.get("corrected_p", one.get("p"))),
                "yes" if one.get("shifted") else "no",
            )
            for one in features[:MOST_COLUMNS]
        ]
        more = f", the {MOST_COLUMNS} largest of {len(features)}" if len(features) > MOST_COLUMNS else ""
        heads = ("column", "test", "effect, 0 to 1", "mean difference (SD)", "p, corrected", "shifted")
        table = Table(
            f"Each column{more}", heads, rows, numbers=frozenset({2, 3, 4}), folded=len(features) > 8
        )
        blocks.append(table)
    return blocks


def _verdict(stored: Mapping[str, Any]) -> str:
    kind, reason = str(stored.get("type") or ""), str(stored.get("reason") or "")
    moved = stored.get("shifted")
    text = "The dev rows have shifted from the training rows." if moved else "No shift was found."
    if kind and kind != "none" and moved:
        text += f" Type: {kind}."
    return f"{text} {sentence(reason)}".strip()


def _effect(effect: Any) -> str:
    interval = interval_of(effect)
    return "–" if interval is None else between(interval)
