"""`nw.tune` over the grid: the configurations of one structure train side by side as one compiled program."""

import netwright as nw
from benchmarks._tuning import BATCH, Work

NAMES = {
    "learning_rate": "optimization.learning_rate",
    "weight_decay": "regularization.weight_decay",
    "dropout": "regularization.dropout",
    "hidden": "architecture.hidden",
}


def tune(work: Work) -> list[float]:
    x, y, x_dev, y_dev = work.data
    study = nw.tune(
        nw.Dataset.from_arrays(x, y, X_dev=x_dev, y_dev=y_dev),
        nw.Space({NAMES[name]: nw.Choice(values) for name, values in work.grid.items()}),
        "grid",
        trials=len(list(work.configurations())),
        controls=nw.Controls(
            optimization=nw.Optimization(
                rule="adamw", schedule="constant", batch_size=BATCH, epochs=work.epochs, precision="float32"
            ),
            regularization=nw.Regularization(early_stopping=None),
            data=nw.DataControls(normalize="none", test_fraction=0.0),
        ),
    )
    return study.trials["value"].to_list()
