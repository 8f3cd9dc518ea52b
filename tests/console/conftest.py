"""One table and one run of it for all tests of the console; ``say`` speaks to the command line."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from netwright.console.app import app

Say = Callable[..., Result]


@pytest.fixture(scope="session")
def say() -> Say:
    """Run the command line in this process and return what it said."""
    runner = CliRunner(env={"COLUMNS": "100"})
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.fixture(scope="session")
def quick() -> tuple[str, ...]:
    """Words that make a training short."""
    return ("--set", "optimization.epochs=4", "--set", "architecture.hidden=[8]")


@pytest.fixture(scope="session")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of 120 customers with an identifier, a constant, a gap and a target of two labels."""
    draw = random.Random(0)
    lines = ["customer_id,age,city,country,income"]
    for i in range(120):
        age, city = draw.randint(18, 80), draw.choice(["Rome", "Oslo", "Lima"])
        income = "high" if age + draw.gauss(0, 5) > 45 else "low"
        lines.append(f"C{i:04},{'' if i == 7 else age},{city},EU,{income}")
    path = tmp_path_factory.mktemp("data") / "customers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def fitted(
    say: Say, customers: Path, quick: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Result]:
    """The folder of a run on the customers, and what fitting it said."""
    folder = tmp_path_factory.mktemp("runs") / "customers"
    result = say("fit", customers, "--target", "income", "--out", folder, "--seed", 3, *quick)
    assert result.exit_code == 0, result.stderr
    return folder, result


@pytest.fixture(scope="session")
def run(fitted: tuple[Path, Result]) -> Path:
    """The folder of a run on the customers."""
    return fitted[0]
