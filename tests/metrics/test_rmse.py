import numpy as np

from netwright.metrics import rmse

OUTPUTS = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
TARGETS = np.array([[1.0, 4.0], [0.0, 4.0]], np.float32)


def test_several_columns_are_judged_together():
    np.testing.assert_allclose(rmse(OUTPUTS, TARGETS), np.sqrt((4 + 9) / 4), rtol=1e-6)
    np.testing.assert_allclose(
        rmse.compute(rmse.update(rmse.empty(columns=2), OUTPUTS, TARGETS)), np.sqrt((4 + 9) / 4), rtol=1e-6
    )
