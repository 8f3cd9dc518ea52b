"""One recurrent layer and a linear output of its last state."""

import torch
from torch import nn

from benchmarks._training import Training

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU}


class Recurrent(nn.Module):
    def __init__(self, task: Training) -> None:
        super().__init__()
        channels, units, classes = task.widths
        self.layer = LAYERS[task.kind](channels, units, batch_first=True)
        self.output = nn.Linear(units, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.layer(x)[0][:, -1])


def model(task: Training) -> nn.Module:
    return Recurrent(task)
