"""PyTorch at its fastest on a processor: rows gathered once an epoch, fused rule, no DataLoader, no log.

One gather of the shuffled epoch was as fast as ``index_select`` per step or faster in every workload tried.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks._harness import THREADS
from benchmarks._training import Learner, Training, timed

torch.set_num_threads(THREADS)
torch.manual_seed(0)


def eager(task: Training) -> Learner:
    return _network(task, compiled=False, bf16=False)


def compiled(task: Training) -> Learner:
    """The network and its cost compiled, as the documentation shows; the fused rule beats a compiled one."""
    return _network(task, compiled=True, bf16=False)


def autocast(task: Training) -> Learner:
    return _network(task, compiled=False, bf16=True)


def autocast_compiled(task: Training) -> Learner:
    return _network(task, compiled=True, bf16=True)


def serial(task: Training) -> Learner:
    """The members one after another: the time of one, as often as there are members."""
    learner = _network(task, compiled=False, bf16=False)
    return learner._replace(train=lambda epochs: task.members * learner.train(epochs))


def _network(task: Training, compiled: bool, bf16: bool) -> Learner:
    model = model_of(task)
    rule = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[task.rule](
        model.parameters(), lr=task.learning_rate, fused=True
    )
    inputs, labels = tensors(task)

    def cost(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            return cost_of(task)(model(x), y)

    if compiled:
        cost = torch.compile(cost, dynamic=False)

    def epoch() -> None:
        for x, y in shuffled(inputs, labels, task.batch):
            rule.zero_grad(set_to_none=True)
            cost(x, y).backward()
            rule.step()

    return Learner(timed(epoch), lambda: likelihood(task, model(inputs)))


def compiled_step(task: Training) -> Learner:
    """Cost, gradient and rule as one compiled function: past what its guide shows, and faster when small."""
    model = perceptron(task.widths)
    weights = {name: value.detach().clone() for name, value in model.named_parameters()}
    inputs, labels = tensors(task)

    def cost(weights: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return cost_of(task)(torch.func.functional_call(model, weights, (x,)), y)

    step = _compiled_step(task, weights, cost)

    def epoch() -> None:
        for x, y in shuffled(inputs, labels, task.batch):
            step(x, y)

    def probabilities() -> np.ndarray:
        return likelihood(task, torch.func.functional_call(model, weights, (inputs,)))

    return Learner(timed(epoch), probabilities)


def _compiled_step(task: Training, weights: dict[str, torch.Tensor], cost: Callable[..., torch.Tensor]):
    first = {name: torch.zeros_like(value) for name, value in weights.items()}
    second = {name: torch.zeros_like(value) for name, value in weights.items()}

    def adam(gradient: dict[str, torch.Tensor], count: torch.Tensor) -> None:
        rate = task.learning_rate * torch.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        for name, value in weights.items():
            first[name].mul_(0.9).add_(gradient[name], alpha=0.1)
            second[name].mul_(0.999).addcmul_(gradient[name], gradient[name], value=0.001)
            value.sub_(rate * first[name] / (second[name].sqrt() + 1e-8))

    def sgd(gradient: dict[str, torch.Tensor], count: torch.Tensor) -> None:
        for name, value in weights.items():
            value.sub_(gradient[name], alpha=task.learning_rate)

    rule = {"adam": adam, "sgd": sgd}[task.rule]
    count = torch.zeros(())

    @torch.no_grad()
    @torch.compile(dynamic=False)
    def step(x: torch.Tensor, y: torch.Tensor) -> None:
        count.add_(1)
        rule(torch.func.grad(cost)(weights, x, y), count)

    return step


def population(task: Training) -> Learner:
    """All members as stacked weights and batched products, every member with its own shuffle."""
    return _population(task, compiled=False)


def population_compiled(task: Training) -> Learner:
    return _population(task, compiled=True)


def _population(task: Training, compiled: bool) -> Learner:
    weights = stacked(task)
    inputs, labels = tensors(task)

    def cost(weights: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return task.members * cost_of(task)(batched(weights, x).flatten(0, 1), y.flatten())

    def orders() -> Iterator[torch.Tensor]:
        own = torch.stack([torch.randperm(task.rows) for _ in range(task.members)])
        return iter(own.split(task.batch, dim=1))

    if compiled:
        step = _compiled_step(task, weights, cost)
    else:
        rule = torch.optim.Adam(
            [value.requires_grad_() for value in weights.values()], task.learning_rate, fused=True
        )

        def step(x: torch.Tensor, y: torch.Tensor) -> None:
            rule.zero_grad(set_to_none=True)
            cost(weights, x, y).backward()
            rule.step()

    def epoch() -> None:
        for rows in orders():
            step(inputs[rows], labels[rows])

    return Learner(timed(epoch), lambda: likelihood(task, batched(weights, inputs)))


def population_shared(task: Training) -> Learner:
    """One shuffle for all members: less than the others do, and the first layer becomes one wide product."""
    weights = stacked(task)
    fan_in, first = task.widths[:2]
    weights["w0"] = weights["w0"].permute(1, 0, 2).reshape(fan_in, task.members * first).contiguous()
    weights["b0"] = weights["b0"].reshape(task.members * first)
    rule = torch.optim.Adam(
        [value.requires_grad_() for value in weights.values()], task.learning_rate, fused=True
    )
    inputs, labels = tensors(task)

    def outputs(x: torch.Tensor) -> torch.Tensor:
        wide = functional.relu(torch.addmm(weights["b0"], x, weights["w0"]))
        return batched(weights, wide.view(len(x), task.members, first).transpose(0, 1), skip=1)

    def epoch() -> None:
        for x, y in shuffled(inputs, labels, task.batch):
            rule.zero_grad(set_to_none=True)
            logits = outputs(x).flatten(0, 1)
            (task.members * cost_of(task)(logits, y.repeat(task.members))).backward()
            rule.step()

    return Learner(timed(epoch), lambda: likelihood(task, outputs(inputs)))


def stacked(task: Training) -> dict[str, torch.Tensor]:
    members = [perceptron(task.widths) for _ in range(task.members)]
    layers = [[layer for layer in member if isinstance(layer, nn.Linear)] for member in members]
    weights = {}
    for number, row in enumerate(zip(*layers, strict=True)):
        weights[f"w{number}"] = torch.stack([layer.weight.detach().T for layer in row]).contiguous()
        weights[f"b{number}"] = torch.stack([layer.bias.detach()[None] for layer in row])
    return weights


def batched(weights: dict[str, torch.Tensor], x: torch.Tensor, skip: int = 0) -> torch.Tensor:
    """Outputs (P, b, K) of P members; x is (P, b, d), or (b, d) for all."""
    layers = len(weights) // 2
    members = weights["b1"].shape[0]
    x = x.expand(members, *x.shape[-2:])
    for number in range(skip, layers):
        x = torch.baddbmm(weights[f"b{number}"], x, weights[f"w{number}"])
        x = functional.relu(x) if number < layers - 1 else x
    return x


def model_of(task: Training) -> nn.Module:
    """Return the network of the task's kind; those that are no perceptron stand in ``_pytorch_<kind>``."""
    if task.kind == "mlp":
        return perceptron(task.widths)
    return import_module(f"benchmarks.sides._pytorch_{task.kind}").model(task)


def perceptron(widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(widths):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def tensors(task: Training) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, labels = (torch.from_numpy(array) for array in task.data)
    return inputs, labels.float()[:, None] if task.binary else labels.long()


def shuffled(inputs: torch.Tensor, labels: torch.Tensor, batch: int):
    order = torch.randperm(len(inputs))
    return zip(inputs[order].split(batch), labels[order].split(batch), strict=True)


def cost_of(task: Training) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    return functional.binary_cross_entropy_with_logits if task.binary else functional.cross_entropy


@torch.no_grad()
def likelihood(task: Training, logits: torch.Tensor) -> np.ndarray:
    return (logits[..., 0].sigmoid() if task.binary else logits.softmax(-1)).detach().numpy()
