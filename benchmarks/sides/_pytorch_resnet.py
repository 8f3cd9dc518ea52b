"""A residual network of basic blocks, shapes changed by a 1 × 1 convolution; channels last."""

import torch
from torch import nn
from torch.nn import functional

from benchmarks._training import Training
from benchmarks.sides._pytorch_cnn import ChannelsLast


class Normalized(nn.Sequential):
    def __init__(self, before: int, after: int, size: int, stride: int) -> None:
        super().__init__(nn.Conv2d(before, after, size, stride, size // 2, bias=False), nn.BatchNorm2d(after))


class Block(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = Normalized(before, after, 3, stride), Normalized(after, after, 3, 1)
        nn.init.zeros_(self.second[1].weight)
        same = before == after and stride == 1
        self.shortcut = nn.Identity() if same else Normalized(before, after, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.second(functional.relu(self.first(x))) + self.shortcut(x))


def model(task: Training) -> nn.Module:
    channels, *stages, classes = task.widths
    width = stages[0]
    layers: list[nn.Module] = [Normalized(channels, width, 3, 1), nn.ReLU()]
    for number, after in enumerate(stages):
        for place in range(task.options["blocks"]):
            layers.append(Block(width, after, 2 if number > 0 and place == 0 else 1))
            width = after
    return ChannelsLast(
        nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))
    )
