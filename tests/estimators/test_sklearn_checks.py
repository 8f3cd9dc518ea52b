"""scikit-learn's own contract, every check of it, on estimators as a user makes them; none is expected to fail."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from netwright.estimators import NetClassifier, NetRegressor


# Some checks hand over a data frame after an array, or warn of what they do themselves.
@pytest.mark.filterwarnings("default")
@parametrize_with_checks([NetClassifier(), NetRegressor()])
def test_check(estimator: Any, check: Any) -> None:
    check(estimator)
