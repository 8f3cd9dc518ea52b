"""Single layers, forwards and back, type with type: native kernels, pure JAX kernels and PyTorch eager."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks._harness import Timing, Worker, alternate, machine_facts, record

SIDES = ("native", "pure JAX", "PyTorch")
TYPES = ("float32", "bfloat16")


@dataclass(frozen=True)
class Convolution:
    """Images (batch, size, size, n_in) by a square kernel to n_out channels, "SAME" padding."""

    size: int
    n_in: int
    kernel: int
    n_out: int
    stride: int = 1
    batch: int = 64

    def jax(self, precision: str) -> tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]:
        from netwright.nn.kernels.conv import conv2d

        strides = (self.stride, self.stride)
        shapes = (
            (self.batch, self.size, self.size, self.n_in),
            (self.kernel, self.kernel, self.n_in, self.n_out),
        )
        return lambda x, w: conv2d(x, w, strides=strides, precision=precision), shapes

    def torch(self) -> tuple[Callable[..., Any], list[Any]]:
        import torch

        layer = torch.nn.Conv2d(
            self.n_in, self.n_out, self.kernel, self.stride, self.kernel // 2, bias=False
        ).to(memory_format=torch.channels_last)
        x = torch.randn(self.batch, self.n_in, self.size, self.size).to(memory_format=torch.channels_last)
        return layer, [x.requires_grad_(), *layer.parameters()]


@dataclass(frozen=True)
class Recurrence:
    """Sequences (batch, 50, units) through one layer of as many units."""

    kind: str
    units: int
    batch: int

    def jax(self, precision: str) -> tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]:
        from netwright.nn.kernels import recurrent

        n = {"lstm": 4, "gru": 3}[self.kind] * self.units
        shapes = ((self.batch, 50, self.units), (self.units, n), (self.units, n), (4 * self.units,))
        layer = getattr(recurrent, self.kind)
        return lambda *arrays: layer(*arrays, precision=precision), shapes

    def torch(self) -> tuple[Callable[..., Any], list[Any]]:
        import torch

        layer = getattr(torch.nn, self.kind.upper())(self.units, self.units, batch_first=True)
        x = torch.randn(self.batch, 50, self.units).requires_grad_()
        return lambda x: layer(x)[0], [x, *layer.parameters()]


LAYERS = {
    "conv 3×3 64-64 @16": Convolution(16, 64, 3, 64),
    "conv 5×5 32-64 @14": Convolution(14, 32, 5, 64),
    "conv 1×1 64-128 @16": Convolution(16, 64, 1, 128),
    "conv 3×3 stride 2 64-128 @16": Convolution(16, 64, 3, 128, stride=2),
    "conv 3×3 16-16 @32": Convolution(32, 16, 3, 16),
    "LSTM 128, batch 32": Recurrence("lstm", 128, 32),
    "LSTM 128, batch 128": Recurrence("lstm", 128, 128),
    "LSTM 512, batch 32": Recurrence("lstm", 512, 32),
    "GRU 128, batch 32": Recurrence("gru", 128, 32),
}


def open_side(name: str) -> Callable[..., dict[str, Any]]:
    """``layer|side|type`` → the answers of its process: seconds of so many passes forwards and back."""
    layer, side, number = name.split("|")
    step = _torch_step if side == "PyTorch" else _jax_step
    os.environ["NETWRIGHT_NATIVE"] = "0" if side == "pure JAX" else "1"
    run = step(LAYERS[layer], number == "bfloat16")

    def answer(epochs: int | None) -> dict[str, Any]:
        start = time.perf_counter()
        for _ in range(epochs or 3):
            run()
        return {"seconds": time.perf_counter() - start}

    return answer


def _jax_step(layer: Convolution | Recurrence, low: bool) -> Callable[[], Any]:
    import jax
    import numpy as np

    from netwright.nn.kernels import native

    if os.environ["NETWRIGHT_NATIVE"] == "1" and not native.available():
        raise RuntimeError(native.status().says)
    function, shapes = layer.jax("mixed" if low else "float32")
    draw = np.random.default_rng(0).standard_normal
    arrays = [jax.device_put(draw(shape, dtype=np.float32) / shape[-1] ** 0.5) for shape in shapes]
    slope = jax.device_put(draw(jax.eval_shape(function, *arrays).shape, dtype=np.float32))

    def passes(slope: Any, *arrays: Any) -> Any:
        y, back = jax.vjp(function, *arrays)
        return y, back(slope)

    compiled = jax.jit(passes)
    return lambda: jax.block_until_ready(compiled(slope, *arrays))


def _torch_step(layer: Convolution | Recurrence, low: bool) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(2)
    function, leaves = layer.torch()

    def forward() -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=low):
            return function(leaves[0])

    slope = torch.randn_like(forward())
    return lambda: torch.autograd.grad(forward(), leaves, slope)


def main() -> None:
    """Print the table and write the record."""
    machine, rows = machine_facts(), []
    print(
        "| layer | type | native ms | pure JAX ms | PyTorch ms | PyTorch / native |\n|---|---|---|---|---|---|"
    )
    for layer in LAYERS:
        for number in TYPES:
            workers = {side: Worker("native", f"{layer}|{side}|{number}") for side in SIDES}
            for worker in workers.values():
                worker.request(epochs=None)
            seconds = alternate({side: worker.seconds for side, worker in workers.items()}, round_seconds=0.2)
            for worker in workers.values():
                worker.close()
            found = {side: 1e3 * Timing(side, seconds[side], {}).median for side in SIDES}
            ratio = found["PyTorch"] / found["native"]
            print(
                f"| {layer} | {number} | {' | '.join(f'{ms:.2f}' for ms in found.values())} | {ratio:.2f} |",
                flush=True,
            )
            rows.append(
                {"layer": layer, "type": number, "milliseconds": found, "ratio": ratio, "rounds": seconds}
            )
    record("native", {"title": "Single layers, forwards and back", "machine": machine, "layers": rows})
