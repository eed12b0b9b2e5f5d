"""The ladder from overdue to lost has exclusive steps, and says what the life-cycle stages say."""

import itertools
import re
from pathlib import Path

import duckdb
import pytest
import yaml

import data_contracts

ROOT = Path(data_contracts.__file__).parent
STEPS = (
    "overdue",
    "likely_to_churn",
    "slipping_away",
    "at_risk",
    "lapsed_high_value",
    "silent_leaver",
)
STAGES = ROOT.parent / "dbt_project/models/segments/lifecycle_stages.sql"


def condition(segment_id: str) -> str:
    """Who enters, with every segment that it asks about written out."""
    document = yaml.safe_load((ROOT / "segments" / f"{segment_id}.yaml").read_text())
    text = document.get("where") or document["enter"]
    return re.sub(r"segment_(\w+)", lambda m: f"coalesce({condition(m.group(1))}, false)", text)


@pytest.fixture(scope="module")
def customers():
    """Every combination of values on both sides of the limits."""
    values = {
        "order_count": (1, 6),
        "recency_days": (5, 20, 40, 95, 200, 400),
        "patience_days": (28, 91),
        "recency_over_gap_ratio": (1, 2, 9),
        "rfm_monetary_rank": (0.2, 0.9),
        "churn_score": (0.1, 0.95),
    }
    rows = [f"({', '.join(map(str, row))})" for row in itertools.product(*values.values())]
    with duckdb.connect() as connection:
        connection.execute(
            f"create table customers as select *, churn_score as churn_91d_score, "
            "churn_score as churn_91d_percentile, 0.8 as churn_28d_percentile, "
            "0 as sessions_364d_count, 0 as email_sent_364d_count, "
            "null::int as visit_recency_days, "
            "null::int as message_open_recency_days, 0.1 as yearly_cycle_strength, "
            f"300 as tenure_days from (values {', '.join(rows)}) as v({', '.join(values)})"
        )
        yield connection


def test_nobody_stands_on_two_steps_and_every_step_holds_somebody(customers):
    flags = [f"coalesce({condition(step)}, false)" for step in STEPS]
    total = " + ".join(f"cast({flag} as int)" for flag in flags)
    assert customers.execute(f"select max({total}) from customers").fetchone() == (1,)
    held = ", ".join(f"sum(cast({flag} as int))" for flag in flags)
    assert min(customers.execute(f"select {held} from customers").fetchone()) > 0


def test_at_risk_the_segment_is_at_risk_the_stage(customers):
    stages = STAGES.read_text()
    lapsed, at_risk = (
        re.search(rf"when (.*) then '{stage}'", stages).group(1) for stage in ("lapsed", "at_risk")
    )
    differ = f"({condition('at_risk')}) <> (({at_risk}) and not ({lapsed}))"
    assert customers.execute(f"select count(*) from customers where {differ}").fetchone() == (0,)
