def test_it_finds_what_random_points_do_not(best_of_bowl):
    ours = sum(best_of_bowl("tpe", 48, seed) for seed in range(5))
    random = sum(best_of_bowl("random", 48, seed) for seed in range(5))
    assert ours < random / 2
