from netwright.tune.search.halving import brackets


def test_a_third_goes_on_at_each_rung():
    assert brackets(81, 81)[0].rungs == ((81, 1), (27, 3), (9, 9), (3, 27), (1, 81))
    assert brackets(64, 27)[0].rungs == ((64, 1), (21, 3), (7, 9), (2, 27))
    assert brackets(16, 64, eta=2)[0].rungs == ((16, 4), (8, 8), (4, 16), (2, 32), (1, 64))


def test_few_epochs_or_few_trials_allow_few_rungs():
    assert brackets(100, 1)[0].rungs == ((100, 1),)
    assert brackets(2, 81)[0].rungs == ((2, 81),)
    assert brackets(5, 81)[0].rungs == ((5, 27), (1, 81))
