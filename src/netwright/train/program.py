"""The compiled functions of a plan. An equal plan gives the same, already compiled program."""

from collections.abc import Callable
from functools import lru_cache, partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import Mesh

from netwright.nn.skeleton import Arrays
from netwright.train.chunk import train_chunk
from netwright.train.feed import Rows
from netwright.train.judge import end_epoch, evaluate
from netwright.train.mesh import everywhere
from netwright.train.plan import Hyper, Plan
from netwright.train.state import Data, Tally


class Program:
    """The compiled functions of one plan, for one model or a population, on one device or the devices of a mesh."""

    def __init__(self, plan: Plan, population: bool, mesh: Mesh | None) -> None:
        self.plan = plan
        lying: Any = (
            {} if mesh is None else {"in_shardings": everywhere(mesh), "out_shardings": everywhere(mesh)}
        )
        compiled = partial(jax.jit, **lying)
        self.chunk = compiled(partial(train_chunk, plan, mesh=mesh), donate_argnames="carry")
        judge_one, end_one = partial(evaluate, plan, mesh=mesh), partial(end_epoch, plan)
        if population:
            end_one = jax.vmap(end_one, in_axes=(0, None, 0, 0, 0, 0, 0, 0))
        self.evaluate = compiled(_over_members(judge_one) if population else judge_one)
        self.end_epoch = compiled(end_one, donate_argnames="stopping")

    def judge(self, hyper: Hyper, params: Arrays, rest: Arrays, rows: Rows) -> Tally:
        """Return the tally over rows in evaluation mode, whether they fit on the device or not."""
        tallies = (self.evaluate(hyper, params, rest, data) for data in rows.blocks())
        return reduce(lambda a, b: jax.tree.map(jnp.add, a, b), tallies)


def _over_members(judge_one: Callable[..., Tally]) -> Callable[..., Tally]:
    def judge(hyper: Hyper, params: Arrays, rest: Arrays, data: Data) -> Tally:
        own_weight = data.weight is not None and data.weight.ndim == 2
        axes: Any = (None, None, 0 if own_weight else None)
        return jax.vmap(judge_one, in_axes=(0, 0, 0, Data(*axes)))(hyper, params, rest, data)

    return judge


@lru_cache(maxsize=128)
def program(plan: Plan, population: bool = False, mesh: Mesh | None = None) -> Program:
    """Return the program of a plan; an equal plan gives the same, already compiled one."""
    return Program(plan, population, mesh)
