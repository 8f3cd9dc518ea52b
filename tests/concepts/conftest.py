"""A float64 NumPy trainer written from 2-concepts.md alone, to hold the compiled one against."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

import netwright as nw
from netwright.train.job import Job
from netwright.train.own import Own

EPSILON = 1e-5
G = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}


@dataclass
class Reference:
    """An MLP and its training, with every term of the update spelled out.

    ``params`` has netwright's names, in float64. ``masks(step, layer, shape)`` gives dropout's kept units.
    """

    params: dict
    loss: str
    activation: str = "tanh"
    rate: object = 0.1
    l1: float = 0.0
    l2: float = 0.0
    decay: float = 0.0
    clip_norm: float = np.inf
    clip_value: float = np.inf
    smoothing: float = 0.0
    beta: float | None = None
    lookahead: str | None = None
    masks: object = None
    scale_of_kept: float = 1.0
    step: int = 0
    averages: dict = field(default_factory=dict)
    gradient_norms: list = field(default_factory=list)

    def train(self, x, y, orders, batch_size, weight=None):
        """Train over the epochs' orders; return each epoch's mean loss, taken while the weights move."""
        self.params = {name: np.asarray(a, np.float64) for name, a in self.params.items()}
        velocity = {name: np.zeros_like(a) for name, a in self.params.items()}
        weight = np.ones(len(x)) if weight is None else weight.astype(np.float64)
        x, costs = x.astype(np.float64), []
        for order in orders:
            total = 0.0
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                total += self._step(x[rows], y[rows], weight[rows], velocity)
            costs.append(total / weight.sum())
        return costs

    def _step(self, x, y, weight, velocity):
        rate = self.rate(self.step) if callable(self.rate) else self.rate
        W = self.params
        point = W
        if self.lookahead:
            reach = (rate if self.lookahead == "scaled" else 1.0) * self.beta
            point = {name: W[name] - reach * velocity[name] for name in W}
        losses, g = self.gradients(point, x, y, weight)
        kernels = [name for name in W if name.endswith("kernel")]
        for name in kernels:
            g[name] = g[name] + self.l2 * point[name]
        g = {name: np.clip(a, -self.clip_value, self.clip_value) for name, a in g.items()}
        norm = np.sqrt(sum((a**2).sum() for a in g.values()))
        if norm > self.clip_norm:
            g = {name: a * self.clip_norm / norm for name, a in g.items()}
        self.gradient_norms.append(
            [
                np.sqrt(sum((g[name] ** 2).sum() for name in g if name.rpartition(".")[0] == layer))
                for layer in dict.fromkeys(name.rpartition(".")[0] for name in W)
            ]
        )
        for name in W:
            if self.beta is not None:
                velocity[name] = g[name] = self.beta * velocity[name] + (1 - self.beta) * g[name]
        new = {name: W[name] - rate * g[name] for name in W}
        for name in kernels:
            new[name] = new[name] - rate * self.decay * W[name]
            new[name] = np.sign(new[name]) * np.maximum(np.abs(new[name]) - rate * self.l1, 0)
        self.params = new
        self.step += 1
        return (weight * losses).sum()

    def gradients(self, W, x, y, weight):
        """Return the per-example losses and the gradients of their weighted mean, by the chain rule."""
        g, derivative = G[self.activation]
        depth = len({name.split(".")[1] for name in W if name.startswith("hidden.")})
        a, back = x, []
        for layer in range(depth):
            names = f"hidden.{layer}.linear.kernel", f"hidden.{layer}.linear.bias"
            scale, shift = f"hidden.{layer}.norm.scale", f"hidden.{layer}.norm.bias"
            z = a @ W[names[0]] + W[names[1]]
            normal = None
            if scale in W:
                mean, var = z.mean(0), z.var(0)
                self._average(layer, mean, var)
                normal = (z - mean) / np.sqrt(var + EPSILON)
                u = W[scale] * normal + W[shift]
            else:
                u, var = z, None
            kept = np.ones(u.shape)
            if self.masks is not None:
                kept = self.masks(self.step, layer, u.shape) * self.scale_of_kept
            back.append((a, u, kept, normal, var))
            a = g(u) * kept
        z = a @ W["output.kernel"] + W["output.bias"]
        losses, dz = self._loss(z, y)
        dz = dz * (weight / weight.sum())[:, None]
        grads = {"output.kernel": a.T @ dz, "output.bias": dz.sum(0)}
        da = dz @ W["output.kernel"].T
        for layer in reversed(range(depth)):
            a, u, kept, normal, var = back[layer]
            dz = da * kept * derivative(u)
            prefix = f"hidden.{layer}."
            if normal is not None:
                grads[prefix + "norm.scale"] = (dz * normal).sum(0)
                grads[prefix + "norm.bias"] = dz.sum(0)
                dn = dz * W[prefix + "norm.scale"]
                dz = (dn - dn.mean(0) - normal * (dn * normal).mean(0)) / np.sqrt(var + EPSILON)
            grads[prefix + "linear.kernel"] = a.T @ dz
            grads[prefix + "linear.bias"] = dz.sum(0)
            da = dz @ W[prefix + "linear.kernel"].T
        return losses, {name: grads[name] for name in W}

    def _loss(self, z, y):
        if self.loss == "mse":
            return (z[:, 0] - y) ** 2, 2 * (z - y[:, None])
        if self.loss == "bce":
            t = y[:, None] * (1 - self.smoothing) + self.smoothing / 2
            return (np.logaddexp(0, z) - t * z)[:, 0], expit(z) - t
        classes = z.shape[1]
        t = np.eye(classes)[y] * (1 - self.smoothing) + self.smoothing / classes
        return -(t * log_softmax(z, axis=1)).sum(1), softmax(z, axis=1) - t

    def _average(self, layer, mean, var):
        old = self.averages.get(layer, (np.zeros_like(mean), np.ones_like(var)))
        self.averages[layer] = (0.9 * old[0] + 0.1 * mean, 0.9 * old[1] + 0.1 * var)


class Trained:
    """One training by netwright, beside what the reference needs to repeat it."""

    def __init__(self, dataset, controls, seed=0, own=None):
        job = Job(dataset, controls, seed, own or Own(), None)
        state = job.training.now.carry.state
        # Copies: training donates the state.
        self.start = {name: np.array(a) for name, a in state.params.items()}
        self.rest = {name: np.array(a) for name, a in state.rest.items()}
        self.data = job.prepared.train
        self.run = job.train((), None)
        self.params = {name: np.asarray(a) for name, a in self.run.predictor.params.items()}
        self.losses = self.run.history["train_loss"].to_numpy()

    def reference(self, loss, **terms):
        return Reference(dict(self.start), loss, **terms)

    def repeat(self, reference, orders, batch_size):
        """Train the reference on the same rows and require equal losses and weights."""
        data = self.data
        costs = reference.train(data.x, data.y, orders, batch_size, data.weight)
        close(self.losses, costs)
        assert self.params.keys() == reference.params.keys()
        for name, expected in reference.params.items():
            close(self.params[name], expected, name)


def close(found, expected, name=""):
    """Equal but for float32: 6e-8 a rounding, and some hundred roundings between the start and a weight."""
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6, err_msg=name)


@pytest.fixture(scope="session")
def trained():
    """Train once per distinct arguments."""
    return Trained


@pytest.fixture(scope="session")
def equal_in_float32():
    return close


ROWS, BATCH, EPOCHS = 30, 7, 3
PLAIN = nw.DataControls(
    normalize="none", normalize_target=False, shuffle=False, dev_fraction=0, test_fraction=0
)


@pytest.fixture(scope="session")
def in_order():
    """Three epochs over 30 rows in their own order."""
    return [np.arange(ROWS)] * EPOCHS


@pytest.fixture(scope="session")
def plain():
    """Controls without anything extra: SGD at 0.1, batches of 7 of 30 rows, in order, no dev or test rows."""

    def make(
        hidden=(), *, batch_size=BATCH, data=None, regularization=None, architecture=None, loss="auto", **rest
    ):
        optimization = {"rule": "sgd", "learning_rate": 0.1, "schedule": "constant"} | rest
        kind = "mlp" if hidden else "logistic"
        return nw.Controls(
            loss=loss,
            architecture=nw.Architecture(kind=kind, hidden=hidden, activation="tanh", **(architecture or {})),
            optimization=nw.Optimization(batch_size=batch_size, epochs=EPOCHS, **optimization),
            regularization=nw.Regularization(
                **{"dropout": 0.0, "early_stopping": None, "weight_decay": 0.0} | (regularization or {})
            ),
            data=PLAIN.replace(**data or {}),
        )

    return make


def _rows(columns):
    generator = np.random.default_rng(5)
    return generator, generator.normal(size=(ROWS, columns)).astype(np.float32)


@pytest.fixture(scope="session")
def two_classes():
    generator, X = _rows(4)
    y = (X[:, 0] - X[:, 1] + generator.normal(size=ROWS) > 0).astype(int)
    return nw.Dataset.from_arrays(X, y, name="two")


@pytest.fixture(scope="session")
def three_classes():
    generator, X = _rows(4)
    weight = generator.uniform(0.2, 3, ROWS)
    return nw.Dataset.from_arrays(X, np.arange(ROWS) % 3, sample_weight=weight, name="three")


@pytest.fixture(scope="session")
def regression():
    generator, X = _rows(4)
    y = X @ np.array([1.0, -2, 0, 0.5]) + 0.1 * generator.normal(size=ROWS)
    return nw.Dataset.from_arrays(X, y, name="line")
