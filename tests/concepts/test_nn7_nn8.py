import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import netwright as nw
from netwright.losses import cce, cost


@pytest.fixture(scope="module")
def one_step(trained, three_classes, plain):
    """One epoch of one batch: the trainer's first step, and everything before and after it."""
    return trained(three_classes, plain((5, 3), batch_size="full").with_setting("optimization.epochs=1"))


def test_nn8_the_flow_of_one_batch_through_public_pieces(one_step):
    """NN-8: input → linear → activation → loss → backpropagation → update, piece by piece, is the trainer's step."""
    tanh, rule = nw.nn.activations.tanh, nw.optim.sgd(0.1)
    x, y, weight = (jnp.asarray(a) for a in (one_step.data.x, one_step.data.y, one_step.data.weight))

    def forward(params, x):
        a = tanh(x @ params["hidden.0.linear.kernel"] + params["hidden.0.linear.bias"][None])
        a = tanh(a @ params["hidden.1.linear.kernel"] + params["hidden.1.linear.bias"][None])
        return a @ params["output.kernel"] + params["output.bias"][None]

    def loss(params):
        return cost(cce, forward(params, x), y, weight)

    start = {name: jnp.asarray(a) for name, a in one_step.start.items()}
    value, gradients = jax.value_and_grad(loss)(start)
    updates, _ = rule.update(gradients, rule.init(start), start)
    after = optax.apply_updates(start, updates)
    # The same float32 arithmetic, compiled apart: the order of sums may differ.
    np.testing.assert_allclose(one_step.losses, [value], rtol=1e-6)
    for name, a in one_step.params.items():
        np.testing.assert_allclose(a, after[name], rtol=1e-5, atol=1e-6, err_msg=name)


def test_nn7_one_product_for_all_rows_equals_the_loop_over_examples(one_step):
    """NN-7: the vectorized step equals the weighted sum of the examples' own gradients, taken one by one."""
    data, total = one_step.data, None
    reference = one_step.reference("cce")
    start = {name: a.astype(float) for name, a in one_step.start.items()}
    for i in range(len(data)):
        row = slice(i, i + 1)
        _, gradient = reference.gradients(start, data.x[row].astype(float), data.y[row], np.ones(1))
        share = data.weight[i] / data.weight.sum(dtype=float)
        total = {name: share * g + (total[name] if total else 0) for name, g in gradient.items()}
    for name, a in one_step.params.items():
        np.testing.assert_allclose(a, start[name] - 0.1 * total[name], rtol=1e-5, atol=1e-6, err_msg=name)
