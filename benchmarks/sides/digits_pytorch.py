"""``python -m benchmarks.sides.digits_pytorch digits.csv``."""

import sys

import torch

from benchmarks._digits import BATCH, EPOCHS, HIDDEN, RATE, standardized
from benchmarks.sides.pytorch import functional, perceptron, shuffled

x, y, x_test, y_test = (torch.from_numpy(part) for part in standardized(sys.argv[1]))
model = perceptron((x.shape[1], *HIDDEN, 10))
rule = torch.optim.Adam(model.parameters(), RATE, fused=True)
for _ in range(EPOCHS):
    for rows, labels in shuffled(x, y, BATCH):
        rule.zero_grad(set_to_none=True)
        functional.cross_entropy(model(rows), labels).backward()
        rule.step()
with torch.no_grad():
    print(f"accuracy {(model(x_test).argmax(1) == y_test).float().mean():.3f}")
