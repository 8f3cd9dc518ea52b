"""What to try when the diagnosis has no more to say."""

import netwright as nw
from netwright.core.layout import Layout
from netwright.improve.advice import advice
from netwright.train.auto import Facts, resolve

RESOLVED = resolve(nw.Controls(), Facts(rows=500, layout=Layout("table", (5,)), task="binary", dev_rows=100))


def sides(train, dev, floor, controls=RESOLVED, task="binary"):
    return [one.term for one in advice(controls, task=task, train=train, dev=dev, floor=floor)]


def test_the_larger_term_comes_first():
    assert sides(0.0, 0.1, None)[:5] == ["estimation"] * 5
    assert sides(0.3, 0.31, 0.05)[:5] == ["approximation"] * 5
    assert sides(0.3, 0.31, 0.3)[:5] == ["estimation"] * 5


def test_terms_that_cannot_be_told_apart_take_turns():
    assert sides(0.3, 0.31, None)[:4] == ["estimation", "approximation"] * 2


def test_the_rate_comes_first_and_every_setting_is_valid():
    for train, dev in ((0.0, 0.1), (0.3, 0.31)):
        found = advice(RESOLVED, task="binary", train=train, dev=dev, floor=0.0)
        assert found[0].settings == {"optimization.learning_rate": 0.003}
        for one in found:
            ((name, value),) = one.settings.items()
            changed = RESOLVED.with_setting(f"{name}={value}")
            assert changed != RESOLVED, name


def test_controls_without_a_next_value_are_left_out():
    linear = RESOLVED.replace(
        architecture=RESOLVED.architecture.replace(hidden=()),
        optimization=RESOLVED.optimization.replace(batch_size="full", epochs=600),
    )
    names = {one.control for one in advice(linear, task="regression", train=1.0, dev=2.0, floor=None)}
    assert names == {"optimization.learning_rate", "regularization.weight_decay"}
