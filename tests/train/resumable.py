"""A training to be killed: `resumable.py fit|resume FOLDER [FILE N]`, run by test_resume.py.

It saves after every step, prints a line a step, and kills itself when FILE is about to get its name the Nth time.
"""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

import netwright as nw
from netwright.train import checkpoint, loop

command, folder, *planted = sys.argv[1:]
rename, seen = os.replace, 0


class Stepwise:
    steps = 1

    def __init__(self, limit, clock):
        pass

    def start(self):
        pass

    def finish(self, steps):
        pass


class Speak:
    def on_chunk(self, event):
        print(event.epoch, event.step, flush=True)
        time.sleep(0.005)


def rename_or_die(source, target):
    global seen
    if planted and Path(target).name.startswith(planted[0]):
        seen += 1
        if seen == int(planted[1]):
            os.kill(os.getpid(), signal.SIGKILL)
    rename(source, target)


loop.SNAPSHOT_SECONDS, checkpoint.COST_SHARE, loop.Pace, os.replace = -1.0, 0, Stepwise, rename_or_die
here = Path(folder).parent
data = np.load(here / "data.npz")
dataset = nw.Dataset.from_arrays(data["X"], data["y"], name="blobs")
if command == "fit":
    nw.fit(dataset, nw.Controls.from_file(here / "controls.json"), seed=1, out=folder, callbacks=[Speak()])
else:
    nw.resume(folder, dataset=dataset, callbacks=[Speak()])
