"""Compute is counted in examples × epochs."""

import netwright as nw
from netwright.train.compute import counted
from netwright.train.population import fit_population


def test_rows_times_epochs_times_members(blobs):
    controls = nw.Controls(architecture=nw.Architecture(hidden=(4,)), optimization=nw.Optimization(epochs=3))
    rows = len(blobs.train)
    with counted() as both:
        with counted() as alone:
            nw.fit(blobs, controls, progress=False)
        fit_population(blobs, controls, seeds=[0, 1, 2, 3])
    nw.fit(blobs, controls, progress=False)
    assert alone.examples == rows * 3
    assert both.examples == rows * 3 + rows * 3 * 4
