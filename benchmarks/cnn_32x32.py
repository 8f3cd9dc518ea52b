"""Convolutions 3 × 3 to 64 and 128 channels, a max-pooling after each, on images 32 × 32 × 3."""

from benchmarks._images import images

WORKLOAD = images(
    "cnn_32x32",
    "CNN 64-128 on 32 × 32 × 3",
    "cnn",
    side=32,
    widths=(3, 64, 128, 10),
    options={"batch_norm": False, "head": ()},
    rows=512,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
