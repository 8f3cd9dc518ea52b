"""Ray Tune's grid search around the same PyTorch loop: two trials at a time, a processor each."""

import os
import tempfile

import ray
from ray import tune as ray_tune

from benchmarks._tuning import Work
from benchmarks.sides._tuning_pytorch import train

os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")


def tune(work: Work) -> list[float]:
    configurations = list(work.configurations())

    def trainable(config: dict[str, int]) -> dict[str, float]:
        return {"error": train(work, configurations[config["place"]], threads=1)}

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        with tempfile.TemporaryDirectory() as folder:
            tuner = ray_tune.Tuner(
                trainable,
                param_space={"place": ray_tune.grid_search(list(range(len(configurations))))},
                tune_config=ray_tune.TuneConfig(metric="error", mode="min"),
                run_config=ray_tune.RunConfig(storage_path=folder, verbose=0),
            )
            return [result.metrics["error"] for result in tuner.fit()]
    finally:
        ray.shutdown()
