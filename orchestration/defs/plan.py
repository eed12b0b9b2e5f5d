"""ops.build_dates: which dates this run builds, from D and from what was built before."""

import datetime
from collections.abc import Iterator

import dagster as dg
import pandas as pd

from data_contracts.compiler.contract import Table
from data_contracts.compiler.loading import load_contracts
from orchestration.dates import Plan, plan_run
from orchestration.home import ConfigurationError
from orchestration.resources import SegmentryHome, set_setting
from orchestration.specs import table_spec
from orchestration.targets import feature_list_digest, targets
from orchestration.training import origins_needed
from orchestration.warehouse import Warehouse


class PlanConfig(dg.Config):
    """as_of: D, as YYYY-MM-DD; by default the day after the newest event of any kind."""

    as_of: str | None = None


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
    stored = warehouse.scalar(_HISTORY_START)
    history_start = datetime.date.fromisoformat(str(stored)) if stored else None
    trained = warehouse.read(
        _TRAINED, {"targets": sorted(targets()), "features": feature_list_digest()}
    )
    dates = [pd.Timestamp(value).date() for value in trained["trained_as_of"]]
    dates_of_run = plan_run(
        newest, history_start, dates, settings.cadence_days, settings.history_periods
    )
    rows = build_date_rows(dates_of_run, first_order_date(warehouse))
    warehouse.replace(segmentry.table("ops.build_dates"), rows)
    keep = min(history_start or dates_of_run.membership[0], dates_of_run.membership[0])
    set_setting(segmentry, "history_start", keep.isoformat())
    yield dg.MaterializeResult(
        ["ops", "build_dates"],
        metadata={"as_of": dg.MetadataValue.text(newest.isoformat()), "rows": len(rows)},
    )
    yield dg.MaterializeResult(["ops", "settings"])


# A model of another feature list cannot score any more: its training does not count.
_TRAINED = """
    select trained_as_of from models.model_versions
    where list_contains($targets, target)
    group by trained_as_of
    having bool_and(feature_list_digest is null or feature_list_digest = $features)
        and count(distinct target) = len($targets)
"""
_HISTORY_START = "select setting_value from ops.settings where setting_name = 'history_start'"


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
    """One row per date and purpose; training origins before any order are left out."""
    rows = {(plan.newest, "newest")}
    rows |= {(date, "membership") for date in plan.membership}
    for trained in plan.training:
        rows |= {(trained, "training")}
        rows |= {(origin, "origin") for origin in origins_needed(trained, first_order)}
    frame = pd.DataFrame(sorted(rows), columns=["as_of_date", "purpose"])
    return frame[frame["as_of_date"].map(lambda d: d > first_order)].assign(reason=None)
