"""A comparison and a study made by hand, with names that try to be markup."""

import numpy as np
import polars as pl

import netwright as nw
from netwright.compare.comparison import Comparison, ordered
from netwright.compare.entry import Entry
from netwright.compare.rates import Search
from netwright.report.tuned.tuning import Tuning
from netwright.tune.dimensions import Choice, Float, Int
from netwright.tune.space import Space
from netwright.tune.study import Study

EVIL = "</script><img src=x onerror=alert(1)>"
EPOCHS, SEEDS, ROWS = 12, 3, 200
LONG = "a rule whose name is longer than any legend or table of a page has room for"


def comparison() -> Comparison:
    """Eight alternatives, more than there are colours; one diverged, one has a name that is markup."""
    names = ["adam", EVIL, LONG, "sgd", "momentum", "nesterov", "rmsprop", "wild"]
    entries = [_entry(place, name) for place, name in enumerate(names)]
    return ordered(EVIL, entries, None, "by hand <b>and</b> fairly")


def _entry(place: int, name: str) -> Entry:
    draw = np.random.default_rng(place)
    wild = name == "wild"
    controls = nw.Controls(optimization=nw.Optimization(learning_rate=0.01 * 2**place, epochs=EPOCHS))
    errors = [
        (0.1 + 0.02 * place) * (1 + 3 / np.arange(1, EPOCHS + 1)) + 0.01 * draw.random(EPOCHS)
        for _ in range(SEEDS)
    ]
    histories = [_history(np.full(EPOCHS, np.nan) if wild else one) for one in errors]
    ends = np.array([np.inf if wild else one[-1] for one in errors])
    rows = draw.random((SEEDS, ROWS))
    rows *= ends[:, None] / rows.mean(axis=1, keepdims=True)
    rates = np.geomspace(1e-3, 1, 7)
    found = (
        0.1 + 0.02 * place + 0.05 * (np.log10(rates) + 2 - place / 4) ** 2 + 0.002 * draw.random((SEEDS, 7))
    )
    found[:, -1] = np.inf
    search = None if place == 3 else Search(rates, found, found)
    return Entry(name, controls, tuple(range(SEEDS)), tuple(histories), ends, None if wild else rows, search)


def _history(errors: np.ndarray) -> pl.DataFrame:
    epochs = np.arange(EPOCHS)
    columns = {"epoch": epochs, "step": 20 * (epochs + 1), "train_loss": 2 * errors, "dev_loss": 3 * errors}
    return pl.DataFrame(columns | {"train_accuracy": 1 - errors, "dev_accuracy": 1 - errors})


SPACE = Space(
    {
        "optimization.learning_rate": Float(1e-4, 1e-1, log=True),
        "optimization.rule": Choice(["sgd", "adam"]),
        "optimization.batch_size": Int(16, 256, log=True),
        "regularization.dropout": Float(0.0, 0.6),
        "optimization.options.beta1": Float(0.5, 0.99, when=("optimization.rule", ("adam",))),
        "optimization.options.lookahead": Choice([EVIL, "plain"]),
    }
)


def trials(count: int = 60) -> pl.DataFrame:
    """Trials whose error hangs on the rate above all, a little on the rule, and not on the batch; some fail."""
    draw = np.random.default_rng(0)
    rows = []
    for number in range(count):
        rate, rule = 10 ** draw.uniform(-4, -1), str(draw.choice(["sgd", "adam"]))
        value = 0.05 + 0.04 * (np.log10(rate) + 2.5) ** 2 + 0.03 * (rule == "sgd") + 0.003 * draw.random()
        state = "FAIL" if number % 20 == 7 else "PRUNED" if number % 4 == 1 else "COMPLETE"
        epochs = 3 if state == "PRUNED" else 9
        curve = (value * (1 + 2 / np.arange(1, epochs + 1))).tolist()
        failed = state == "FAIL"
        rows.append(
            {
                "number": number,
                "state": state,
                "value": None if failed else curve[-1],
                "optimization.learning_rate": rate,
                "optimization.rule": rule,
                "optimization.batch_size": int(2 ** draw.uniform(4, 8)),
                "optimization.options.beta1": draw.uniform(0.5, 0.99) if rule == "adam" else None,
                "optimization.options.lookahead": [EVIL, "plain"][number % 2],
                "regularization.dropout": (dropout := draw.uniform(0, 0.6)),
                "train": None if failed else value * (0.2 + dropout),
                "epochs": epochs,
                "compute": 1000 * epochs,
                "seconds": 0.1 * epochs,
                "seed": number,
                "curve": None if failed else curve,
                "dev_loss": None if failed else 2 * value,
                "reason": f"column '{EVIL}': the loss ceased to be finite" if failed else "",
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def study(count: int = 60) -> Study:
    """A study of so many of these trials."""
    found = trials(count)
    points = [
        {name: row[name] for name in SPACE.dimensions if row[name] is not None} for row in found.to_dicts()
    ]
    return Study(EVIL, "error", "tpe", SPACE, nw.Controls(), 0, None, found, points, asked=count)


def tuning(count: int = 60) -> Tuning:
    """What the page of that study is made from."""
    return Tuning(study(count))
