import threading
from importlib import import_module

import optuna
import pytest

from netwright.core.errors import RunError
from netwright.tune.storage import alone, open_storage


def test_a_storage_keeps_studies(url, name):
    with open_storage(url) as storage:
        study = optuna.create_study(storage=storage, study_name=name)
        study.tell(study.ask(), 0.5)
    with open_storage(url) as storage:
        assert optuna.load_study(storage=storage, study_name=name).best_value == 0.5


def test_a_bare_postgresql_url_is_one_of_the_driver_that_we_install(monkeypatch):
    # The room's name is that of its function, too.
    module = import_module("netwright.tune.storage")
    monkeypatch.setattr(module, "create_engine", lambda url, **_: pytest.fail(url.drivername))
    with pytest.raises(pytest.fail.Exception, match=r"postgresql\+psycopg"):
        opened("postgresql://user:secret@host/base")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("study.db", "storage study.db: no URL of a database, expected sqlite:///study.db"),
        ("sqlite://", "in this process's memory only"),
        ("sqlite:///:memory:", "in this process's memory only"),
        ("sqlite:////nowhere/at/all/study.db", "cannot be used.*No such file or directory"),
        (
            "postgresql://user:secret@127.0.0.1:1/base",
            r"storage postgresql\+?\w*://user:\*\*\*@127.*cannot be used.*onnection",
        ),
        ("nothing://host/base", "the driver 'nothing' is missing"),
    ],
)
def test_a_storage_that_cannot_be_used_is_told(url, message):
    with pytest.raises(RunError, match=message) as error:
        opened(url)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "study.db").write_text("a text" * 1000)
    with pytest.raises(RunError, match="file is not a database"):
        opened(f"sqlite:///{tmp_path}/study.db")


def test_a_storage_that_goes_away_is_told_and_keeps_what_it_was_told(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    with pytest.raises(RunError, match=r"cannot be used .* the same command goes on from there"):
        lose(url, tmp_path / "study.db", tmp_path / "elsewhere.db")
    (tmp_path / "elsewhere.db").replace(tmp_path / "study.db")
    with open_storage(url) as storage:
        assert optuna.load_study(storage=storage, study_name="one").best_value == 0.5


def test_only_one_is_alone(url, name):
    order = []

    def second():
        with alone(other.engine, name):
            order.append("second")

    thread = threading.Thread(target=second)
    with open_storage(url) as storage, open_storage(url) as other:
        with alone(storage.engine, name):
            thread.start()
            thread.join(timeout=0.3)
            order.append("first")
        thread.join()
    assert order == ["first", "second"]


def opened(url):
    with open_storage(url):
        pass


def lose(url, path, elsewhere):
    with open_storage(url) as storage:
        study = optuna.create_study(storage=storage, study_name="one")
        study.tell(study.ask(), 0.5)
        storage.engine.dispose()
        path.rename(elsewhere)
        study.ask()
