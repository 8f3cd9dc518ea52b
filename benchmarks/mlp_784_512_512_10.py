"""Matrix products begin to count: 784-512-512-10, batches of 128, in float32 and with bf16 products."""

from benchmarks._training import MIXED_SIDES, NETWORK_SIDES, Training

WORKLOAD = Training(
    name="mlp_784_512_512_10",
    title="MLP 784-512-512-10, batch 128, Adam",
    widths=(784, 512, 512, 10),
    batch=128,
    rows=20_000,
    sides=NETWORK_SIDES | MIXED_SIDES,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
