"""Which currency a home reports in: settled once, with the first orders that land.

Not here: exchange rates, and the rule that an order of another currency needs one.
"""

import duckdb

from data_contracts.definitions.contract import DEFAULT_CURRENCY, ORDERS, Source, Table
from segmentry.landing.temporary import BATCH
from segmentry.warehouse.door import Connected
from segmentry.warehouse.facts import Setting, reporting_currency, set_setting


def settle_currency(connection: duckdb.DuckDBPyConnection, table: Table, source: Source) -> str:
    """Where BATCH holds the first orders of a home, settle its currency; returns a note on why.

    Empty where the table is not of orders, or the currency is settled.
    """
    if table.role != ORDERS or reporting_currency(Connected(connection)):
        return ""
    currency, why = _choose(connection, source)
    set_setting(connection, Setting.REPORTING_CURRENCY, currency)
    return f"Reporting currency is {currency}: {why}."


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
