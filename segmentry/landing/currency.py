"""Which currency a home reports in: settled once, with the first orders that land.

Not here: exchange rates, and the rule that an order of another currency needs one.
"""

import duckdb

from segmentry.landing.relation import BATCH
from segmentry.warehouse.facts import Setting, set_setting

# The files of Complete Journey name no currency; the retailer is American.
SOURCE_CURRENCY = {"complete_journey": "USD"}
LAST_RESORT = "USD"


def choose_currency(connection: duckdb.DuckDBPyConnection, source: str) -> tuple[str, str]:
    """Settle the currency by the staged batch of orders; returns it and why it was chosen."""
    currency, why = _choice(connection, source)
    set_setting(connection, Setting.REPORTING_CURRENCY, currency)
    return currency, why


def _choice(connection: duckdb.DuckDBPyConnection, source: str) -> tuple[str, str]:
    if source in SOURCE_CURRENCY:
        return SOURCE_CURRENCY[source], f"the currency of {source}"
    code = "upper(trim(currency))"
    found = connection.execute(
        f"select {code} from {BATCH} where regexp_matches({code}, '^[A-Z]{{3}}$') "
        f"group by {code} order by count(*) desc, {code} limit 1"
    ).fetchone()
    if found:
        return str(found[0]), "most orders of the first landing carry it"
    return LAST_RESORT, "no order names a currency, and none is configured (reporting_currency)"
