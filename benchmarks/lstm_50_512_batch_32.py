"""One LSTM layer of 512 units over 50 steps, batches of 32."""

from benchmarks._sequences import recurrent

WORKLOAD = recurrent("lstm_50_512_batch_32", "lstm", units=512, batch=32, rows=256)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
