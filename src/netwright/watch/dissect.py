"""A forward pass taken apart: every call's values, the activation of each, and the cost's slope at each of them.

The pass is traced to a jaxpr, in which every value is a variable that is written in one place. So it can be told
which values an activation made of a layer's output, and what the cost's derivative at any value is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var

from netwright.core import catalog
from netwright.nn._activation import Activation
from netwright.watch.capture import Call

Run = Callable[[Any], tuple[list[Call], Any]]
"""params → (calls, outputs): runs the model within :func:`netwright.watch.capture.capture`."""

MOVING = frozenset({"transpose", "rev", "sort", "cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"})
"""Primitives that keep the shape of a square array and yet mix its entries."""
PLAIN = {"logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "softplus": "softplus"}
"""Activations without parameters by the name of the equation that they are."""


@dataclass(frozen=True, eq=False)
class Passage(Call):
    """A call with what became of its output.

    Attributes:
      a: the output after its activation g, which is what the network computes from it alone, entry by entry;
        the output itself (the same object) if there is nothing of the kind.
      g: the activation, if it is known.
    """

    a: Any = None
    g: Activation | None = None


@dataclass(frozen=True)
class Trace:
    """A traced forward pass; the values of its calls are variables of ``program``."""

    program: ClosedJaxpr
    structure: Any
    calls: list[Passage]

    def run(self, params: Any, moves: Mapping[Var, jax.Array]) -> tuple[list[Passage], Any]:
        """Evaluate; return the calls with their values, and the outputs.

        The value of a variable in ``moves`` is moved by that much where it is written.
        """
        values = _evaluate(self.program, jax.tree.leaves(params), moves)

        def value(atom: Any) -> Any:
            return atom.val if isinstance(atom, Literal) else values.get(atom)

        calls = [
            replace(call, inputs=value(call.inputs), output=value(call.output), a=value(call.a))
            for call in self.calls
        ]
        outputs = [value(atom) for atom in self.program.jaxpr.outvars[2 * len(self.calls) :]]
        return calls, jax.tree.unflatten(self.structure, outputs)


def trace(run: Run, params: Any) -> Trace:
    """Trace a forward pass."""
    noted: list[Call] = []

    def values(params: Any) -> Any:
        calls, outputs = run(params)
        noted[:] = [call for call in calls if call.inputs is not None and call.output is not None]
        return [value for call in noted for value in (call.inputs, call.output)], outputs

    program, shapes = jax.make_jaxpr(values, return_shape=True)(params)
    atoms = program.jaxpr.outvars
    calls = [Call(call.path, call.activation, atoms[2 * i], atoms[2 * i + 1]) for i, call in enumerate(noted)]
    passages = [_passage(call, calls, program.jaxpr, atoms[2 * len(calls) :]) for call in calls]
    return Trace(program, jax.tree.structure(shapes[1]), passages)


class Dissection(NamedTuple):
    """What :func:`dissect` found.

    Attributes:
      cost: the scalar; aux: what else the cost function returned; outputs: of the forward pass.
      calls: in the order in which they ended.
      slopes: for each call ∂cost/∂inputs, ∂cost/∂output and ∂cost/∂a, zeros for integers; those at what the pass
        received, and at what was made of it alone, too.
      gradients: ∂cost/∂params, of the structure of the params.
    """

    cost: jax.Array
    aux: Any
    outputs: Any
    calls: list[Passage]
    slopes: list[tuple[jax.Array, jax.Array, jax.Array]]
    gradients: Any


def dissect(run: Run, cost: Callable[[Any], tuple[jax.Array, Any]], params: Any) -> Dissection:
    """Run forwards and backwards once; ``cost`` maps the outputs to (scalar, aux).

    Zeros are added to the values of the calls where they are written. The gradients at these zeros are the
    derivatives at the values, by all paths on which they act, and come from the same reverse pass as the
    parameters' gradients.
    """
    traced = trace(run, params)
    atoms = [atom for call in traced.calls for atom in (call.inputs, call.output, call.a)]
    spots = [atom for atom in dict.fromkeys(atoms) if _is_float(atom)]

    def whole(params: Any, zeros: list[jax.Array]) -> Any:
        calls, outputs = traced.run(params, dict(zip(spots, zeros, strict=True)))
        scalar, aux = cost(outputs)
        return scalar, ([(call.inputs, call.output, call.a) for call in calls], outputs, aux)

    zeros = [jnp.zeros(spot.aval.shape, spot.aval.dtype) for spot in spots]
    (scalar, (values, outputs, aux)), (gradients, slopes) = jax.jit(
        jax.value_and_grad(whole, argnums=(0, 1), has_aux=True)
    )(params, zeros)
    of = dict(zip(spots, slopes, strict=True))
    calls: list[Passage] = []
    for call, (inputs, output, a) in zip(traced.calls, values, strict=True):
        calls.append(replace(call, inputs=inputs, output=output, a=output if call.a is call.output else a))
    at = [
        (
            of.get(call.inputs, jnp.zeros_like(found.inputs)),
            of.get(call.output, jnp.zeros_like(found.output)),
            of.get(call.a, jnp.zeros_like(found.a)),
        )
        for call, found in zip(traced.calls, calls, strict=True)
    ]
    return Dissection(scalar, aux, outputs, calls, at, gradients)


# ----------------------------------------------------------------------------------------------- the jaxpr


def _evaluate(program: ClosedJaxpr, arguments: list[Any], moves: Mapping[Var, jax.Array]) -> dict[Var, Any]:
    jaxpr = program.jaxpr
    values: dict[Var, Any] = {}

    def write(variable: Var, value: Any) -> None:
        values[variable] = value + moves[variable] if variable in moves else value

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else values[atom]

    given = [*program.consts, *arguments]
    for variable, value in zip([*jaxpr.constvars, *jaxpr.invars], given, strict=True):
        write(variable, value)
    for equation in jaxpr.eqns:
        primitive: Any = equation.primitive
        result = primitive.bind(*map(read, equation.invars), **primitive.get_bind_params(equation.params))
        results = result if primitive.multiple_results else [result]
        for variable, value in zip(equation.outvars, results, strict=True):
            write(variable, value)
    return values


def _passage(call: Call, calls: list[Call], jaxpr: Jaxpr, ends: list[Any]) -> Passage:
    """Find the activation: a call of one on the output, or what is computed from the output alone."""
    a, g = call.output, None
    if _is_float(call.output):
        said = [other for other in calls if other.activation is not None and other.inputs is call.output]
        a, g = (said[0].output, said[0].activation) if said else _entrywise(jaxpr, ends, call.output)
    return Passage(call.path, call.activation, call.inputs, call.output, a, g)


def _entrywise(jaxpr: Jaxpr, ends: list[Any], z: Var) -> tuple[Any, Activation | None]:
    """Return the value made entry by entry from z alone through which alone z acts on all else; z if none is."""
    makers: dict[Var, JaxprEqn | None] = {z: None}
    used = {atom for atom in ends if isinstance(atom, Var)}
    for equation in jaxpr.eqns:
        inputs = [atom for atom in equation.invars if isinstance(atom, Var)]
        if _keeps_entries(equation, z) and inputs and all(atom in makers for atom in inputs):
            makers[equation.outvars[0]] = equation
        else:
            used.update(inputs)
    exits = [variable for variable in makers if variable in used]
    a = exits[0] if len(exits) == 1 else z
    maker = makers[a]
    alone = maker is not None and z in maker.invars and len(maker.invars) == 1
    return a, _known(maker) if maker is not None and alone else None


def _keeps_entries(equation: JaxprEqn, z: Var) -> bool:
    made: Any = equation.outvars[0].aval if len(equation.outvars) == 1 else None
    shape = getattr(made, "shape", None)
    return shape == getattr(z.aval, "shape", ()) and equation.primitive.name not in MOVING


def _known(equation: JaxprEqn) -> Activation | None:
    inner = equation.params.get("call_jaxpr")  # jax.nn.relu has a derivative rule of its own around it
    if isinstance(inner, ClosedJaxpr) and len(inner.jaxpr.eqns) == 1:
        equation = inner.jaxpr.eqns[0]
    name = PLAIN.get(equation.params.get("name", equation.primitive.name))
    return None if name is None else catalog.load("nn.activations", name)


def _is_float(atom: Any) -> bool:
    return isinstance(atom, Var) and jnp.issubdtype(getattr(atom.aval, "dtype", bool), jnp.inexact)
