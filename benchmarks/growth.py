"""How a step's time grows with batch, width, length and rows, and what share of the matrix products' peak it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from benchmarks._harness import Worker, alternate, machine_facts, record
from benchmarks._sequences import SequenceTraining
from benchmarks._training import Training
from benchmarks.cnn_28x28 import WORKLOAD as CNN
from benchmarks.lstm_50_128_batch_32 import WORKLOAD as LSTM
from benchmarks.mlp_784_512_512_10 import WORKLOAD as MLP
from benchmarks.sides.netwright import as_dataset, controls
from benchmarks.transformer_64_128_batch_32 import WORKLOAD as TRANSFORMER

STEPS = 8
"""In an epoch of a point: enough that its start and end count for little."""
PEAK_SIZES = (512, 1024, 2048, 4096)
TURN_SECONDS = 0.3


@dataclass(frozen=True)
class Network:
    """A base workload, and the multiply-adds that one row takes forwards.

    ``products`` counts the matrix products and convolutions alone, as (of the first layer, of the others): backwards
    each takes twice as many, but for the first layer, whose input needs no slope.
    """

    base: Training
    products: Callable[[Any], tuple[float, float]]
    axes: dict[str, tuple[int, ...]]

    def flops(self, task: Training) -> float:
        """Return the floating-point operations of the products of one step."""
        first, others = self.products(task)
        return 2 * task.batch * (2 * first + 3 * others)


def _mlp(task: Training) -> tuple[float, float]:
    layers = [before * after for before, after in pairwise(task.widths)]
    return layers[0], sum(layers[1:])


def _cnn(task: Any) -> tuple[float, float]:
    side, (channels, first, second, classes) = task.side, task.widths
    maps = [side**2 * 9 * channels * first, (side // 2) ** 2 * 9 * first * second]
    return maps[0], maps[1] + (side // 4) ** 2 * second * classes


def _lstm(task: Any) -> tuple[float, float]:
    inputs, units, classes = task.widths
    return task.length * inputs * 4 * units, task.length * units * 4 * units + units * classes


def _transformer(task: Any) -> tuple[float, float]:
    inputs, width, length = task.widths[0], task.widths[1], task.length
    block = length * (4 + 8) * width**2 + 2 * length**2 * width
    return length * inputs * width, len(task.widths[1:-1]) * block + width * task.widths[-1]


NETWORKS = {
    "MLP 784-512-512-10": Network(
        MLP, _mlp, {"batch": (32, 64, 128, 256, 512), "width": (128, 256, 512, 1024)}
    ),
    "CNN 28 × 28, 32-64": Network(CNN, _cnn, {"batch": (16, 32, 64, 128), "width": (16, 32, 64)}),
    "LSTM 128": Network(
        LSTM, _lstm, {"batch": (16, 32, 64, 128), "width": (64, 128, 256), "length": (25, 50, 100, 200)}
    ),
    "Transformer 4 × 128": Network(
        TRANSFORMER,
        _transformer,
        {"batch": (8, 16, 32, 64), "width": (64, 128, 256), "length": (32, 64, 128, 256)},
    ),
}
ROWS = (2_000, 4_000, 8_000, 16_000)
"""Of the MLP: the time of an epoch against the data."""


def main() -> None:
    """Time every point, print a line for each axis, and record them."""
    machine, peak = machine_facts(), asked("peak")["peak"]
    print(f"## Growth: float32, measured peak of matrix products {peak / 1e9:.0f} GFLOP/s\n")
    print("| network | axis | ms/step at each | share of the peak | grows as |\n|---|---|---|---|---|")
    told: dict[str, Any] = {}
    for name, network in NETWORKS.items():
        told[name] = {}
        for axis, values in network.axes.items():
            seconds = asked(name, axis=axis)["seconds"]
            tasks = [changed(network.base, axis, value) for value in values]
            shares = [network.flops(task) / each / peak for task, each in zip(tasks, seconds, strict=True)]
            told[name][axis] = {"values": values, "seconds": seconds, "share_of_peak": shares}
            print(line(name, axis, values, seconds, shares), flush=True)
    epochs = asked("data")["seconds"]
    told["data"] = {"values": ROWS, "seconds": epochs}
    print(
        f"\nAn epoch of the MLP over its rows, {words(ROWS, epochs)}: grows as rows^{power(ROWS, epochs):.2f}"
    )
    record("growth", {"machine": machine, "peak": peak, "networks": told})


def asked(side: str, **fields: Any) -> dict[str, Any]:
    """Return what a fresh process answers."""
    worker = Worker("growth", side)
    try:
        return worker.request(**fields)
    finally:
        worker.close()


def open_side(side: str) -> Callable[..., dict[str, Any]]:
    """Answer "peak", "data", or an axis of a network."""

    def answer(axis: str = "") -> dict[str, Any]:
        if side == "peak":
            return {"peak": measured_peak()}
        if side == "data":
            tasks = [replace(MLP, rows=rows) for rows in ROWS]
            return {"seconds": [one * task.steps for one, task in zip(timed(tasks), tasks, strict=True)]}
        network = NETWORKS[side]
        return {"seconds": timed([changed(network.base, axis, value) for value in network.axes[axis]])}

    return answer


def changed(base: Training, axis: str, value: int) -> Training:
    """Return the workload with another batch, width of all hidden layers, or length; eight steps an epoch."""
    if axis == "batch":
        return replace(base, batch=value, rows=STEPS * value)
    small = replace(base, rows=STEPS * base.batch)
    if axis == "length":
        assert isinstance(small, SequenceTraining)
        return replace(small, length=value)
    factor = value / base.widths[1]
    inner = tuple(round(width * factor) for width in base.widths[1:-1])
    return replace(small, widths=(base.widths[0], *inner, base.widths[-1]))


def timed(tasks: list[Training]) -> list[float]:
    """Return the seconds of a step of each workload: medians of alternated turns."""
    import netwright as nw

    def side(task: Training) -> Callable[[int], float]:
        dataset = as_dataset(task)

        def train(epochs: int) -> float:
            run = nw.fit(dataset, controls(task, epochs, "float32"), seed=0, progress=False)
            return float(run.history["seconds"].sum())

        train(2)
        return train

    turns = alternate({str(i): side(task) for i, task in enumerate(tasks)}, round_seconds=TURN_SECONDS)
    return [median(turns[str(i)]) / task.steps for i, task in enumerate(tasks)]


def measured_peak() -> float:
    """Return the floating-point operations a second of the fastest square float32 product, in its fastest turn."""
    import jax
    import jax.numpy as jnp

    product = jax.jit(jnp.dot)

    def side(size: int) -> Callable[[int], float]:
        a = jnp.asarray(np.random.default_rng(0).standard_normal((size, size), dtype=np.float32))
        product(a, a).block_until_ready()

        def multiply(times: int) -> float:
            start = time.perf_counter()
            for _ in range(times):
                product(a, a).block_until_ready()
            return time.perf_counter() - start

        return multiply

    turns = alternate({str(size): side(size) for size in PEAK_SIZES}, round_seconds=TURN_SECONDS)
    return max(2 * size**3 / min(turns[str(size)]) for size in PEAK_SIZES)


def power(values: tuple[int, ...], seconds: list[float]) -> float:
    """Return the exponent of the power law through the points, by least squares of the logarithms."""
    return float(np.polyfit(np.log(values), np.log(seconds), 1)[0])


def line(name: str, axis: str, values: tuple[int, ...], seconds: list[float], shares: list[float]) -> str:
    """Return a row of the table."""
    told = ", ".join(f"{share:.0%}" for share in shares)
    return f"| {name} | {axis} | {words(values, seconds)} | {told} | {axis}^{power(values, seconds):.2f} |"


def words(values: tuple[int, ...], seconds: list[float]) -> str:
    """Return each value with its milliseconds."""
    return ", ".join(f"{value:,}: {1e3 * each:.3g} ms" for value, each in zip(values, seconds, strict=True))
