"""Small runs with names that try to be markup, a browser, and the pages it shows."""

import os
import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import netwright as nw
from netwright.diagnose.budget import Budget, Term
from netwright.diagnose.diagnosis import Diagnosis
from netwright.diagnose.finding import Finding, Prescription
from netwright.diagnose.interval import Interval

EVIL_COLUMN = "<script>alert(1)</script>"
EVIL_CLASS = "</script><img src=x onerror=alert(1)>"
ODD_COLUMN = "a.b['c'] \"d\" \u2028 datum.x"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)


def interval(low, estimate, high):
    return {"low": low, "estimate": estimate, "high": high, "confidence": 0.9}


BUDGET = Budget(
    "error",
    {
        "train": Interval(0.101, 0.105, 0.109),
        "dev": Interval(0.137, 0.145, 0.153),
    },
    (
        Term(
            "DG-1",
            "bayes",
            Interval(None, None, 0.121),
            "upper only",
            "minimum over 5 frozen models of the Clopper–Pearson limit",
            "the rows are independent",
        ),
        Term(
            "DG-2",
            "optimization",
            Interval(0.002, 0.004, None),
            "lower bound",
            "training error 0.105 minus the best of 6 trainings, 0.101",
        ),
        Term(
            "DG-3",
            "approximation",
            None,
            "not identified",
            "c of the learning curve is wider than half the error",
            "",
        ),
        Term(
            "DG-4",
            "estimation",
            Interval(0.024, 0.031, 0.039),
            "measured",
            "6 sizes × 5 seeds, bootstrap over curves",
            "the law a·n^(−b) + c",
        ),
        Term(
            "DG-5",
            "shift",
            Interval(0.0, 0.0, 0.0),
            "by construction",
            "dev rows are drawn from the training distribution",
        ),
        Term("DG-6", "dev overfit", None, "not measured", "the test set is closed"),
    ),
)

FINDINGS = (
    Finding(
        "CK-23",
        "variance is the largest term",
        "found",
        "estimation 3.1 % [2.4, 3.9] lies above all others",
        0.9,
        Prescription(
            "regularization.dropout",
            {"regularization.dropout": 0.4},
            "the gap between train and dev is mostly variance",
            "estimation",
            "P",
        ),
    ),
    Finding(
        "CK-28",
        "class imbalance",
        "found",
        "ratio 3.1, worst-class miss rate 0.38",
        0.4,
        Prescription("data.class_weight", {"data.class_weight": "balanced"}, "", "", "P"),
    ),
    *(
        Finding(f"CK-{i}", title, "healthy", f"seen {i}, threshold {i + 10}")
        for i, title in ((1, "initial loss"), (10, "non-finite numbers"), (12, "dead ReLU units"))
    ),
    Finding("CK-16", "rate × top Hessian eigenvalue", "not measured", "the sharpness was not measured"),
)


def figures():
    """Figures as diagnosis.json holds them."""
    draw = np.random.default_rng(0)
    n = np.array([500, 1000, 2500, 6000, 12000, 22793])
    rates = np.geomspace(1e-4, 1, 13)
    losses = 0.32 + 0.15 * (np.log10(rates) + 2.5) ** 2 / 6 + 0.01 * draw.normal(size=(3, 13))
    losses[:, -1] = np.inf
    epochs = [
        {
            "member": member,
            "epoch": epoch,
            "train_loss": 0.25 + 0.13 / (1 + epoch) + 0.004 * draw.normal(),
            "dev_loss": 0.31 + 0.02 / (1 + epoch) + 0.004 * draw.normal(),
        }
        for member in range(5)
        for epoch in range(21)
    ]
    return {
        "seed_history": epochs,
        "learning_curve": {
            "metric": "error",
            "sizes": n.tolist(),
            "errors": [(0.9 * size**-0.35 + 0.118 + 0.004 * draw.normal(size=5)).tolist() for size in n],
            "a": interval(0.6, 0.9, 1.4),
            "b": interval(0.25, 0.35, 0.5),
            "c": interval(0.108, 0.118, 0.126),
            "identified": True,
            "reason": "6 sizes, 30 networks",
            "ahead": {"2": interval(0.131, 0.138, 0.144), "10": interval(0.12, 0.129, 0.137)},
        },
        "bayes": {
            "low": None,
            "estimate": None,
            "high": 0.121,
            "verdict": "upper only",
            "candidates": [
                {
                    "name": "Cover–Hart, raw inputs",
                    "low": 0.112,
                    "estimate": 0.118,
                    "high": None,
                    "side": "lower",
                    "assumption": "1-NN is at its limit",
                    "struck": False,
                },
                {
                    "name": "Cover–Hart, learned features",
                    "low": 0.126,
                    "estimate": 0.131,
                    "high": None,
                    "side": "lower",
                    "assumption": "1-NN is at its limit",
                    "struck": True,
                },
                {
                    "name": "posterior plug-in",
                    "low": 0.109,
                    "estimate": 0.113,
                    "high": 0.117,
                    "side": "upper",
                    "assumption": "the model is calibrated",
                    "struck": False,
                },
            ],
        },
        "range_test": {
            "rates": rates.tolist(),
            "losses": losses.tolist(),
            "low": 8e-4,
            "high": 0.01,
            "best": 0.003,
        },
        "shift": {
            "rows": [22793, 4884],
            "shifted": True,
            "type": "covariate",
            "reason": "inputs moved, and labels given inputs did not",
            "features": [
                {
                    "column": "native-country",
                    "test": "chi2",
                    "statistic": 40.0,
                    "p": 1e-9,
                    "corrected_p": 1e-8,
                    "effect": 0.21,
                    "mean_difference": None,
                    "shifted": True,
                },
                {
                    "column": "age",
                    "test": "KS",
                    "statistic": 0.02,
                    "p": 0.4,
                    "corrected_p": 1.0,
                    "effect": 0.02,
                    "mean_difference": 0.01,
                    "shifted": False,
                },
            ],
            "joint": [
                {
                    "name": "classifier AUC",
                    "statistic": 0.56,
                    "p": 0.001,
                    "corrected_p": 0.01,
                    "effect": interval(0.54, 0.56, 0.58),
                    "shifted": True,
                }
            ],
            "harm": interval(-0.002, 0.004, 0.011),
        },
    }


def made(name="adult", **changes):
    """A whole diagnosis of a classifier."""
    fields = {
        "name": name,
        "budget": BUDGET,
        "findings": FINDINGS,
        "prescription": FINDINGS[0].prescription,
        "figures": figures(),
        "seconds": 21.4,
    }
    return Diagnosis(**(fields | changes))


PROOF = {
    "prescription": {
        "control": "regularization.dropout",
        "settings": {"regularization.dropout": 0.4},
        "reason": "",
        "term": "estimation",
        "verify": "P",
    },
    "seeds": [0, 1, 2, 3, 4],
    "off": 0.145,
    "on": 0.141,
    "difference": interval(-0.007, -0.004, -0.001),
    "p_better": 0.97,
    "terms": {"train error": interval(-0.001, 0.001, 0.003), "gap": interval(-0.008, -0.005, -0.002)},
    "moved": True,
    "others_stayed": True,
    "verdict": "adopt",
}


@pytest.fixture(scope="session")
def made_diagnosis():
    """A maker of diagnoses by hand, of the form that measuring gives."""
    return made


@pytest.fixture(scope="session")
def proof():
    """A proof as improvement.json holds it."""
    return PROOF


def controls(**changes):
    return nw.Controls(
        architecture=nw.Architecture(hidden=(8,)),
        optimization=nw.Optimization(epochs=4, learning_rate=0.02, batch_size=64),
        **changes,
    )


@pytest.fixture(scope="session")
def evil(tmp_path_factory) -> nw.Run:
    """Two classes and three columns, all but one of them named to break out of HTML, JSON or expressions."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(240, 2))
    frame = pl.DataFrame(
        {
            EVIL_COLUMN: x[:, 0],
            ODD_COLUMN: x[:, 1],
            "city": draw.choice(["<b>Rome</b>", "Oslo & co", "{{ 7*7 }}"], 240),
            "kind": np.where(x[:, 0] + draw.normal(size=240) > 0, EVIL_CLASS, "<!-- no"),
        }
    )
    folder = tmp_path_factory.mktemp("evil")
    file = folder / "<i>evil & co.parquet"
    frame.write_parquet(file)
    return nw.fit(nw.read(file, target="kind"), controls(), out=folder / "run", progress=False)


@pytest.fixture(scope="session")
def seen_digits() -> nw.Run:
    """Images, badly learned, so that some are wrong."""
    return nw.fit(nw.example("digits"), controls(), progress=False)


@pytest.fixture(scope="session")
def numbers() -> nw.Run:
    """A regression."""
    return nw.fit(nw.example("diabetes"), controls(), progress=False)


@pytest.fixture(scope="session")
def hand_made() -> SimpleNamespace:
    """What made.py makes: a comparison and a study."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("made.py"))))


@pytest.fixture(scope="session")
def further_pages(hand_made, tmp_path_factory) -> dict[str, Path]:
    """The pages of a comparison and of a study."""
    folder = tmp_path_factory.mktemp("further")
    return {
        "compared": hand_made.comparison().report(folder / "compared.html"),
        "tuned": hand_made.study().report(folder / "tuned.html"),
    }


@pytest.fixture(scope="session")
def pages(evil, seen_digits, numbers, tmp_path_factory) -> dict[str, Path]:
    """The reports: of everything at once with a diagnosis, of images and of a regression without."""
    folder = tmp_path_factory.mktemp("pages")
    return {
        "evil": evil.report(folder / "evil.html", diagnosis=made(EVIL_CLASS)),
        "digits": seen_digits.report(folder / "digits.html"),
        "numbers": numbers.report(folder / "numbers.html"),
    }


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Headless Chromium; without one its tests are skipped, but where NETWRIGHT_CI is 1."""
    sync_api = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_api.sync_playwright() as playwright:
        if found is None and not Path(playwright.chromium.executable_path).exists():
            if os.environ.get("NETWRIGHT_CI") == "1":
                pytest.fail("no Chromium here; `make browser` installs it")
            pytest.skip("no Chromium here; `make browser` installs it")
        shown = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield shown
        shown.close()


@pytest.fixture
def visit(show, pages) -> Callable:
    """Open the report of a run by name."""
    return lambda name, **options: show(pages[name], **options)


@pytest.fixture
def show(browser) -> Iterator[Callable]:
    """Open a page; what the browser says and asks for is in the page's ``said`` and ``asked``."""
    contexts = []

    def go(path, *, scheme="light", width=1200, height=900, **options):
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("dialog", lambda dialog: (page.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]", timeout=60_000)
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def visit_blank(browser) -> Iterator[Callable]:
    """Return the width and height that the browser reads in an image."""
    page = browser.new_page()
    code = (
        "async (src) => { const i = new Image(); i.src = src; await i.decode(); return [i.width, i.height]; }"
    )
    yield lambda source: page.evaluate(code, source)
    page.close()
