"""What every stage must agree on: the dates of this run, the settings, when orders began.

Asked here and nowhere else: `ops.build_dates` and `ops.settings` have no other reader in Python.
A Reader is the warehouse, the snapshot that the last run published, or an open connection
(`door.Connected`). Not here: which dates a run ought to have (`segmentry.models.planning`).
"""

import datetime
from enum import StrEnum

import duckdb

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Table
from segmentry.home import ConfigurationError
from segmentry.warehouse.door import Reader


class Setting(StrEnum):
    """The names in ops.settings.

    history_starts: the first judged date of the first run, and of every run that went further back.
    """

    REPORTING_CURRENCY = "reporting_currency"
    HISTORY_STARTS = "history_starts"


class Purpose(StrEnum):
    """What a run builds a date for: scores and segments of D and before, or training."""

    NEWEST = "newest"
    MEMBERSHIP = "membership"
    ORIGIN = "origin"
    TRAINING = "training"


def setting(reader: Reader, name: Setting) -> str | None:
    """The value of a setting, None before it was stored."""
    value = reader.scalar(
        "select setting_value from ops.settings where setting_name = ?", [str(name)]
    )
    return None if value is None else str(value)


def set_setting(connection: duckdb.DuckDBPyConnection, name: Setting, value: str) -> None:
    """Store a setting in one statement, so that it may be part of an open transaction."""
    connection.execute(
        """
        merge into ops.settings as stored
        using (
            select cast($name as varchar) as setting_name, cast($value as varchar) as setting_value
        ) as wanted
            on stored.setting_name = wanted.setting_name
        when matched then update set setting_value = wanted.setting_value
        when not matched then insert (setting_name, setting_value)
            values (wanted.setting_name, wanted.setting_value)
        """,
        {"name": str(name), "value": value},
    )


def reporting_currency(reader: Reader) -> str | None:
    """The currency that amounts are reported in, None before the first orders landed."""
    return setting(reader, Setting.REPORTING_CURRENCY)


def history_starts(reader: Reader) -> tuple[datetime.date, ...]:
    """The dates at which membership was judged afresh, oldest first; none before the first run."""
    stored = setting(reader, Setting.HISTORY_STARTS)
    return tuple(datetime.date.fromisoformat(day) for day in stored.split(",")) if stored else ()


def planned_dates(reader: Reader, *purposes: Purpose) -> list[datetime.date]:
    """The dates that this run builds for any of `purposes` (none named: for all), oldest first."""
    dates = reader.read(
        "select distinct as_of_date from ops.build_dates "
        "where list_contains(?, purpose) order by as_of_date",
        [[str(purpose) for purpose in purposes or Purpose]],
    )
    return [value.date() for value in dates["as_of_date"]]


def newest_date(reader: Reader) -> datetime.date:
    """D of this run. Raises ConfigurationError before any run has planned its dates."""
    dates = planned_dates(reader, Purpose.NEWEST)
    if not dates:
        raise ConfigurationError("no run has planned its dates yet; run segmentry run --source ...")
    return dates[-1]


def membership_dates(reader: Reader) -> list[datetime.date]:
    """The dates at which this run scores customers and judges segments, oldest first, D last."""
    return planned_dates(reader, Purpose.MEMBERSHIP)


def training_dates(reader: Reader) -> list[datetime.date]:
    """The dates at which this run trains models, oldest first; none when nothing is due."""
    return planned_dates(reader, Purpose.TRAINING)


def training_reason(reader: Reader, date: datetime.date) -> str | None:
    """Why this run trains models at `date`, None when it does not."""
    reason = reader.scalar(
        "select reason from ops.build_dates where purpose = 'training' and as_of_date = ?", [date]
    )
    return None if reason is None else str(reason)


def judged_dates(reader: Reader) -> list[datetime.date]:
    """The membership dates of this run, and every later date that was scored before."""
    dates = reader.read(
        """
        select distinct as_of_date from models.customer_scores
        where as_of_date >= (
            select min(as_of_date) from ops.build_dates where purpose = 'membership'
        )
        order by as_of_date
        """
    )
    return [value.date() for value in dates["as_of_date"]]


def at_dates(dates: list[datetime.date]) -> str:
    """The SQL condition that `as_of_date` is one of `dates`; without any it never holds."""
    listed = ", ".join(f"date '{date}'" for date in dates)
    return f"as_of_date in ({listed or 'null'})"


def first_order_date(reader: Reader) -> datetime.date:
    """The day of the first order: nothing before it can be predicted.

    Raises ConfigurationError before any order has landed.
    """
    orders = [table for table in _event_tables() if table.role == "orders"]
    first = _event_date(reader, "min", orders)
    if first is None:
        raise ConfigurationError("no orders have been landed; run with --source and --landing")
    return first


def newest_event_date(reader: Reader) -> datetime.date | None:
    """The day of the newest event of any kind, None before anything has landed."""
    return _event_date(reader, "max", _event_tables())


def _event_tables() -> list[Table]:
    """Raw tables whose rows are known from a moment of their own; a rate's day is none."""
    raw = [table for table in load_contracts().of_stage("raw") if table.known_at]
    return [table for table in raw if table.column(table.known_at).type == "timestamp"]


def _event_date(reader: Reader, function: str, tables: list[Table]) -> datetime.date | None:
    """The day of the first (min) or last (max) time at which rows of these tables were known."""
    times = " union all ".join(
        f"select {function}({table.known_at}) as event_at from {table.full_name}"
        for table in tables
    )
    day = reader.scalar(f"select cast({function}(event_at) as date) from ({times}) as events")
    return day if isinstance(day, datetime.date) else None
