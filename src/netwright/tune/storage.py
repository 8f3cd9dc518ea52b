"""Where studies are kept: an Optuna database, SQLite or PostgreSQL, that several processes share."""

import fcntl
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from netwright.core.errors import RunError

PATIENCE = 60
"""Seconds that a process waits for another's write to SQLite."""


@contextmanager
def open_storage(url: str) -> Generator[RDBStorage]:
    """Hold the storage at a URL open within the block; its tables are made if they are not there.

    Args:
      url: ``sqlite:///path/study.db`` or ``postgresql://user:password@host/database``, which needs the driver
        psycopg (``pip install "netwright[postgres]"``).

    Raises:
      RunError: it is no URL of a database, its driver is missing, or it cannot be reached, then or later in the block.
    """
    try:
        place = make_url(url)
    except ArgumentError:
        raise RunError(
            f"storage {url}: no URL of a database, expected sqlite:///study.db or postgresql://user@host/database"
        ) from None
    if place.drivername in ("postgresql", "postgres"):
        # Which driver a bare name means has changed between versions of SQLAlchemy.
        place = place.set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"pool_pre_ping": True}
    if place.get_backend_name() == "sqlite":
        if place.database in (None, "", ":memory:"):
            raise RunError(
                f"storage {url}: is in this process's memory only, expected a file: sqlite:///study.db"
            )
        options = {"connect_args": {"timeout": PATIENCE}}
    with _reachable(url):
        storage = _with_tables(place, options)
        if storage.engine.name == "sqlite":
            storage.engine.dispose()  # the pragma is for connections yet to be made
            event.listen(storage.engine, "connect", _synchronize_seldom)
        try:
            yield storage
        finally:
            storage.engine.dispose()


@contextmanager
def alone(engine: Engine, what: str) -> Generator[None]:
    """Keep all other processes that use the database, on any machine, out of the block of this name.

    The system or the database lets go when the holder dies.
    """
    if engine.name == "sqlite":
        with open(Path(f"{engine.url.database}.lock"), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    elif engine.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": zlib.crc32(what.encode())})
            yield
    else:
        raise RunError(f"storage: found {engine.name}, expected SQLite or PostgreSQL")


def shown(url: str) -> str:
    """Return the URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def _reachable(url: str) -> Generator[None]:
    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        raise RunError(
            f"storage {shown(url)}: cannot be used ({_first_line(error.__cause__ or error)}); "
            "what was told to it is kept, and the same command goes on from there"
        ) from None


def _with_tables(place: URL, options: dict[str, Any]) -> RDBStorage:
    url = place.render_as_string(hide_password=False)
    try:
        # Optuna itself fails where two processes make the tables at once.
        engine = create_engine(place, poolclass=NullPool, connect_args=options.get("connect_args", {}))
        with alone(engine, "tables"):
            if engine.name == "sqlite":
                # Readers need not wait for writers. Once, here: while others use the file, SQLite refuses the change.
                with engine.connect() as connection:
                    connection.execute(text("PRAGMA journal_mode=WAL"))
            return RDBStorage(url, engine_kwargs=dict(options))
    except (NoSuchModuleError, ImportError):
        raise RunError(
            f"storage {shown(url)}: the driver '{place.drivername}' is missing; "
            'for PostgreSQL, pip install "netwright[postgres]"'
        ) from None
    except OSError as error:
        raise RunError(f"storage {shown(url)}: cannot be used ({error.strerror})") from None
    except RuntimeError as error:
        raise RunError(f"storage {shown(url)}: was made by another version of Optuna ({error})") from None


def _synchronize_seldom(connection: Any, _: Any) -> None:
    # A write need not wait for the disk: killed processes lose nothing by it.
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
