"""What the benchmarks of the searches count, on studies that only pretend to have been made."""

from types import SimpleNamespace

import polars as pl

from benchmarks import bayesian, hyperband, trials, tuning


def test_a_level_costs_all_epochs_up_to_it_and_shows_the_lowest_error_so_far():
    curves = [[0.9], [0.8], [0.7, 0.6, 0.5], [0.75, 0.4, 0.45], None]
    study = SimpleNamespace(trials=pl.DataFrame({"curve": curves}))
    assert list(hyperband.levels(study)) == [(4, 0.7), (8, 0.45)]


def test_hyperband_s_table_counts_repeats_within_a_fifth():
    ends, anys = (0.1, 0.19, 0.15, 0.5, 1.2), (0.1, 0.19, 0.5, 1.2, None)
    repeats = {
        str(place): {"shares": {"end": end, "any epoch": any_epoch}}
        for place, (end, any_epoch) in enumerate(zip(ends, anys, strict=True))
    }
    said = hyperband.table({"wine": repeats})
    assert "| wine | 5 | 0.190 | 3 | 0.500 | 2 |" in said


def test_the_table_of_searches_compares_with_twice_the_random_trials():
    ends = [(0.1, 0.2, 0.2), (0.2, 0.2, 0.2), (0.3, 0.1, 0.2)]
    repeats = {
        str(place): {"ends": dict(zip(("bayes", "tpe", "random"), one, strict=True))}
        for place, one in enumerate(ends)
    }
    said = bayesian.table({"wine": repeats})
    assert "| wine | 3 | 1 / 1 / 1 | 1.000 | 1 / 2 / 0 | 0.833 |" in said


def test_time_per_trial_is_that_of_the_first_and_the_last_hundred():
    one = {"trials": 300, "seconds": 9.0, "seconds_per_trial": [0.02, 0.03, 0.05], "last_over_first": 2.5}
    assert "| tpe | 300 | 9.0 | 20.0 | 50.0 | 2.50 | 4 |" in trials.table({"tpe": one | {"grown_mib": 4.2}})


def test_a_side_that_is_not_there_is_told():
    ran = [{"seconds": second, "best": 0.01, "median": 0.1} for second in (2.0, 3.0, 2.5)]
    slow = [{"seconds": 10.0, "best": 0.02, "median": 0.2}]
    said = tuning.table(
        {
            "digits": {
                "netwright, first time": ran,
                "Optuna": slow,
                "KerasTuner": [{"unavailable": "no module"}],
            }
        }
    )
    assert "| digits | netwright, first time | 2.5 | 1.0 | 1.00% | 10.00% |" in said
    assert "| digits | Optuna | 10.0 | 4.0 | 2.00% | 20.00% |" in said
    assert "| digits | KerasTuner | unavailable: no module" in said
