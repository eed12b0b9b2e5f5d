"""The dates of a run: read what earlier runs left, decide, store in ops.build_dates.

Not here: the rule itself, which is pure (`schedule`), and readers of the stored dates
(`segmentry.warehouse.facts`).
"""

import datetime

import pandas as pd

from data_contracts.compiler.loading import load_contracts
from ml.origins import needed_dates
from segmentry.home import ConfigurationError
from segmentry.models.drift import standing_drift
from segmentry.models.schedule import Past, Plan, Train, drift_reason, plan_run
from segmentry.project.vocabulary import (
    NEXT_PRODUCTS,
    digest_for,
    written_targets,
)
from segmentry.warehouse.door import Reader, Warehouse
from segmentry.warehouse.facts import (
    Purpose,
    Setting,
    first_order_date,
    history_starts,
    newest_event_date,
    set_setting,
)
from segmentry.warehouse.tables import replace_rows

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
    having bool_and(
        feature_list_digest is null or list_contains($digests, target || ' ' || feature_list_digest)
    )
        and count(distinct target) = len($targets)
"""


def plan_dates(
    warehouse: Warehouse, as_of: str | None, train: Train = Train.DUE, reason: str = ""
) -> Plan:
    """Plan this run at `as_of` (YYYY-MM-DD; None: the day after the newest event).

    Raises ConfigurationError for a date outside the events, and when a run is to score only but no
    model can.
    """
    newest = date_to_build(warehouse, as_of)
    past = read_past(warehouse)
    if train is Train.NEVER and not past.trained:
        raise ConfigurationError(
            "no model has been trained on today's targets and features, so that nothing can be "
            "scored; start the job retrain, or segmentry run, once"
        )
    config = warehouse.home.read_config()
    return plan_run(newest, past, config.cadence_days, config.history_periods, train, reason)


def store_plan(warehouse: Warehouse, plan: Plan) -> int:
    """Write the dates of a run, and where its history begins; returns the rows."""
    rows = build_date_rows(plan, first_order_date(warehouse))
    starts, first = history_starts(warehouse), plan.membership[0]
    if not starts or first < starts[0]:
        starts = (first, *starts)
    with warehouse.connect() as connection:
        replace_rows(connection, load_contracts().tables["ops.build_dates"], rows)
        set_setting(connection, Setting.HISTORY_STARTS, ",".join(map(str, starts)))
    return len(rows)


def read_past(reader: Reader) -> Past:
    """What earlier runs left behind."""
    names = sorted(written_targets())
    trained = reader.read(
        _TRAINED,
        {
            "targets": names,
            "digests": [f"{name} {digest_for(name)}" for name in names],
            "ranking": NEXT_PRODUCTS,
            "read": digest_for(NEXT_PRODUCTS),
        },
    )
    drifted_on, drift = standing_drift(reader)
    dates = tuple(value.date() for value in trained["trained_as_of"])
    return Past(history_starts(reader), dates, drifted_on, drift)


def call_for_training(reader: Reader) -> tuple[datetime.date, str] | None:
    """The date at which drift was measured and why it calls for training; None when it does not."""
    past = read_past(reader)
    if past.drifted_on is None or not past.trained:
        return None
    reason = drift_reason(max(past.trained), past.drifted_on, past.drift)
    return (past.drifted_on, reason) if reason else None


def date_to_build(reader: Reader, as_of: str | None) -> datetime.date:
    """D: `as_of`, or else the day after the newest event of any kind.

    Raises ConfigurationError for a D that is no date, before all orders, or after all events.
    """
    first = first_order_date(reader)
    newest = (newest_event_date(reader) or first) + datetime.timedelta(days=1)
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
    rows: dict[tuple[datetime.date, str], str | None] = {(plan.newest, Purpose.NEWEST): None}
    rows |= {(date, Purpose.MEMBERSHIP): None for date in plan.membership}
    for training in plan.training:
        origins = needed_dates(training.as_of, written_targets().values(), first_order)
        rows |= {(origin, Purpose.ORIGIN): None for origin in origins}
        rows[(training.as_of, Purpose.TRAINING)] = training.reason
    kept = [(*key, rows[key]) for key in sorted(rows) if key[0] > first_order]
    return pd.DataFrame(kept, columns=["as_of_date", "purpose", "reason"])
