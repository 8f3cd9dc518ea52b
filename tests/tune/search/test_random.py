import numpy as np
import optuna
from scipy import stats

import netwright as nw
from netwright.core import catalog

SPACE = nw.Space(
    {
        "optimization.learning_rate": nw.Float(1e-4, 1, log=True),
        "architecture.kernel_size": nw.Int(2, 5),
        "optimization.rule": nw.Choice(["sgd", "momentum", "adam"]),
    }
)


def test_points_are_uniform_and_independent():
    draw = catalog.load("tune.search", "random").sampler(SPACE, 0, 1).draw
    points = [draw(optuna.create_study(), number) for number in range(2000)]
    shares = np.array(
        [
            SPACE.dimensions["optimization.learning_rate"].share(p["optimization.learning_rate"])
            for p in points
        ]
    )
    assert stats.kstest(shares, "uniform").pvalue > 0.01
    for name, values in (("architecture.kernel_size", 4), ("optimization.rule", 3)):
        counts = np.unique([point[name] for point in points], return_counts=True)[1]
        assert len(counts) == values
        assert stats.chisquare(counts).pvalue > 0.01
    assert abs(stats.spearmanr(shares[:-1], shares[1:]).statistic) < 0.06
