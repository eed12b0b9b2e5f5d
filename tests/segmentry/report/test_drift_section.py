"""Drift and past scores on the page."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import duckdb
import pytest

from segmentry.report.build import build_report
from tests.segmentry.report.sample import build_sample

QUESTION = "Will this customer place no order in the next 91 days?"
MOVED = """
    insert into models.drift values
    (date '2024-06-30', 'churn_91d', 'score', 'churn_91d', 'psi', 0.41, 0.02, 0.25, 'drifted',
        1.0, date '2024-06-02', 'v1', 900),
    (date '2024-06-30', 'churn_91d', 'outcome', 'churn_91d', 'log_odds_change', 0.3, 0.1, 0.2231436,
        'watch', 1.0, date '2024-06-02', 'v1', 900),
    (date '2024-06-30', 'churn_91d', 'feature', 'recency_days', 'psi', 0.01, 0.02, 0.25, 'ok',
        0.4, date '2024-06-02', 'v1', 900)
"""
COLUMNS = (
    "as_of_date date, target varchar, drift_subject varchar, drift_name varchar, metric varchar, "
    "value double, standard_error double, drift_limit double, verdict varchar, importance double, "
    "reference_date date, model_version varchar, customer_count bigint"
)


def section(database: Path, out: Path) -> str:
    """The text of the section, without markup."""
    page = (build_report(database, out).parent / "models.html").read_text(encoding="utf-8")
    found = re.search(r'<section id="drift".*?</section>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", found[0], flags=re.DOTALL))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The sample shop."""
    return build_sample(tmp_path / "s.duckdb", customer_count=120)


def test_a_shop_without_verdicts_says_so(database: Path, tmp_path: Path) -> None:
    assert "Nothing has been compared" in section(database, tmp_path / "page.html")


def test_what_moved_comes_in_words_with_its_limit(database: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create table models.drift ({COLUMNS})")
        connection.execute(MOVED)
    text = section(database, tmp_path / "page.html")
    assert "3 measures of features, scores, outcomes and clusters" in text
    assert "1 drifted; for 1 the data cannot tell" in text
    assert "distribution of the scores PSI 0.41 PSI 0.25 drifted 2 Jun 2024" in text
    assert "odds of the outcome +35% +25% or −20% cannot tell" in text
    assert "recency" not in text, "what is within its limit is not listed"


def test_past_scores_stand_beside_what_happened(database: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        for day, total in ((9, -0.08), (16, 0.02), (23, 0.01)):
            connection.execute(
                "insert into models.model_metrics by name select 'churn_91d' as target, "
                "'matured' as split, ? as as_of_date, date '2024-05-01' as trained_as_of, "
                "'blend' as candidate, true as is_chosen, metric, value, 0.02 as standard_error, "
                "900 as customer_count from (values ('auc', 0.8123), ('aggregate_error', ?)) "
                "as told(metric, value)",
                [datetime.date(2024, 6, day), total],
            )
    text = section(database, tmp_path / "page.html")
    assert f"{QUESTION} 9 Jun 2024 900 AUC 0.8123 −8.0% ± 2.0%" in text
    assert text.index("23 Jun 2024") < text.index("16 Jun 2024"), "the newest first"
    assert "dashed: 5% either way" in text
