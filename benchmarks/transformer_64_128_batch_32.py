"""A Transformer encoder of 4 pre-norm blocks, d = 128, 4 heads, 64 steps, batches of 32."""

from benchmarks._sequences import SEQUENCE_SIDES, SequenceTraining

WORKLOAD = SequenceTraining(
    name="transformer_64_128_batch_32",
    title="Transformer encoder, 4 blocks of 128, 4 heads, inner 512, GELU, 64 steps of 32 numbers, batch 32, Adam",
    widths=(32, 128, 128, 128, 128, 10),
    batch=32,
    rows=320,
    sides=SEQUENCE_SIDES,
    kind="transformer",
    options={"heads": 4, "activation": "gelu", "batch_norm": False, "head": ()},
    length=64,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
