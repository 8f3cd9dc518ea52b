"""A residual network of 20 layers, 16-32-64 channels with batch normalization, on images 32 × 32 × 3."""

from benchmarks._images import images

WORKLOAD = images(
    "resnet_20",
    "ResNet-20 on 32 × 32 × 3",
    "resnet",
    side=32,
    widths=(3, 16, 32, 64, 10),
    options={"batch_norm": True, "blocks": 3, "head": ()},
    rows=256,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
