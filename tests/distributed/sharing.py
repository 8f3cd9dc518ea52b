"""Trainings on one, two and three devices of this process: `sharing.py FOLDER`, run by test_mesh.py.

Three devices do not divide the batch of 16 rows, nor the last one of 8.
"""

import json
import os
import signal
import sys
import warnings
from pathlib import Path

import jax
import numpy as np

import netwright as nw
from netwright.core.errors import ControlError
from netwright.train.restore import OtherRoundingWarning

out = Path(sys.argv[1])
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
warnings.simplefilter("error")

generator = np.random.default_rng(0)
X = generator.normal(size=(103, 3)).astype(np.float32)
y = (X[:, 0] + 0.5 * X[:, 1] + 0.3 * generator.normal(size=103) > 0).astype(np.int64)
dataset = nw.Dataset.from_arrays(X, y, sample_weight=np.where(np.arange(103) % 5, 1.0, 2.0))
controls = nw.Controls(
    architecture=nw.Architecture(hidden=(6, 4), batch_norm=True),
    optimization=nw.Optimization(rule="momentum", learning_rate=0.1, batch_size=16, epochs=4),
    regularization=nw.Regularization(
        dropout=0.2, l2=0.01, early_stopping=nw.EarlyStopping(patience=9, min_delta=0.0)
    ),
)
told = {}


def keep(name, run):
    predictor = run.predictor
    arrays = {**predictor.params, **predictor.rest}
    np.savez(out / f"{name}.npz", **{key: np.asarray(array) for key, array in arrays.items()})
    run.history.drop("seconds").write_parquet(out / f"{name}.parquet")
    run.save(out / name)
    told[name] = {"dev": run.evaluate("dev")["loss"], "devices": run.record["devices"]}


class Stop:
    def on_epoch(self, event):
        if event.epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)


def stopped(name, devices):
    try:
        nw.fit(dataset, controls, seed=1, out=out / name, devices=devices, callbacks=[Stop()])
    except KeyboardInterrupt as interrupted:
        told[f"{name} said"] = str(interrupted)


for devices in (1, 2, 3):
    keep(f"on {devices}", nw.fit(dataset, controls, seed=1, devices=devices))
keep("streamed on 2", nw.fit(dataset, controls, seed=1, devices=2, budget=71 * 12))
for begun, ended in ((2, 1), (1, 3), (2, 2)):
    name = f"from {begun} to {ended}"
    stopped(name, begun)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = nw.resume(out / name, dataset=dataset, devices=ended)
    told[f"{name} warned"] = [str(w.message) for w in caught if w.category is OtherRoundingWarning]
    keep(name, run)
try:
    nw.fit(dataset, controls, devices=4)
except ControlError as error:
    told["too many"] = str(error)
(out / "told.json").write_text(json.dumps(told))
