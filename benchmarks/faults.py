"""The fault bench: planted faults and healthy trainings; are faults found, the right control first, no false alarms?

Evidence is measured once for each training and kept in netwright's cache folder, so that an interruption loses
nothing; it is measured again when the code that measures changes. The checks judge it anew each time. Thresholds
were set by looking at the calibration sets only; the table is of the other half, whose sets were opened once.
"""

import ast
import hashlib
import inspect
import os
import pickle
import time
from functools import cache
from pathlib import Path
from typing import Any

import netwright as nw
from benchmarks._faults_data import CALIBRATION
from benchmarks._faults_plants import BASE, Plant, Setup, setups
from benchmarks._harness import record
from benchmarks._machine import facts
from netwright.core import catalog
from netwright.diagnose.evidence import Evidence
from netwright.diagnose.finding import Finding
from netwright.train.compile_cache import cache_folder

SOURCE = Path(nw.__file__).parent
MEASURING = (
    *sorted((SOURCE / "measure" / "evidence").glob("*.py")),
    SOURCE / "measure" / "range_test.py",
    SOURCE / "diagnose" / "evidence.py",
    Path(__file__).parent / "_faults_data.py",
)
JUDGING = tuple(sorted((SOURCE / "diagnose" / "checks").glob("*.py")))
SAVE_SECONDS = 60.0
Z = 1.645
GOALS = {"detected": 0.95, "right control first": 0.90, "false alarms": 0.03}


def main() -> None:
    """Measure what is not measured yet, judge all, print and record the table."""
    folder = cache_folder() / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    saved = time.monotonic()
    # Two processes may share the work: each begins elsewhere.
    todo = sorted(setups(), key=lambda setup: hashlib.sha256(f"{setup.id}{os.getpid()}".encode()).digest())
    for i, setup in enumerate(todo):
        path = place(folder, setup)
        if not path.exists():
            start = time.monotonic()
            keep(path, measure(setup))
            print(f"{i + 1}/{len(todo)} {setup.id}: {time.monotonic() - start:.1f} s", flush=True)
            if time.monotonic() - saved > SAVE_SECONDS:
                save(folder)
                saved = time.monotonic()
    save(folder)
    print(table(judge_all(folder)))


def place(folder: Path, setup: Setup) -> Path:
    """Return where the evidence of a training is kept: a name that changes with all that it depends on."""
    rows = "" if setup.plant is None or setup.plant.rows is None else inspect.getsource(setup.plant.rows)
    told = f"{digest(MEASURING)}{setup.id}{BASE.to_json()}{setup.all_settings}{rows}".encode()
    return folder / f"{setup.id.replace('/', '.')}.{hashlib.sha256(told).hexdigest()[:12]}.pickle"


def measure(setup: Setup) -> Evidence:
    """Train, and gather the evidence, the shift test included."""
    from netwright.diagnose.shift.detect import detect  # the table alone needs none of these
    from netwright.measure.evidence import gather

    run, dataset = setup.train()
    splits = dataset.splits(run.controls.data)
    shift = detect(dataset.features.take(splits.train), dataset.features.take(splits.dev))
    return gather(run, shift=shift)


def keep(path: Path, evidence: Evidence) -> None:
    """Write the evidence whole or not at all."""
    part = path.with_suffix(f".{os.getpid()}.tmp")
    part.write_bytes(pickle.dumps(evidence))
    part.replace(path)


def judge(evidence: Evidence) -> list[Finding]:
    """Return what all checks say, the gravest first."""
    said = [catalog.load("diagnose.checks", name)(evidence) for name in catalog.names("diagnose.checks")]
    return sorted(said, key=lambda finding: -finding.severity)


def judge_all(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the outcome of each training measured so far."""
    outcomes: dict[str, dict[str, Any]] = {}
    for setup in setups():
        path = place(folder, setup)
        if path.exists():
            # Written by this program into the user's own cache folder.
            outcomes[setup.id] = outcome(setup, judge(pickle.loads(path.read_bytes())))
    return outcomes


def outcome(setup: Setup, findings: list[Finding]) -> dict[str, Any]:
    """Score the findings of one training."""
    found = [finding for finding in findings if finding.status == "found"]
    told: dict[str, Any] = {
        "half": half(setup),
        "found": [
            {
                "check": f.check,
                "control": f.prescription.control if f.prescription else "",
                "evidence": f.evidence,
            }
            for f in found
        ],
        "looked": sum(finding.status != "not measured" for finding in findings),
    }
    if setup.plant is None:
        return told | {"false_alarms": len(found)}
    return told | {"detected": detected(setup.plant, found), "right_first": right_first(setup.plant, found)}


def detected(plant: Plant, found: list[Finding]) -> bool:
    """Whether any finding names the fault, or prescribes what mends it."""
    return any(
        f.check in plant.checks or (f.prescription is not None and f.prescription.control in plant.controls)
        for f in found
    )


def right_first(plant: Plant, found: list[Finding]) -> bool:
    """Whether the gravest finding prescribes a control that mends the fault."""
    return (
        bool(found) and found[0].prescription is not None and found[0].prescription.control in plant.controls
    )


def half(setup: Setup) -> str:
    """Return "calibration" or "report": whether thresholds were set by looking at its data set."""
    return "calibration" if setup.dataset in CALIBRATION else "report"


def save(folder: Path) -> None:
    """Record every outcome so far, with the code's digests."""
    outcomes = judge_all(folder)
    record(
        "faults",
        {
            "machine": facts(),
            "measuring": digest(MEASURING),
            "judging": digest(JUDGING),
            "setups": len(setups()),
            "summary": {name: summary(outcomes, name) for name in ("report", "calibration")},
            "outcomes": outcomes,
        },
    )


def summary(outcomes: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """Return counts and Wilson intervals of one half."""
    mine = [told for told in outcomes.values() if told["half"] == name]
    faulty = [told for told in mine if "detected" in told]
    healthy = [told for told in mine if "false_alarms" in told]
    return {
        "detected": share(sum(told["detected"] for told in faulty), len(faulty)),
        "right control first": share(sum(told["right_first"] for told in faulty), len(faulty)),
        "false alarms": share(
            sum(told["false_alarms"] for told in healthy), sum(t["looked"] for t in healthy)
        ),
        "healthy runs with an alarm": share(sum(t["false_alarms"] > 0 for t in healthy), len(healthy)),
    }


def share(count: int, total: int) -> dict[str, float]:
    """Return a share with its Wilson interval at 90 %."""
    if total == 0:
        return {"count": 0, "total": 0}
    p, z2 = count / total, Z**2 / total
    centre, half = (p + z2 / 2) / (1 + z2), Z * (p * (1 - p) / total + z2 / (4 * total)) ** 0.5 / (1 + z2)
    return {
        "count": count,
        "total": total,
        "share": p,
        "low": max(0.0, centre - half),
        "high": min(1.0, centre + half),
    }


def table(outcomes: dict[str, dict[str, Any]]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "## Fault bench, with Wilson intervals at 90 %\n",
        "| | report half | calibration half | goal |",
        "|---|---|---|---|",
    ]
    halves = [summary(outcomes, name) for name in ("report", "calibration")]
    for name in halves[0]:
        goal = f"{GOALS[name]:.0%}" if name in GOALS else ""
        lines.append(f"| {name} | {' | '.join(words(told[name]) for told in halves)} | {goal} |")
    lines += ["\n| fault | detected | right control first | of |", "|---|---|---|---|"]
    for plant in dict.fromkeys(setup.name for setup in setups() if setup.plant is not None):
        told = [o for id, o in outcomes.items() if id.startswith(f"{plant}/") and o["half"] == "report"]
        lines.append(
            f"| {plant} | {sum(o['detected'] for o in told)} | {sum(o['right_first'] for o in told)} | {len(told)} |"
        )
    return "\n".join(lines)


def words(told: dict[str, float]) -> str:
    if not told["total"]:
        return "none yet"
    return f"{told['share']:.1%} [{told['low']:.1%}, {told['high']:.1%}] of {told['total']}"


@cache
def digest(files: tuple[Path, ...]) -> str:
    """Return a short SHA-256 over what the files compute: not over their comments, layout and docstrings."""
    return hashlib.sha256("".join(map(_code, files)).encode()).hexdigest()[:16]


def _code(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    return ast.dump(tree)
