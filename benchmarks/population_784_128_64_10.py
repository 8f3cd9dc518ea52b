"""32 networks for small images trained together: 784-128-64-10, batches of 128, members with own shuffles."""

from benchmarks._training import POPULATION_SIDES, Training

WORKLOAD = Training(
    name="population_784_128_64_10",
    title="Population of 32 MLPs 784-128-64-10, batch 128, Adam, float32 (a step is one step of all members)",
    widths=(784, 128, 64, 10),
    batch=128,
    rows=5_000,
    sides=POPULATION_SIDES,
    members=32,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
