"""Metrics in words, with a 95 % interval where one is simple."""

import math
from typing import Any

from rich.text import Text

from netwright.console.terminal import print_block, print_json, results

Z95 = 1.959963984540054
ORDER = ("accuracy", "balanced_accuracy", "f1_macro", "auc", "r2", "rmse", "mae", "loss")
NAMES = {"f1_macro": "F1 (macro)", "auc": "AUC", "r2": "R²", "rmse": "RMSE", "mae": "MAE"}


def wilson(share: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share p of n independent rows (Wilson 1927, JASA 22:209).

    ``(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)`` with z = 1.96.
    """
    square = Z95**2 / rows
    centre = (share + square / 2) / (1 + square)
    half = Z95 * math.sqrt(share * (1 - share) / rows + square / (4 * rows)) / (1 + square)
    return max(0.0, centre - half), min(1.0, centre + half)


def words(metrics: dict[str, float], rows: int | None) -> list[tuple[str, str]]:
    """Return (name, value in words), the most telling first; ``rows`` is None when rows weigh differently."""
    targets = list(dict.fromkeys(name.partition(".")[2] for name in metrics))
    names = [f"{metric}.{target}".strip(".") for target in targets for metric in ORDER]
    known = [name for name in names if name in metrics]
    return [
        (_name(name), _value(name, metrics[name], rows))
        for name in [*known, *(name for name in metrics if name not in known)]
    ]


def intervals(metrics: dict[str, float], rows: int | None) -> dict[str, tuple[float, float]]:
    """Return the 95 % intervals there are: the accuracy's, when every row weighs the same."""
    return (
        {} if rows is None or "accuracy" not in metrics else {"accuracy": wilson(metrics["accuracy"], rows)}
    )


def print_scores(metrics: dict[str, float], rows: int | None, title: str, opened: int | None) -> None:
    """Print a table of metrics; ``opened`` is how often the test set has been opened."""
    console = results()
    console.print(Text(title, style="bold"))
    print_block(dict(words(metrics, rows)))
    if opened == 1:
        console.print("The test set was opened for the first time; choose by dev, judge by test.")
    elif opened is not None:
        console.print(
            f"The test set has been opened {opened} times; the more choices it has seen, the less it says."
        )


def print_json_of(metrics: dict[str, float], rows: int | None, **about: Any) -> None:
    """Print metrics with their intervals as one JSON object."""
    print_json(about | {"metrics": metrics, "intervals_95": intervals(metrics, rows)})


def _name(name: str) -> str:
    """Return ``accuracy.income`` as "income accuracy"."""
    metric, _, target = name.partition(".")
    return f"{target} {NAMES.get(metric, metric.replace('_', ' '))}".strip()


def _value(name: str, value: float, rows: int | None) -> str:
    text = f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"
    low_high = intervals({name: value}, rows).get(name)
    return text if low_high is None else f"{text}  (95 %: {low_high[0]:.4f} to {low_high[1]:.4f})"
