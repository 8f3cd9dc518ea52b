"""The loop that users of Optuna and Ray Tune write: one configuration trained by PyTorch, as fast as it goes."""

import torch
from torch import nn
from torch.nn import functional

from benchmarks._tuning import BATCH, Configuration, Work


def train(work: Work, configuration: Configuration, threads: int = 2) -> float:
    """Return the dev error after the last epoch."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    x, y, x_dev, y_dev = (torch.from_numpy(array) for array in work.data)
    model = _network(x.shape[1], configuration, work.classes)
    rule = torch.optim.AdamW(
        model.parameters(),
        lr=configuration.learning_rate,
        weight_decay=configuration.weight_decay,
        fused=True,
    )
    for _ in range(work.epochs):
        order = torch.randperm(len(x))
        inputs, labels = x[order], y[order]
        for start in range(0, len(x), BATCH):
            rule.zero_grad(set_to_none=True)
            part = slice(start, start + BATCH)
            functional.cross_entropy(model(inputs[part]), labels[part]).backward()
            rule.step()
    model.eval()
    with torch.no_grad():
        return float((model(x_dev).argmax(1) != y_dev).float().mean())


def _network(inputs: int, configuration: Configuration, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in configuration.hidden:
        layers += [nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(configuration.dropout)]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))
