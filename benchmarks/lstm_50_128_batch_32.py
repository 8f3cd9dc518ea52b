"""One LSTM layer of 128 units over 50 steps, batches of 32."""

from benchmarks._sequences import recurrent

WORKLOAD = recurrent("lstm_50_128_batch_32", "lstm", units=128, batch=32, rows=640)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
