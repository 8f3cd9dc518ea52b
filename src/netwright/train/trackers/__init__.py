"""Trackers: callbacks that tell other programs of a training.

``nw.fit(ds, callbacks=[nw.trackers.TensorBoard("logs")])``
"""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "MLflow": "netwright.train.trackers.mlflow:MLflow",
        "TensorBoard": "netwright.train.trackers.tensorboard:TensorBoard",
    },
)
