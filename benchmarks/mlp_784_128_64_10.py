"""A first network for small images: 784-128-64-10, batches of 128."""

from benchmarks._training import NETWORK_SIDES, Training

WORKLOAD = Training(
    name="mlp_784_128_64_10",
    title="MLP 784-128-64-10, batch 128, Adam, float32",
    widths=(784, 128, 64, 10),
    batch=128,
    rows=20_000,
    sides=NETWORK_SIDES,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
