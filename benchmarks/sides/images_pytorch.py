"""The network of PyTorch's "Basic MNIST Example": two convolutions, dropout, Adadelta, batches of 64, 14 epochs.

Its one pooling follows both convolutions; the rate falls by 0.7 after each epoch.
"""

import numpy as np
import torch
from torch import nn

from benchmarks.sides.pytorch import shuffled

EPOCHS = 14


def fit(images, target, seed):
    torch.manual_seed(seed)
    x, y = tensor(images), torch.from_numpy(target.astype(np.int64))
    side = (images.shape[1] - 4) // 2
    model = nn.Sequential(
        nn.Conv2d(images.shape[3], 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(64 * side * side, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, int(target.max()) + 1),
    )
    rule = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(rule, step_size=1, gamma=0.7)
    cost = nn.CrossEntropyLoss()
    for _ in range(EPOCHS):
        for rows, targets in shuffled(x, y, 64):
            rule.zero_grad(set_to_none=True)
            cost(model(rows), targets).backward()
            rule.step()
        schedule.step()
    model.eval()

    @torch.no_grad()
    def predict(test):
        return torch.cat([model(part).argmax(dim=1) for part in tensor(test).split(1000)]).numpy()

    return predict


def tensor(images):
    scaled = (images.astype(np.float32) / 255 - 0.1307) / 0.3081
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 3, 1, 2)))
