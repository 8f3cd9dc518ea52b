"""Only matrix products count: 784-2048-2048-10, batches of 256, in float32 and with bf16 products."""

from benchmarks._training import MIXED_SIDES, NETWORK_SIDES, Training

WORKLOAD = Training(
    name="mlp_784_2048_2048_10",
    title="MLP 784-2048-2048-10, batch 256, Adam",
    widths=(784, 2048, 2048, 10),
    batch=256,
    rows=5_000,
    sides=NETWORK_SIDES | MIXED_SIDES,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
