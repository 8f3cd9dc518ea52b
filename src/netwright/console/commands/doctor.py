"""``netwright doctor``."""

from netwright.console.options import Json
from netwright.console.terminal import print_json


def doctor(json: Json = False) -> None:
    """Show versions, devices, kernels, memory, cache and number formats.

    Example: netwright doctor
    """
    # Start-up cost: this imports JAX and asks for its devices.
    from netwright.console import machine

    found = machine.look()
    if json:
        print_json(found)
    else:
        machine.print_found(found)
