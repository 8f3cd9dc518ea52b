import numpy as np

from netwright.metrics import mae

OUTPUTS = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
TARGETS = np.array([[1.0, 4.0], [0.0, 4.0]], np.float32)


def test_several_columns_are_judged_together():
    np.testing.assert_allclose(mae(OUTPUTS, TARGETS), (2 + 3) / 4, rtol=1e-6)
    np.testing.assert_allclose(
        mae.compute(mae.update(mae.empty(columns=2), OUTPUTS, TARGETS)), (2 + 3) / 4, rtol=1e-6
    )
