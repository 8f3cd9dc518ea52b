"""scikit-learn estimators: the training engine behind ``fit`` and ``predict``."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "NetClassifier": "netwright.estimators.classifier:NetClassifier",
        "NetRegressor": "netwright.estimators.regressor:NetRegressor",
    },
)
