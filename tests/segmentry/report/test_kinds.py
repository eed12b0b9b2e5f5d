"""A chance, an amount, a count and a time are each shown as what they are, whatever their names."""

import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from data_contracts.definitions.target import METRICS, Kind, Target
from data_contracts.wording.metrics import SHOWN
from segmentry.report import build_report
from segmentry.report.build import open_page
from segmentry.report.model_cards import in_short, model_cards, write_model_cards

from .sample import NEWEST, build_sample

# Names that say nothing of the kind, or something false.
NAMES: dict[Kind, str] = {
    "probability": "spend_like",
    "amount": "churn_like",
    "count": "purchases",
    "time": "revenue_days",
}
SCORES: dict[Kind, tuple[float, str]] = {
    "probability": (0.273, "27%"),
    "amount": (1234.0, "$1,234"),
    "count": (75.93, "75.9"),
    "time": (50.33, "50 days"),
}
TARGETS = {
    name: Target(
        name=name,
        question=f"What is the {kind} of this customer?",
        kind=kind,
        horizon_days=91,
        label="order_count",
        metric=METRICS[kind][0],
    )
    for kind, name in NAMES.items()
}


def scores() -> pd.DataFrame:
    """Every target has one score for everybody, told by one reason."""
    customers = [f"c{n}" for n in range(40)]
    return pd.concat(
        pd.DataFrame(
            {
                "customer_id": customers,
                "as_of_date": NEWEST,
                "target": NAMES[kind],
                "score": score,
                "percentile": 0.5,
                "model_version": f"{NAMES[kind]}-1",
                "sufficiency": "ok",
                "reason_1_feature": "recency_days",
                "reason_1_value": 12.0,
                "reason_1_contribution": 0.4,
            }
        )
        for kind, (score, _) in SCORES.items()
    )


def metrics() -> pd.DataFrame:
    """Two candidates of every target at one test date."""
    rows = [
        {
            "target": NAMES[kind],
            "trained_as_of": NEWEST,
            "as_of_date": NEWEST - pd.Timedelta(days=91),
            "split": "test",
            "candidate": candidate,
            "is_chosen": candidate == "blend",
            "metric": metric,
            "value": 0.4,
            "standard_error": 0.01,
            "rule_value": 0.5,
            "customer_count": 40,
        }
        for kind in NAMES
        for metric in SHOWN[kind]
        for candidate in ("blend", "rule_recency")
    ]
    return pd.DataFrame(rows)


def curves() -> pd.DataFrame:
    """A calibration around each score."""
    rows = [
        {
            "target": NAMES[kind],
            "trained_as_of": NEWEST,
            "as_of_date": NEWEST - pd.Timedelta(days=91),
            "candidate": "blend",
            "is_chosen": True,
            "curve": "calibration",
            "bin": n,
            "customer_count": 4,
            "predicted": score * (n + 1) / 10,
            "observed": score * (n + 1) / 10,
        }
        for kind, (score, _) in SCORES.items()
        for n in range(10)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample shop with a target of every kind."""
    path = build_sample(tmp_path_factory.mktemp("kinds") / "s.duckdb", customer_count=120)
    tables = {"customer_scores": scores(), "model_metrics": metrics(), "model_curves": curves()}
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update segments.customer_360 set customer_id = 'c' || rowid where rowid < 40"
        )
        for name, rows in tables.items():
            connection.register("rows", rows)
            connection.execute(f"create or replace table models.{name} as select * from rows")
            connection.unregister("rows")
    return path


@pytest.fixture(scope="module")
def cards(database: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Target -> the text of its card."""
    with open_page(database, TARGETS) as page:
        made = model_cards(page.reader, TARGETS.values(), [])
    folder = tmp_path_factory.mktemp("cards")
    assert all(in_short(card) for card in made.values())
    return {path.stem: path.read_text() for path in write_model_cards(made.values(), folder)}


def pages_of(front: Path) -> str:
    """All pages of a report, one after another."""
    return "".join(page.read_text(encoding="utf-8") for page in front.parent.glob("*.html"))


@pytest.fixture(scope="module")
def html(database: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """All pages, one after another."""
    out = tmp_path_factory.mktemp("page") / "index.html"
    return pages_of(build_report(database, out, targets=TARGETS))


@pytest.mark.parametrize("kind", NAMES)
def test_ten_customers_show_each_score_as_what_it_is(html: str, kind: Kind) -> None:
    question = TARGETS[NAMES[kind]].question
    shown = re.findall(rf"<span>{re.escape(question)}</span><strong>(.*?)</strong>", html)
    assert shown
    assert set(shown) == {SCORES[kind][1]}


@pytest.mark.parametrize("kind", NAMES)
def test_cards_write_levels_as_what_they_are(cards: dict[str, str], kind: Kind) -> None:
    level = cards[NAMES[kind]].split("## Is the level right")[1].split("##")[0]
    assert ("%" in level) == (kind == "probability")
    assert ("$" in level) == (kind == "amount")
    assert ("day" in level) == (kind == "time")


def test_calibration_axes_are_in_the_unit(html: str) -> None:
    axes = re.findall(r">(Predicted[^<]*)</text>", html)
    assert sorted(axes) == ["Predicted", "Predicted", "Predicted, USD", "Predicted, days"]


def test_no_chance_is_above_one_hundred_percent(html: str, cards: dict[str, str]) -> None:
    models = re.search(r'<section id="models".*?</section>', html, re.DOTALL)
    assert models is not None
    customers = re.search(r'<section id="customers".*?</section>', html, re.DOTALL)
    assert customers is not None
    for text in (models[0], customers[0], *cards.values()):
        # Outside of tags: styles of charts have percentages of their own.
        shares = re.findall(r"([\d,.]+) ?%", re.sub(r"<[^>]+>", " ", text))
        assert np.all([float(share.replace(",", "")) <= 100 for share in shares])


def test_what_is_left_of_a_target_that_is_gone_is_not_shown(database: Path, tmp_path: Path) -> None:
    kept = {name: target for name, target in TARGETS.items() if name != NAMES["count"]}
    html = pages_of(build_report(database, tmp_path / "index.html", targets=kept))
    assert TARGETS[NAMES["count"]].question not in html
    assert ">75.9<" not in html
