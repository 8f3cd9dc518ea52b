"""``fit`` and ``resume`` of the session: the engine's, with progress only where somebody watches."""

import inspect

import pytest

import netwright as nw
from netwright.console import session
from netwright.core.errors import RunError

CONTROLS = nw.Controls(
    architecture=nw.Architecture(hidden=(4,)), optimization=nw.Optimization(epochs=2, batch_size=64)
)


def test_silent_where_nobody_watches_and_shown_when_asked(capsys):
    ds = nw.example("iris")
    silent = session.fit(ds, CONTROLS)
    assert capsys.readouterr() == ("", "")
    shown = session.fit(ds, CONTROLS, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 2/2" in err
    assert shown.history.drop("seconds").equals(silent.history.drop("seconds"))


def test_no_progress_is_obeyed_where_somebody_watches(capsys, monkeypatch):
    monkeypatch.setattr(session, "watched", lambda: True)
    session.fit(nw.example("iris"), CONTROLS, progress=False)
    assert capsys.readouterr().err == ""
    session.fit(nw.example("iris"), CONTROLS)
    assert "epoch 2/2" in capsys.readouterr().err


def test_callbacks_of_the_user_are_heard_beside_the_progress(capsys):
    heard = []

    class Ear:
        def on_epoch(self, event):
            heard.append(event.epoch)

    session.fit(nw.example("iris"), CONTROLS, callbacks=[Ear()], progress=True)
    assert heard == [0, 1]


@pytest.mark.parametrize("name", ["fit", "resume"])
def test_they_have_the_engines_arguments_and_progress(name):
    mine, engine = inspect.signature(getattr(nw, name)), inspect.signature(getattr(nw.train, name))
    assert [*mine.parameters] == [*engine.parameters, "progress"]
    assert "``progress``: whether to show it" in getattr(nw, name).__doc__


def test_resume_passes_the_engines_errors(tmp_path):
    with pytest.raises(RunError, match="no run here"):
        session.resume(tmp_path, progress=False)
