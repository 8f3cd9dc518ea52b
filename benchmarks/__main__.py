"""``python -m benchmarks NAME…``, ``python -m benchmarks all`` or ``python -m benchmarks --list``."""

import argparse
import ast
from importlib import import_module
from pathlib import Path

from netwright.core.names import nearest

FOLDER = Path(__file__).parent


def main() -> None:
    known = {path.stem: path for path in sorted(FOLDER.glob("[!_]*.py"))}
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Compare netwright with other libraries."
    )
    parser.add_argument("names", nargs="*", help="workloads, or 'all'")
    parser.add_argument("--list", action="store_true", help="name the workloads")
    options = parser.parse_args()
    if options.list or not options.names:
        for name, path in known.items():
            print(f"{name:26} {(ast.get_docstring(ast.parse(path.read_text())) or '').splitlines()[0]}")
        return
    names = list(known) if options.names == ["all"] else options.names
    for name in names:
        if name not in known:
            parser.error(f"no workload '{name}'{nearest(name, known)}")
    for name in names:
        import_module(f"benchmarks.{name}").main()


main()
