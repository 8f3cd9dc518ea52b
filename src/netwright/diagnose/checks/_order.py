"""The order of causes: what lies upstream comes first, for mending it may make all that follows disappear."""

ORDER = (
    # The program computes something else than meant.
    "rows_mix",
    # The rows are not what they are taken for: every number measured on them is in doubt.
    "leak",
    "sorted_rows",
    "few_rows",
    "input_scale",
    # The network starts where it cannot learn.
    "twin_units",
    "saturated_units",
    "activation_variance",
    "vanishing_gradient",
    "exploding_gradient",
    "initial_loss",
    "mode_gap",
    # The steps are wrong.
    "clipped_steps",
    "wrong_rate",
    "non_finite",
    "update_size",
    # What is learned is not what is asked.
    "biased_prediction",
    "class_imbalance",
    "data_mismatch",
    # The network cannot hold what there is to learn, or is kept from it.
    "avoidable_bias",
    "dead_relu",
    "cannot_overfit",
    "label_noise",
    "blind_to_input",
    # The steps could be better.
    "still_improving",
    "edge_of_stability",
    "unstable_rate",
    "late_noise",
    # It learns more than there is.
    "overfitting",
    "variance",
    "overconfidence",
    # Nothing is wrong that more measuring or less waiting would not mend.
    "bayes_limit",
    "sweep_edge",
    "flat_tail",
)


def severity(name: str) -> float:
    """Return 1 for the check furthest upstream, falling evenly to just above 0."""
    return 1 - ORDER.index(name) / len(ORDER)
