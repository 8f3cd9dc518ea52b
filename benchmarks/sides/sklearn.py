"""scikit-learn's MLPClassifier for a fixed number of epochs; without hidden layers a logistic regression."""

import time

import numpy as np
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier

from benchmarks._training import Learner, Training


def network(task: Training) -> Learner:
    rows, labels = task.data
    model = MLPClassifier(
        hidden_layer_sizes=task.widths[1:-1],
        solver=task.rule,
        alpha=0.0,
        batch_size=task.batch,
        learning_rate_init=task.learning_rate,
        momentum=0.0,
        nesterovs_momentum=False,
        tol=0.0,
        n_iter_no_change=10**9,
        random_state=0,
        warm_start=True,
    )

    def train(epochs: int) -> float:
        model.max_iter = epochs
        start = time.perf_counter()
        model.fit(rows, labels)
        return time.perf_counter() - start

    def probabilities() -> np.ndarray:
        given = model.predict_proba(rows)
        return given[:, 1] if task.binary else given

    return Learner(train, probabilities)


def per_example(task: Training) -> Learner:
    """SGDClassifier: batches of one example, another algorithm, shown because it is what its users take."""
    rows, labels = task.data
    model = SGDClassifier(
        loss="log_loss",
        penalty=None,
        learning_rate="constant",
        eta0=0.001,
        tol=None,
        random_state=0,
        warm_start=True,
    )

    def train(epochs: int) -> float:
        model.max_iter = epochs
        start = time.perf_counter()
        model.fit(rows, labels)
        return time.perf_counter() - start

    return Learner(train, lambda: model.predict_proba(rows)[:, 1])
