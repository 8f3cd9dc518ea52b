"""One GRU layer of 128 units over 50 steps, batches of 128."""

from benchmarks._sequences import recurrent

WORKLOAD = recurrent("gru_50_128_batch_128", "gru", units=128, batch=128, rows=1280)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
