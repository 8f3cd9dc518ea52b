"""The loop and the network of PyTorch's "Quickstart": two layers of 512, batches of 64; Adam, 20 epochs."""

import torch
from torch import nn

from benchmarks.sides._table import Encoded
from benchmarks.sides.pytorch import shuffled

EPOCHS = 20


def fit(frame, target, task, seed):
    torch.manual_seed(seed)
    data = Encoded(frame, target, task)
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    y = y[:, None] if data.regression else y
    model = nn.Sequential(
        nn.Linear(x.shape[1], 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, data.outputs)
    )
    cost = nn.MSELoss() if data.regression else nn.CrossEntropyLoss()
    rule = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    for _ in range(EPOCHS):
        for rows, targets in shuffled(x, y, 64):
            rule.zero_grad(set_to_none=True)
            cost(model(rows), targets).backward()
            rule.step()

    @torch.no_grad()
    def predict(test):
        return data.predictions(model(torch.from_numpy(data.features(test))).numpy())

    return predict
