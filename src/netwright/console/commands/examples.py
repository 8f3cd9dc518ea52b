"""``netwright examples``."""

import netwright as nw
from netwright.console.options import Json
from netwright.console.terminal import print_json


def examples(json: Json = False) -> None:
    """List the data sets that are always at hand.

    Example: netwright examples
    """
    found = nw.examples()
    if not json:
        print(found)
        print(f"\nTrain on one: netwright fit {found[0].name}")
        return
    fields = ("name", "task", "rows", "columns", "source", "licence")
    print_json({"examples": [{field: getattr(one, field) for field in fields} for one in found]})
