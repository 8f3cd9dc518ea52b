"""Do intervals of the Bayes error hold the truth: nominal 90 % on problems solved exactly.

``python -m benchmarks.coverage --repeats 40 --seed 0`` for other numbers. What is measured is kept, so that a run
that was stopped goes on where it was.
"""

import argparse
import json
from math import sqrt
from time import perf_counter
from typing import Any

import numpy as np

import netwright as nw
from benchmarks._exact import Problem, problems
from benchmarks._harness import RESULTS, machine_facts, record

SIZES = (500, 2000)
REPEATS = 40
ROUND = 2
CONFIDENCE = 0.9
VERDICTS = ("bounded", "upper only", "not identified")


def main(repeats: int = REPEATS, seed: int = 0, name: str = "coverage", only: str = "") -> None:
    """Measure every problem at every size, a few repeats a round, then print the table."""
    about = {"confidence": CONFIDENCE, "seed": seed, "machine": machine_facts()}
    cases = kept(name, seed)
    asked = [(problem, n) for problem in problems() for n in SIZES if only in f"{problem.name}, n={n}"]
    for wanted in range(ROUND, repeats + ROUND, ROUND):
        for problem, n in asked:
            case = cases.setdefault(f"{problem.name}, n={n}", fresh(problem, n))
            if len(case["draws"]) < min(wanted, repeats):
                measure(problem, case, min(wanted, repeats), seed)
                record(name, {**about, "cases": cases})
    shown = table(cases)
    print(f"{shown}\n")
    record(name, {**about, "table": shown.splitlines(), "cases": cases})


def kept(name: str, seed: int) -> dict[str, Any]:
    """The cases on record, where they were drawn from the same seed."""
    path = RESULTS / f"{name}.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return known["cases"] if known.get("seed") == seed else {}


def fresh(problem: Problem, n: int) -> dict[str, Any]:
    """A case before its first draw."""
    return {"group": problem.group, "n": n, "truth": problem.truth, "seconds": [], "draws": []}


def measure(problem: Problem, case: dict[str, Any], repeats: int, seed: int) -> None:
    """Draw fresh rows up to ``repeats`` times in all; a draw on record: low, estimate, high, verdict."""
    for repeat in range(len(case["draws"]), repeats):
        rng = np.random.default_rng([seed, repeat, case["n"], *problem.name.encode()])
        X, y = problem.draw(rng, case["n"])
        start = perf_counter()
        found = nw.bayes.estimate(X, y, confidence=CONFIDENCE, task=problem.task, seed=repeat)
        case["seconds"].append(round(perf_counter() - start, 2))
        case["draws"].append((found.low, found.estimate, found.high, found.verdict))


def wilson(hits: int, total: int, z: float = 1.645) -> tuple[float, float]:
    """Wilson's 90 % interval of a share."""
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    middle, reach = (
        share + z * z / (2 * total),
        z * sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2),
    )
    return (middle - reach) / (1 + z * z / total), (middle + reach) / (1 + z * z / total)


def holds(case: dict[str, Any], draw: list[Any]) -> bool:
    """Whether both ends of a draw are right; an end that is not claimed cannot be wrong."""
    low, _, high, _ = draw
    return (low is None or low <= case["truth"]) and case["truth"] <= high


def line(name: str, cases: list[dict[str, Any]]) -> str:
    """One row: coverage of all that claim something, and of bounded answers; verdicts; ends; width over the truth."""
    told = [(case, draw) for case in cases for draw in case["draws"]]
    bounded = [(case, draw) for case, draw in told if draw[3] == "bounded"]
    identified = [(case, draw) for case, draw in told if draw[3] != "not identified"]
    cells = [name, covered(identified), covered(bounded)]
    cells += [f"{sum(draw[3] == verdict for _, draw in told) / len(told):.0%}" for verdict in VERDICTS]
    if len(cases) == 1:
        ends = ([draw[end] for _, draw in told if draw[end] is not None] for end in (0, 2))
        cells += [f"{cases[0]['truth']:.4g}", *(f"{np.mean(shown):.4g}" if shown else "—" for shown in ends)]
    else:
        cells += ["", "", ""]
    widths = [(draw[2] - draw[0]) / case["truth"] for case, draw in bounded]
    cells.append(f"{np.mean(widths):.2f}" if widths else "—")
    return f"| {' | '.join(cells)} |"


def covered(chosen: list[tuple[dict[str, Any], list[Any]]]) -> str:
    """The share of draws that hold the truth, with its Wilson interval."""
    if not chosen:
        return "—"
    hits = sum(holds(case, draw) for case, draw in chosen)
    low, high = wilson(hits, len(chosen))
    return f"{hits / len(chosen):.1%} [{low:.1%}, {high:.1%}]"


def table(cases: dict[str, dict[str, Any]]) -> str:
    """Every case, then groups of problems, then all together, as Markdown."""
    head = ["", "holds the truth", "bounded ones that do", *VERDICTS, "truth", "low", "high", "width / truth"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [line(name, [case]) for name, case in cases.items()]
    for group in dict.fromkeys((case["group"], case["n"]) for case in cases.values()):
        members = [case for case in cases.values() if (case["group"], case["n"]) == group]
        lines.append(line(f"**{group[0]}, n={group[1]}**", members))
    return "\n".join([*lines, line("**all**", list(cases.values()))])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="coverage", help="of the record")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    main(**vars(parser.parse_args()))
