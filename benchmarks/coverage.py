"""Do intervals of the Bayes error hold the truth: nominal 90 % on problems solved exactly.

``python -m benchmarks.coverage --repeats 40 --seed 0`` for other numbers. What is measured is kept, so that a run that was
stopped goes on where it was.
"""

import argparse
import json
from itertools import groupby
from math import sqrt
from time import perf_counter
from typing import Any

import numpy as np

import netwright as nw
from benchmarks._exact import Problem, problems
from benchmarks._harness import RESULTS, machine_facts, record

SIZES = (500, 2000)
REPEATS = 40
CONFIDENCE = 0.9
VERDICTS = ("bounded", "upper only", "not identified")


def main(repeats: int = REPEATS, seed: int = 0, name: str = "coverage", only: str = "") -> None:
    """Measure every problem at every size, then print the table."""
    machine = machine_facts()
    cases = kept(name, seed)
    for problem in problems():
        for n in SIZES:
            key = f"{problem.name}, n={n}"
            if only not in key or len(cases.get(key, {}).get("draws", ())) >= repeats:
                continue
            cases[key] = measure(problem, n, repeats, seed)
            print(line(key, [cases[key]]), flush=True)
            record(name, {"confidence": CONFIDENCE, "seed": seed, "machine": machine, "cases": cases})
    print(f"\n{table(list(cases.values()))}\n")


def kept(name: str, seed: int) -> dict[str, Any]:
    """The cases on record, where they were drawn from the same seed."""
    path = RESULTS / f"{name}.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return known["cases"] if known.get("seed") == seed else {}


def measure(problem: Problem, n: int, repeats: int, seed: int) -> dict[str, Any]:
    """Draw fresh rows ``repeats`` times; each draw: low, estimate, high, verdict."""
    draws: list[tuple[float | None, float | None, float, str]] = []
    start = perf_counter()
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat, n, *problem.name.encode()])
        X, y = problem.draw(rng, n)
        found = nw.bayes.estimate(X, y, confidence=CONFIDENCE, task=problem.task, seed=repeat)
        draws.append((found.low, found.estimate, found.high, found.verdict))
    seconds = (perf_counter() - start) / repeats
    return {
        "group": problem.group,
        "n": n,
        "truth": problem.truth,
        "seconds": round(seconds, 2),
        "draws": draws,
    }


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
    """One row: coverage of all, and of bounded answers; share of each verdict; widths over the truth."""
    told = [(case, draw) for case in cases for draw in case["draws"]]
    bounded = [(case, draw) for case, draw in told if draw[3] == "bounded"]
    identified = [(case, draw) for case, draw in told if draw[3] != "not identified"]
    cells = [name]
    for chosen in (identified, bounded):
        hits = sum(holds(case, draw) for case, draw in chosen)
        low, high = wilson(hits, len(chosen))
        cells.append(f"{hits / len(chosen):.1%} [{low:.1%}, {high:.1%}]" if chosen else "—")
    cells += [f"{sum(draw[3] == verdict for _, draw in told) / len(told):.0%}" for verdict in VERDICTS]
    truths = {case["truth"] for case in cases}
    cells.append(f"{truths.pop():.4g}" if len(truths) == 1 else "")
    for ends in (lambda d: d[0], lambda d: d[2]) if len(cases) == 1 else ():
        shown = [ends(draw) for _, draw in told if ends(draw) is not None]
        cells.append(f"{np.mean(shown):.4g}" if shown else "—")
    if len(cases) > 1:
        cells += ["", ""]
    widths = [(draw[2] - draw[0]) / case["truth"] for case, draw in bounded]
    cells.append(f"{np.mean(widths):.2f}" if widths else "—")
    return f"| {' | '.join(cells)} |"


def table(cases: list[dict[str, Any]]) -> str:
    """Groups of problems and all together, as Markdown."""
    head = ["", "holds the truth", "bounded ones that do", *VERDICTS, "truth", "low", "high", "width / truth"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]

    def order(case: dict[str, Any]) -> tuple[str, int]:
        return case["group"], case["n"]

    for (group, n), members in groupby(sorted(cases, key=order), order):
        lines.append(line(f"{group}, n={n}", list(members)))
    return "\n".join([*lines, line("all", cases)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="coverage", help="of the record")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    main(**vars(parser.parse_args()))
