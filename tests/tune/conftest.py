"""Studies on the storages that workers share: SQLite, and the PostgreSQL of which the environment has the URL."""

import os
import secrets

import optuna
import pytest

optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of a storage that several processes share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/study.db"
    given = os.environ.get("NETWRIGHT_POSTGRES")
    if given is None:
        assert "NETWRIGHT_CI" not in os.environ, "CI starts a PostgreSQL: NETWRIGHT_POSTGRES is its URL"
        pytest.skip("NETWRIGHT_POSTGRES is not set: scripts/postgres.sh starts one and prints its URL")
    return given


@pytest.fixture
def name():
    """A study's name that no other test has: a database is shared."""
    return f"test-{secrets.token_hex(6)}"
