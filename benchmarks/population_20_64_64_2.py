"""32 small networks trained together: 20-64-64-2, batches of 32, members with own seeds and shuffles."""

from benchmarks._training import POPULATION_SIDES, Training

WORKLOAD = Training(
    name="population_20_64_64_2",
    title="Population of 32 MLPs 20-64-64-2, batch 32, Adam, float32 (a step is one step of all members)",
    widths=(20, 64, 64, 2),
    batch=32,
    rows=5_000,
    sides=POPULATION_SIDES,
    members=32,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
