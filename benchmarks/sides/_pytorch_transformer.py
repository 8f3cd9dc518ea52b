"""PyTorch's own encoder layers, pre-norm, under learned places and above a mean over the steps."""

import torch
from torch import nn

from benchmarks._training import Training


class Transformer(nn.Module):
    def __init__(self, task: Training) -> None:
        super().__init__()
        channels, features, *_, classes = task.widths
        self.enter = nn.Linear(channels, features)
        self.positions = nn.Parameter(0.02 * torch.randn(task.data[0].shape[1], features))
        blocks = [
            nn.TransformerEncoderLayer(
                features,
                task.options["heads"],
                4 * features,
                dropout=0.0,
                activation=nn.GELU(),
                batch_first=True,
                norm_first=True,
            )
            for _ in task.widths[1:-1]
        ]
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(features)
        self.output = nn.Linear(features, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.norm(self.blocks(self.enter(x) + self.positions)).mean(dim=1))


def model(task: Training) -> nn.Module:
    return Transformer(task)
