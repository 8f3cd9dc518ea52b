"""Optional libraries: which extra brings them."""

from importlib.util import find_spec

from netwright.core.errors import RunError


def needed(module: str, what: str, extra: str) -> None:
    """Make sure that an optional library is installed.

    Args:
      module: its name in Python; what: the part of netwright that needs it; extra: the extra that brings it.

    Raises:
      RunError: it is not installed; it names the command that installs it.
    """
    if find_spec(module) is None:
        raise RunError(f'{what}: needs {module}; pip install "netwright[{extra}]"')
