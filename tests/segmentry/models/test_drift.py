"""What moved since training is told, stops nothing, and calls for training with a reason."""

from __future__ import annotations

import datetime

import dagster as dg
import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from data_contracts.compiler.loading import load_contracts
from orchestration.defs.drift import NO_DRIFT
from orchestration.defs.jobs import DAILY, MONTHLY, RETRAIN, SCORE
from segmentry.models.drift import drift_at, replace_drift, standing_drift
from segmentry.models.planning import read_past
from segmentry.models.registry import champion_at
from segmentry.models.schedule import Train
from segmentry.models.targets.outcomes import measure_matured
from segmentry.models.targets.training import read_features
from segmentry.project.vocabulary import feature_list_digest
from segmentry.warehouse.door import Warehouse
from tests.segmentry.model_home import NEW, NEXT, OLD, TARGET, score

MATURED = "select * from models.model_metrics where split = 'matured' order by all"


def give_out(warehouse: Warehouse, date: datetime.date) -> None:
    """Scores of the champion at a date, as the daily job writes them."""
    champion = champion_at(warehouse, TARGET, date, feature_list_digest())
    assert champion is not None
    frame = read_features(warehouse, [date], "order_count > 0")
    model = champion.target_model()
    scored = frame[["customer_id", "as_of_date"]].assign(score=model.score(model.matrix(frame)))
    with warehouse.connect() as connection:
        connection.register("scored", scored)
        connection.execute(
            "insert into models.customer_scores (customer_id, as_of_date, target, score, "
            "model_version, sufficiency) select customer_id, as_of_date, ?, score, ?, 'ok' "
            "from scored",
            [TARGET, champion.model_version],
        )


def look(warehouse: Warehouse, date: datetime.date) -> dict[tuple[str, str], str]:
    """(subject, metric) -> the worst verdict at a date, written as the asset writes it."""
    rows = drift_at(warehouse, [date])
    replace_drift(warehouse, load_contracts(), rows, f"as_of_date = date '{date}'")
    worst: dict[tuple[str, str], str] = {}
    for row in rows[0].itertuples():
        key = (str(row.drift_subject), str(row.metric))
        worst[key] = max(
            worst.get(key, "ok"), str(row.verdict), key=["ok", "watch", "drifted"].index
        )
    return worst


def change_features(warehouse: Warehouse, date: datetime.date) -> None:
    """Everybody buys a fifth of what they did, and was last seen long ago."""
    with warehouse.connect() as connection:
        connection.execute(
            "update features.customer_features set orders_91d_count = orders_91d_count / 5, "
            "orders_28d_count = 0, recency_days = recency_days + 60 where as_of_date = ?",
            [date],
        )


def test_a_shop_that_goes_on_as_before_has_not_drifted(warehouse):
    for date in (OLD, NEW):
        give_out(warehouse, date)
        verdicts = look(warehouse, date)
        assert verdicts[("feature", "psi")] == verdicts[("score", "psi")] == "ok"
    assert standing_drift(warehouse) == (None, "")


def test_what_moved_is_told_and_calls_for_training(warehouse):
    change_features(warehouse, NEXT)
    give_out(warehouse, NEXT)
    verdicts = look(warehouse, NEXT)
    assert verdicts[("feature", "psi")] == verdicts[("score", "psi")] == "drifted"
    date, reason = standing_drift(warehouse)
    assert date == NEXT
    assert reason.startswith(f"{TARGET}: scores of {TARGET} are distributed otherwise")
    past = read_past(warehouse)
    assert (past.drifted_on, past.drift) == (NEXT, reason)
    with warehouse.connect() as connection:
        row = connection.execute(
            "select reference_date, model_version from models.drift where drift_subject = 'score'"
        ).fetchone()
    champion = champion_at(warehouse, TARGET, NEXT, feature_list_digest())
    assert champion is not None
    assert row == (NEW, champion.model_version)


def test_outcomes_are_compared_once_their_window_has_passed(warehouse):
    give_out(warehouse, NEW)
    assert ("outcome", "aggregate_error") not in look(warehouse, NEW)
    assert ("outcome", "aggregate_error") not in look(warehouse, NEXT - datetime.timedelta(days=1))
    give_out(warehouse, NEXT)
    assert {("outcome", "aggregate_error"), ("outcome", "log_odds_change")} <= set(
        look(warehouse, NEXT)
    )


def test_every_score_is_measured_against_its_outcome_once_it_matures(warehouse):
    give_out(warehouse, NEW)
    assert measure_matured(warehouse, load_contracts()) > 0
    found = warehouse.read(MATURED)
    pairs = warehouse.read(
        "select score, label from models.customer_scores join models.labels "
        "using (customer_id, as_of_date, target) where target = ?",
        [TARGET],
    )
    values = found.set_index("metric")["value"]
    assert values["auc"] == pytest.approx(roc_auc_score(pairs["label"], pairs["score"]))
    assert values["brier"] == pytest.approx(brier_score_loss(pairs["label"], pairs["score"]))
    total = pairs["score"].sum() / pairs["label"].sum() - 1.0
    assert values["aggregate_error"] == pytest.approx(total)
    assert set(found["as_of_date"].dt.date) == {NEW}
    assert found["customer_count"].unique().tolist() == [len(pairs)]


def test_what_was_measured_is_not_measured_again_whatever_comes_late(warehouse):
    give_out(warehouse, NEW)
    measure_matured(warehouse, load_contracts())
    before = warehouse.read(MATURED)
    with warehouse.connect() as connection:
        connection.execute("update models.labels set label = 0 where as_of_date = ?", [NEW])
    assert measure_matured(warehouse, load_contracts()) == 0
    assert warehouse.read(MATURED).equals(before)
    give_out(warehouse, OLD)
    assert measure_matured(warehouse, load_contracts()) > 0, "what has matured since is added"


def test_drift_is_a_warning_that_stops_nothing(warehouse):
    change_features(warehouse, NEXT)
    result = score(warehouse, [NEXT])
    assert result.success
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert not checks[NO_DRIFT].passed
    assert checks[NO_DRIFT].severity == dg.AssetCheckSeverity.WARN
    assert TARGET in str(checks[NO_DRIFT].metadata["drift"].value)
    verdicts = warehouse.read("select value from models.drift where as_of_date = ?", [NEXT])
    assert len(verdicts) > 1
    assert np.isfinite(verdicts["value"]).all()


def test_the_daily_job_fits_nothing_and_the_monthly_one_trains():
    assert DAILY.job is SCORE
    assert MONTHLY.job is RETRAIN
    for job, train in ((SCORE, Train.NEVER), (RETRAIN, Train.NOW)):
        assert job.config is not None
        assert job.config["ops"]["plan"]["config"]["train"] == train.name
