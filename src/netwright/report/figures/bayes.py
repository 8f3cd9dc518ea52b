"""The Bayes error: its interval, and every candidate, the struck ones too."""

from collections.abc import Mapping
from typing import Any

from netwright.diagnose.interval import Interval
from netwright.report import style
from netwright.report.blocks import Block, Plot, Table
from netwright.report.forest import Branch, forest
from netwright.report.material import Material
from netwright.report.words import amount, between, cut, distinct

LONGEST = 38
COLOURS = {"answer": style.ACCENT, "kept": style.SERIES[0], "struck": style.MUTED, "error": style.INK}


def bayes(material: Material) -> list[Block]:
    """Return the interval with its candidates, and a table of what each rests on."""
    stored = material.figure("bayes")
    if not isinstance(stored, Mapping):
        return []
    answer = Interval(stored.get("low"), stored.get("estimate"), stored.get("high"))
    verdict, metric = str(stored.get("verdict") or ""), material.metric
    found = [one for one in stored.get("candidates") or [] if isinstance(one, Mapping)]
    names = distinct((one.get("name", "?") for one in found), LONGEST)
    branches = [Branch("Bayes error", _answer(answer, verdict, metric), answer, "answer")]
    for name, one in zip(names, found, strict=True):
        interval, struck = _interval(one), _struck(one)
        said = amount(interval.estimate, metric)
        branches.append(
            Branch(f"✗ {name}" if struck else name, said, interval, "struck" if struck else "kept")
        )
    errors = {} if material.diagnosis is None else material.diagnosis.budget.errors
    branches += [
        Branch(f"{name} error", between(errors[name], metric), errors[name], "error")
        for name in ("train", "dev")
        if name in errors
    ]
    blocks: list[Block] = []
    if found or verdict != "not measured":
        percent = metric == "error"
        spec = forest(branches, COLOURS, title="error" if percent else "noise variance", percent=percent)
        blocks.append(
            Plot("The Bayes error and its candidates", spec, _summary(answer, verdict, found, metric))
        )
    if found:
        blocks.append(
            Table(
                "Candidates for the Bayes error, those set aside struck through",
                ("candidate", "value", "end", "what it rests on"),
                [
                    (
                        cut(one.get("name", "?")),
                        between(_interval(one), metric),
                        ", ".join(cut(one[key]) for key in ("side", "space") if one.get(key)) or "–",
                        _rests(one),
                    )
                    for one in found
                ],
                struck=frozenset(i for i, one in enumerate(found) if _struck(one)),
                folded=True,
            )
        )
    return blocks


def _summary(answer: Interval, verdict: str, found: list[Any], metric: str) -> str:
    struck = sum(map(_struck, found))
    what = "Bayes error" if metric == "error" else "Noise variance"
    text = f"{what}: {_answer(answer, verdict, metric)}."
    if answer.high is not None and verdict == "upper only":
        text += " No lower end can be given."
    if found:
        text += f" Candidates: {len(found)}; struck, with a ✗: {struck}. The table says why, and what each rests on."
    return text


def _answer(answer: Interval, verdict: str, metric: str) -> str:
    return (
        verdict if verdict in ("not identified", "not measured") else f"{between(answer, metric)} ({verdict})"
    )


def _rests(one: Mapping[str, Any]) -> str:
    reason = f"; struck: {one.get('reason') or 'set aside'}" if _struck(one) else ""
    return cut(f"{one.get('assumption') or '–'}{reason}", 400)


def _interval(one: Mapping[str, Any]) -> Interval:
    return Interval(one.get("low"), one.get("estimate"), one.get("high"))


def _struck(one: Mapping[str, Any]) -> bool:
    return bool(one.get("struck"))
