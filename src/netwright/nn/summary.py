"""A table of a network's layers, their shapes and parameter counts."""

from dataclasses import dataclass

import jax

from netwright.nn.skeleton import Arrays


@dataclass(frozen=True)
class Layer:
    """One layer: its name, the shapes of its parameters by name, and how many numbers they hold."""

    name: str
    shapes: dict[str, tuple[int, ...]]
    parameters: int


class Summary(list[Layer]):
    """The layers in order; prints as a table."""

    @property
    def parameters(self) -> int:
        """Numbers trained in all."""
        return sum(layer.parameters for layer in self)

    def __str__(self) -> str:
        lines = [("layer", "shapes", "parameters")]
        for layer in self:
            shapes = ", ".join(
                f"{name} {' × '.join(map(str, shape))}" for name, shape in layer.shapes.items()
            )
            lines.append((layer.name, shapes, f"{layer.parameters:,}"))
        lines.append(("total", "", f"{self.parameters:,}"))
        widths = [max(len(line[i]) for line in lines) for i in range(3)]
        return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in lines)

    __repr__ = __str__


def summary(params: Arrays) -> Summary:
    """Return the summary of flat parameters such as ``run.predictor.params``."""
    layers: dict[str, dict[str, jax.Array]] = {}
    for name, array in params.items():
        layer, _, parameter = name.rpartition(".")
        layers.setdefault(layer, {})[parameter] = array
    return Summary(
        Layer(name, {k: tuple(a.shape) for k, a in arrays.items()}, sum(a.size for a in arrays.values()))
        for name, arrays in layers.items()
    )
