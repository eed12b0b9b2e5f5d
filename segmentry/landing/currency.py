"""Which currency a home reports in: settled once, with the first orders that land.

Not here: exchange rates, and the rule that an order of another currency needs one.
"""

import duckdb

from data_contracts.definitions.contract import DEFAULT_CURRENCY, ORDERS, Source, Table
from segmentry.landing.temporary import BATCH

SETTING = "reporting_currency"


def reporting_currency(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The currency that is settled, None before the first orders."""
    row = connection.execute(
        "select setting_value from ops.settings where setting_name = ?", [SETTING]
    ).fetchone()
    return str(row[0]) if row else None


def configure_currency(connection: duckdb.DuckDBPyConnection, currency: str) -> None:
    """Report in the currency that the home's configuration names."""
    connection.execute("delete from ops.settings where setting_name = ?", [SETTING])
    _store(connection, currency)


def settle_currency(connection: duckdb.DuckDBPyConnection, table: Table, source: Source) -> str:
    """Where BATCH holds the first orders of a home, settle its currency; returns a note on why.

    Empty where the table is not of orders, or the currency is settled.
    """
    if table.role != ORDERS or reporting_currency(connection):
        return ""
    currency, why = _choose(connection, source)
    _store(connection, currency)
    return f"Reporting currency is {currency}: {why}."


def _store(connection: duckdb.DuckDBPyConnection, currency: str) -> None:
    connection.execute(
        "insert into ops.settings by name select ? as setting_name, ? as setting_value",
        [SETTING, currency],
    )


def _choose(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[str, str]:
    if source.currency:
        return source.currency, f"the currency of {source.name}"
    code = "upper(trim(currency))"
    row = connection.execute(
        f"select {code} from {BATCH} where regexp_matches({code}, '^[A-Z]{{3}}$') "
        f"group by {code} order by count(*) desc, {code} limit 1"
    ).fetchone()
    if row:
        return str(row[0]), "most orders of the first landing carry it"
    return (
        DEFAULT_CURRENCY,
        "no order names a currency, and none is configured (reporting_currency)",
    )
