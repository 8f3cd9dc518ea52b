"""A network so small that only overhead counts: 20-64-64-2, batches of 32."""

from benchmarks._training import NETWORK_SIDES, Training

WORKLOAD = Training(
    name="mlp_20_64_64_2",
    title="MLP 20-64-64-2, batch 32, Adam, float32",
    widths=(20, 64, 64, 2),
    batch=32,
    rows=10_000,
    sides=NETWORK_SIDES,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
