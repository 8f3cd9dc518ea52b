"""Logistic regression, 1,000,000 rows of 100 features, batches of 8192: memory and the shuffle count."""

from benchmarks._training import LOGISTIC_SIDES, Training

WORKLOAD = Training(
    name="logistic_8192",
    title="Logistic regression 1,000,000 x 100, batch 8192, SGD, float32",
    widths=(100, 1),
    batch=8192,
    rows=1_000_000,
    sides=LOGISTIC_SIDES,
    rule="sgd",
    learning_rate=0.5,
)
open_side, main = WORKLOAD.open_side, WORKLOAD.main
