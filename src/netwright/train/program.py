"""The compiled functions of a plan. An equal plan gives the same, already compiled program."""

from functools import lru_cache, partial, reduce

import jax
import jax.numpy as jnp

from netwright.nn.skeleton import Arrays
from netwright.train.chunk import train_chunk
from netwright.train.feed import Rows
from netwright.train.judge import end_epoch, evaluate
from netwright.train.plan import Hyper, Plan
from netwright.train.state import Data, Tally
from netwright.train.step import outputs_of


class Program:
    """The compiled functions of one plan, for one model or a population."""

    def __init__(self, plan: Plan, population: bool, own_weight: bool) -> None:
        self.plan = plan
        self.chunk = jax.jit(partial(train_chunk, plan), donate_argnames="carry")
        evaluate_one, end_one = partial(evaluate, plan), partial(end_epoch, plan)
        if population:
            data_axes = Data(None, None, 0 if own_weight else None)
            evaluate_one = jax.vmap(evaluate_one, in_axes=(0, 0, 0, data_axes))
            end_one = jax.vmap(end_one, in_axes=(0, None, 0, 0, 0, 0))
        self.evaluate = jax.jit(evaluate_one)
        self.end_epoch = jax.jit(end_one, donate_argnames="stopping")
        self.outputs = jax.jit(self._outputs)

    def judge(self, hyper: Hyper, params: Arrays, rest: Arrays, rows: Rows) -> Tally:
        """Return the tally over rows in evaluation mode, whether they fit on the device or not."""
        tallies = (self.evaluate(hyper, params, rest, data) for data in rows.blocks())
        return reduce(lambda a, b: jax.tree.map(jnp.add, a, b), tallies)

    def _outputs(self, params: Arrays, rest: Arrays, x: jax.Array) -> jax.Array:
        model = self.plan.skeleton.merge(params, rest)
        model.eval()
        return outputs_of(self.plan, model, x)


@lru_cache(maxsize=128)
def program(plan: Plan, population: bool = False, own_weight: bool = False) -> Program:
    """Return the program of a plan; an equal plan gives the same, already compiled one."""
    return Program(plan, population, own_weight)
