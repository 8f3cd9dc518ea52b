"""How good images become with nothing said: `nw.fit(ds)` beside the small networks of Keras's and PyTorch's guides."""

import json
import time
from collections.abc import Callable
from importlib import import_module
from math import sqrt
from statistics import mean, median, stdev
from typing import Any

from benchmarks._harness import RESULTS, Worker, machine_facts, record

SIDES = {
    "netwright": "images_netwright",
    "netwright MLP": "images_netwright_mlp",
    "netwright ResNet": "images_netwright_resnet",
    "Keras": "images_keras",
    "PyTorch": "images_pytorch",
}
SEEDS = {"digits": range(5), "fashion_mnist": range(3)}
WANTED = {
    ("fashion_mnist", "netwright"): 0.93,
    ("fashion_mnist", "netwright MLP"): 0.89,
    ("digits", "netwright"): 0.985,
}


def main() -> None:
    """Fill in the table, seed by seed; what is in the results already is not run again.

    Every side gets the same training rows, and carves its validation rows from these. Of the digits a fifth is held
    out, another one with each seed; Fashion-MNIST has its own 10,000 test images.
    """
    path = RESULTS / "quality_images.json"
    answers: dict[str, Any] = json.loads(path.read_text())["answers"] if path.is_file() else {}
    machine = machine_facts()
    for dataset, seed in [(name, seed) for name, seeds in SEEDS.items() for seed in seeds]:
        for side in SIDES:
            told = answers.setdefault(dataset, {}).setdefault(side, {})
            if str(seed) in told:
                continue
            worker = Worker("quality_images", side)
            told[str(seed)] = worker.request(dataset=dataset, seed=seed)
            worker.close()
            # After each training: the large ones take an hour, and what is measured stays measured.
            record("quality_images", {"machine": machine, "answers": answers})
    print(
        "## Images: test accuracy, mean with its 95 % interval over rows and seeds, median minutes a training\n"
    )
    print(f"| data | seeds | {' | '.join(SIDES)} |\n|---|---|{'---|' * len(SIDES)}")
    for dataset, sides in answers.items():
        cells = [cell(dataset, side, summary(list(sides[side].values()))) for side in SIDES]
        print(f"| {dataset} | {max(map(len, sides.values()))} | {' | '.join(cells)} |")


def summary(answers: list[dict[str, float]]) -> dict[str, float]:
    """Mean accuracy, and how far it may be off: by the seeds and by the test rows."""
    found, rows = [answer["accuracy"] for answer in answers], answers[0]["rows"]
    share = mean(found)
    seeds = stdev(found) ** 2 / len(found) if len(found) > 1 else 0.0
    return {
        "accuracy": share,
        "half_interval_95": 1.96 * sqrt(share * (1 - share) / rows + seeds),
        "seconds": median(answer["seconds"] for answer in answers),
    }


def cell(dataset: str, side: str, told: dict[str, float]) -> str:
    text = f"{100 * told['accuracy']:.2f} ± {100 * told['half_interval_95']:.2f} %"
    wanted = WANTED.get((dataset, side))
    if wanted is not None:
        text += f" ({'≥' if told['accuracy'] >= wanted else '<'} {100 * wanted:g})"
    return f"{text}, {told['seconds'] / 60:.1f} min"


def open_side(side: str) -> Callable[..., dict[str, float]]:
    """Answer a data set and a seed with the accuracy on its test images."""
    import numpy as np  # the parent process needs none of these
    from sklearn.model_selection import train_test_split

    import netwright as nw

    fit = import_module(f"benchmarks.sides.{SIDES[side]}").fit

    def parts(dataset: str, seed: int) -> list[Any]:
        whole = nw.example(dataset)
        labels = whole.labels.values
        if "test" in whole.given:
            test = whole.given["test"]
            train = np.setdiff1d(np.arange(len(whole)), test)
            images = whole.features.pixels.whole
            return [images[train], images[test], labels[train], labels[test]]
        images = (whole.features.content * 15).astype(np.uint8).reshape(-1, 8, 8, 1)  # sixteen shades of gray
        return train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=seed)

    def answer(dataset: str, seed: int) -> dict[str, float]:
        x, x_test, y, y_test = parts(dataset, seed)
        start = time.perf_counter()
        predicted = fit(x, y, seed)(x_test)
        seconds = time.perf_counter() - start
        return {"accuracy": float(np.mean(predicted == y_test)), "rows": len(y_test), "seconds": seconds}

    return answer
