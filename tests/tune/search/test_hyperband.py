from netwright.tune.search.hyperband import brackets


def test_the_brackets_are_those_of_the_algorithm():
    """Li et al. (2018), algorithm 1 by hand for R = 81, η = 3."""
    assert [bracket.rungs for bracket in brackets(143, 81)] == [
        ((81, 1), (27, 3), (9, 9), (3, 27), (1, 81)),
        ((34, 3), (11, 9), (3, 27), (1, 81)),
        ((15, 9), (5, 27), (1, 81)),
        ((8, 27), (2, 81)),
        ((5, 81),),
    ]


def test_fewer_trials_make_a_smaller_round_and_what_is_left_begins_another():
    assert [bracket.rungs[0] for bracket in brackets(64, 81)] == [(27, 3), (12, 9), (6, 27), (4, 81), (15, 3)]


def test_brackets_cost_about_the_same():
    costs = []
    for bracket in brackets(143, 81):
        before = [0, *(epochs for _, epochs in bracket.rungs)]
        costs.append(sum(n * (r - b) for (n, r), b in zip(bracket.rungs, before, strict=False)))
    assert max(costs) / min(costs) < 1.5
