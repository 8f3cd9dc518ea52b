"""Shift on real data: what is found, its type and harm, and what each remedy does to the target error."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

import netwright as nw
from benchmarks._harness import machine_facts, record
from netwright.core.errors import ControlError
from netwright.diagnose.shift.report import REMEDIES
from netwright.improve.remedies import Study

SEEDS = 3
COUNTRY = "native-country"
HOME = "United-States"
HOME_ROWS = 8000


class Case(NamedTuple):
    """A data set to train on, and target rows: those to adapt to, and labelled ones to judge by."""

    name: str
    dataset: nw.Dataset
    adapt: Any
    judge: tuple[Any, Any]
    controls: nw.Controls


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks shift")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds, cases = range(parser.parse_known_args()[0].seeds), {}
    print(
        f"## Shift on real data: target error with and without remedies, {len(seeds)} paired seeds, 90 % intervals\n"
    )
    print("| case | shifted | type | harm | remedy | target error | difference | P(better) | admitted |")
    print("|---|---|---|---|---|---|---|---|---|")
    for case in (*digits(), *adult(), texts()):
        cases[case.name] = tried(case, seeds)
        # After each case: what is measured stays measured.
        record("shift", {"machine": machine_facts(), "seeds": len(seeds), "cases": cases})


def tried(case: Case, seeds: range) -> dict[str, Any]:
    """Detect with a trained model's outputs on its dev rows; then try every remedy, admitted or not."""
    study = Study.of(case.dataset, case.adapt, case.controls, seeds)
    dev = study.prepared.splits.dev
    predictor, (X, y) = study.untreated[0], case.judge
    source = case.dataset.features.take(dev)
    report = nw.shift.detect(
        source,
        X,
        outputs=(predictor.outputs(source), predictor.outputs(X)),
        y_train=case.dataset.labels.labels(dev),
        y_target=y,
    )
    told: dict[str, Any] = {"report": report.to_json(), "remedies": {}}
    head = f"| {case.name} | {'yes' if report.shifted else 'no'} | {report.type} | {report.harm} |"
    for name in sorted({name for names in REMEDIES.values() for name in names}):
        admitted = name in report.remedies
        try:
            found = nw.shift.remedy(name, study)
        except ControlError as error:
            told["remedies"][name] = {"refused": str(error)}
            continue
        proof = found.verify(X, y)
        told["remedies"][name] = {**asdict(proof), "note": found.note, "admitted": admitted}
        print(
            f"{head} {name} | {100 * proof.before:.2f} → {100 * proof.after:.2f} % | {proof.change.interval} | "
            f"{proof.change.p_lower:.2f} | {'yes' if admitted else 'no'} |",
            flush=True,
        )
        head = "| | | | |"
    return told


def controls(epochs: int) -> nw.Controls:
    """A network of batch normalization, so that AdaBN has something to adapt; all else by default."""
    return nw.Controls(
        architecture=nw.Architecture(hidden=(64, 32), batch_norm=True),
        optimization=nw.Optimization(epochs=epochs),
        data=nw.DataControls(test_fraction=0),
    )


def adult() -> Iterator[Case]:
    """Train on people born in the United States; the others are the target."""
    whole = nw.example("adult")
    frame, labels = whole.features.content, whole.labels.labels(np.arange(len(whole)))
    home = (frame[COUNTRY] == HOME).fill_null(True).to_numpy()
    frame = frame.drop(COUNTRY)
    rng = np.random.default_rng(0)
    rows, others = (rng.permutation(np.flatnonzero(part)) for part in (home, ~home))
    rows = rows[:HOME_ROWS]
    half = len(others) // 2
    yield Case(
        "adult: born elsewhere",
        nw.Dataset.from_arrays(frame[rows], labels[rows], name="adult at home"),
        frame[others[:half]],
        (frame[others[half:]], labels[others[half:]]),
        controls(epochs=8),
    )


def texts() -> Case:
    """Train on sentences of film reviews; short messages of Twitter are the target. All controls by default."""
    tweets = nw.example("tweets")
    frame, labels = tweets.features.content, tweets.labels.labels(np.arange(len(tweets)))
    rows = np.random.default_rng(0).permutation(len(tweets))
    adapt, judge = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    return Case(
        "movie snippets → tweets",
        nw.example("movie_snippets"),
        frame[adapt],
        (frame[judge], labels[judge]),
        nw.Controls(data=nw.DataControls(test_fraction=0)),
    )


def digits() -> Iterator[Case]:
    """Train on clean digits; half of the others are corrupted."""
    whole = nw.example("digits")
    X, y = whole.features.content.astype(np.float32), whole.labels.labels(np.arange(len(whole)))
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(X))
    train, adapt, judge = rows[:900], rows[900:1350], rows[1350:]
    for name, corrupt in CORRUPTIONS.items():
        yield Case(
            f"digits: {name}",
            nw.Dataset.from_arrays(X[train], y[train], name="digits"),
            corrupt(X[adapt], rng),
            (corrupt(X[judge], rng), y[judge]),
            controls(epochs=25),
        )


def blurred(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(X.reshape(-1, 8, 8), (0, 0.6, 0.6)).reshape(len(X), 64)


def noisy(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(X + rng.normal(0, 5, X.shape), 0, 16).astype(np.float32)


def pale(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 6 + 0.35 * X


def unchanged(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return X


CORRUPTIONS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "contrast": pale,
    "blur": blurred,
    "noise": noisy,
    "none": unchanged,
}
