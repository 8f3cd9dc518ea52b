"""Compiles the shared library into the wheel: one call of the C++ compiler, ``$CXX`` or g++."""

import importlib.metadata
import importlib.util
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
LIBRARY = "netwright_native/libnetwright_native.so"
FLAGS = "-std=c++20 -O3 -fno-math-errno -fno-trapping-math -fPIC -shared -fopenmp -fvisibility=hidden -Wall -Wno-psabi"
# Where pip puts oneDNN, as seen from the installed library: in an environment's lib/, or in --target's.
ONEDNN_AT_RUN_TIME = "$ORIGIN/../../..:$ORIGIN/../lib"


class CompileLibrary(BuildHookInterface):
    """Builds one wheel for all Pythons: nothing in the library depends on Python."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is packed; hatchling calls this."""
        onednn = {
            file.name: Path(str(file.locate())).resolve()
            for package in ("onednn-cpu-gomp", "onednn-devel-cpu-gomp")
            for file in importlib.metadata.files(package) or ()
        }
        spec = importlib.util.find_spec("jaxlib")
        assert spec is not None
        assert spec.origin is not None
        (HERE / LIBRARY).unlink(missing_ok=True)
        subprocess.run(
            [
                os.environ.get("CXX", "g++"),
                *FLAGS.split(),
                f"-isystem{Path(spec.origin).parent / 'include'}",
                f"-isystem{onednn['dnnl.hpp'].parents[2 if onednn['dnnl.hpp'].parent.name == 'dnnl' else 0]}",
                *sorted(str(path) for path in (HERE / "src").glob("*.cc")),
                str(onednn["libdnnl.so.3"]),
                f"-Wl,-rpath,{ONEDNN_AT_RUN_TIME}",
                f"-o{HERE / LIBRARY}",
            ],
            check=True,
        )
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
        build_data["pure_python"] = False
        build_data["artifacts"].append(LIBRARY)
