import os
import signal
import threading

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.train.events import Callback
from netwright.train.interrupt import Interrupted


class Recorder(Callback):
    def __init__(self):
        self.heard = []

    def on_start(self, event):
        self.heard.append(("start", event))

    def on_chunk(self, event):
        self.heard.append(("chunk", event))

    def on_epoch(self, event):
        self.heard.append(("epoch", event))

    def on_finish(self, event):
        self.heard.append(("finish", event))


def test_the_order_of_events(blobs, controls, run, small_chunks):
    small_chunks(2)
    recorder = Recorder()
    fitted = nw.fit(blobs, controls, seed=1, callbacks=[recorder, object()])
    names = [name for name, _ in recorder.heard]
    epochs = fitted.history.height
    assert names[0] == "start"
    assert names[-1] == "finish"
    assert names.count("start") == names.count("finish") == 1
    assert names.count("epoch") == epochs
    start, finish = recorder.heard[0][1], recorder.heard[-1][1]
    assert (start.epochs, start.steps_per_epoch, start.epoch, start.metric) == (5, 5, 0, "accuracy")
    assert start.parameters == sum(np.size(a) for a in fitted.predictor.params.values())
    assert finish.best_epoch == fitted.record["best_epoch"]
    assert finish.reason == fitted.record["reason"]
    records = [event.record for name, event in recorder.heard if name == "epoch"]
    assert records == fitted.history.to_dicts()
    assert names.count("chunk") == 2 * epochs  # five steps: 2, 4, and the end of the epoch
    # Within an epoch: the steps done rise, and the chunk that ends it is the epoch's own event.
    epoch, last = 0, 0
    for name, event in recorder.heard[1:-1]:
        assert event.epoch == epoch
        if name == "chunk":
            assert last < event.step < 5
            last = event.step
        else:
            epoch, last = epoch + 1, 0


def test_callbacks_do_not_change_the_numbers(blobs, controls, run, identical):
    identical(nw.fit(blobs, controls, seed=1, callbacks=[Recorder()]), run)


@pytest.mark.parametrize("steps", [1, 3])
def test_the_size_of_chunks_does_not_change_the_numbers(steps, blobs, controls, run, identical, small_chunks):
    small_chunks(steps)
    identical(nw.fit(blobs, controls, seed=1), run)


@pytest.mark.parametrize("event", ["on_start", "on_epoch", "on_finish"])
def test_an_error_names_the_event_and_the_callback(event, blobs, controls):
    class Breaking:
        pass

    def fail(self, _):
        raise ZeroDivisionError("one by nothing")

    setattr(Breaking, event, fail)
    with pytest.raises(ZeroDivisionError, match="one by nothing") as caught:
        nw.fit(blobs, controls, callbacks=[Recorder(), Breaking()])
    assert caught.value.__notes__ == [f"in callback Breaking.{event}"]


def test_an_error_of_netwright_passes_as_it_is(blobs, controls):
    class Refusing:
        def on_epoch(self, _):
            raise DataError("enough")

    with pytest.raises(DataError, match=r"^enough$") as caught:
        nw.fit(blobs, controls, callbacks=[Refusing()])
    assert not hasattr(caught.value, "__notes__")


def test_training_works_outside_of_the_main_thread(blobs, controls, run, identical):
    found = []
    thread = threading.Thread(target=lambda: found.append(nw.fit(blobs, controls, seed=1)))
    thread.start()
    thread.join()
    identical(found[0], run)


def test_without_a_folder_an_interrupt_is_just_that(blobs, controls):
    class Stop:
        def on_epoch(self, event):
            if event.epoch == 0:  # one epoch more may be under way, and a second signal would act at once
                os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted):
        nw.fit(blobs, controls, callbacks=[Stop()])
    assert signal.getsignal(signal.SIGINT) is before
