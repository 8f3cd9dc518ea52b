"""Convolutions 3 × 3 to 32 and 64 channels, a max-pooling after each, on images 28 × 28 × 1."""

from benchmarks._images import images

WORKLOAD = images(
    "cnn_28x28",
    "CNN 32-64 on 28 × 28 × 1",
    "cnn",
    side=28,
    widths=(1, 32, 64, 10),
    options={"batch_norm": False, "head": ()},
    rows=1280,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
