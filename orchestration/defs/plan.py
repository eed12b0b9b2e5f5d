"""ops.build_dates: which dates this run builds, from D and from what was built before."""

import datetime
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Table
from orchestration.resources import SegmentryHome, set_setting
from orchestration.specs import table_spec
from segmentry.home import ConfigurationError
from segmentry.models.drift import standing_drift
from segmentry.models.schedule import Past, Plan, Train, plan_run
from segmentry.models.targets.training import origins_needed
from segmentry.project.vocabulary import NEXT_PRODUCTS, digest_for, feature_list_digest, targets
from segmentry.warehouse.door import Warehouse


class PlanConfig(dg.Config):
    """as_of: D, as YYYY-MM-DD; by default the day after the newest event of any kind.

    train: due (what is due), never (only score) or now, for which `reason` says why.
    """

    as_of: str | None = None
    train: Train = Train.DUE
    reason: str = ""


def plan_config(train: Train, reason: str = "") -> dict[str, Any]:
    """Run configuration of a job that trains as told."""
    return {"ops": {"plan": {"config": {"train": train.name, "reason": reason}}}}


RAW = [table.full_name for table in load_contracts().of_stage("raw")]


@dg.multi_asset(
    name="plan",
    specs=[table_spec("ops.build_dates", RAW), table_spec("ops.settings", RAW)],
    pool="warehouse",
)
def plan(config: PlanConfig, segmentry: SegmentryHome) -> Iterator[dg.MaterializeResult]:
    """Write the dates of this run and what every stage must agree on."""
    warehouse = segmentry.warehouse
    newest = newest_date(warehouse, config.as_of)
    settings = segmentry.home.read_config()
    past = read_past(warehouse)
    if config.train is Train.NEVER and not past.trained:
        raise ConfigurationError(
            "no model has been trained on today's targets and features, so that nothing can be "
            "scored; start the job retrain, or segmentry run, once"
        )
    dates_of_run = plan_run(
        newest, past, settings.cadence_days, settings.history_periods, config.train, config.reason
    )
    rows = build_date_rows(dates_of_run, first_order_date(warehouse))
    warehouse.replace(segmentry.table("ops.build_dates"), rows)
    keep = min(past.history_start or dates_of_run.membership[0], dates_of_run.membership[0])
    set_setting(segmentry, "history_start", keep.isoformat())
    yield dg.MaterializeResult(
        ["ops", "build_dates"],
        metadata={
            "as_of": dg.MetadataValue.text(newest.isoformat()),
            "training": "; ".join(f"{t.as_of}: {t.reason}" for t in dates_of_run.training),
            "rows": len(rows),
        },
    )
    yield dg.MaterializeResult(["ops", "settings"])


# A model of another feature list cannot score any more: its training does not count. Next products
# are trained at the newest date of a run alone, so that any version of theirs will do.
_TRAINED = """
    select trained_as_of from models.model_versions
    where list_contains($targets, target) and exists (
        select 1 from models.model_versions as ranking
        where ranking.target = $ranking
            and coalesce(ranking.feature_list_digest, $read) = $read
    )
    group by trained_as_of
    having bool_and(feature_list_digest is null or feature_list_digest = $features)
        and count(distinct target) = len($targets)
"""
_HISTORY_START = "select setting_value from ops.settings where setting_name = 'history_start'"


def read_past(warehouse: Warehouse) -> Past:
    """What earlier runs left behind."""
    stored = warehouse.scalar(_HISTORY_START)
    trained = warehouse.read(
        _TRAINED,
        {
            "targets": sorted(targets()),
            "features": feature_list_digest(),
            "ranking": NEXT_PRODUCTS,
            "read": digest_for(NEXT_PRODUCTS),
        },
    )
    drifted_on, drift = standing_drift(warehouse)
    return Past(
        datetime.date.fromisoformat(str(stored)) if stored else None,
        tuple(pd.Timestamp(value).date() for value in trained["trained_as_of"]),
        drifted_on,
        drift,
    )


def _event_times(warehouse: Warehouse, function: str, tables: list[Table]) -> datetime.date | None:
    """The day of the first (min) or last (max) time at which rows of these tables were known."""
    selects = [
        f"select {function}({table.known_at}) as event_at from {table.full_name}"
        for table in tables
    ]
    union = " union all ".join(selects)
    found = warehouse.scalar(f"select cast({function}(event_at) as date) from ({union}) as events")
    return found if isinstance(found, datetime.date) else None


def _event_tables() -> list[Table]:
    """Raw tables whose rows are known from a moment of their own; a rate's day is none."""
    contracts = load_contracts()
    raw = [table for table in contracts.of_stage("raw") if table.known_at]
    return [table for table in raw if table.column(table.known_at).type == "timestamp"]


def first_order_date(warehouse: Warehouse) -> datetime.date:
    """The day of the first order: what came before it has nothing to be predicted."""
    orders = [table for table in _event_tables() if table.role == "orders"]
    first = _event_times(warehouse, "min", orders)
    if first is None:
        raise ConfigurationError("no orders have been landed; run with --source and --landing")
    return first


def newest_date(warehouse: Warehouse, as_of: str | None) -> datetime.date:
    """D: as asked, else the day after the newest event of any kind. A D before all orders, or
    after all events, is refused."""
    first = first_order_date(warehouse)
    last = _event_times(warehouse, "max", _event_tables())
    newest = (last or first) + datetime.timedelta(days=1)
    if as_of is None:
        return newest
    try:
        asked = datetime.date.fromisoformat(as_of)
    except ValueError as error:
        raise ConfigurationError(f"--as-of {as_of}: write a date as YYYY-MM-DD") from error
    if not first < asked <= newest:
        raise ConfigurationError(
            f"--as-of {asked}: orders begin on {first} and the newest event is the day before "
            f"{newest}; choose a date after the first order and not after {newest}"
        )
    return asked


def build_date_rows(plan: Plan, first_order: datetime.date) -> pd.DataFrame:
    """One row per date and purpose, with the reason of a training; no date before any order."""
    rows: dict[tuple[datetime.date, str], str | None] = {(plan.newest, "newest"): None}
    rows |= {(date, "membership"): None for date in plan.membership}
    for training in plan.training:
        rows |= {(origin, "origin"): None for origin in origins_needed(training.as_of, first_order)}
        rows[(training.as_of, "training")] = training.reason
    kept = [(*key, rows[key]) for key in sorted(rows) if key[0] > first_order]
    return pd.DataFrame(kept, columns=["as_of_date", "purpose", "reason"])
