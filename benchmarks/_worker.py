"""A side in its own process: ``python -m benchmarks._worker WORKLOAD SIDE`` answers JSON lines on stdin."""

import importlib
import json
import os
import sys
import warnings

from benchmarks._harness import limit_processors


def main(workload: str, side: str) -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not mix with the replies
    limit_processors()
    warnings.simplefilter("ignore")
    answer = importlib.import_module(f"benchmarks.{workload}").open_side(side)
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), file=replies, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
