"""Convolution, ReLU and max-pooling for each width, then a linear output; channels last."""

from itertools import pairwise

import torch
from torch import nn

from benchmarks._training import Training


class ChannelsLast(nn.Module):
    """Takes images (m, H, W, C): seen as (m, C, H, W) they lie in memory as PyTorch's ``channels_last``."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x.permute(0, 3, 1, 2))


def model(task: Training) -> nn.Module:
    layers: list[nn.Module] = []
    side = task.data[0].shape[1] // 2 ** (len(task.widths) - 2)
    for before, after in pairwise(task.widths[:-1]):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return ChannelsLast(
        nn.Sequential(*layers, nn.Flatten(), nn.Linear(side**2 * task.widths[-2], task.widths[-1]))
    )
