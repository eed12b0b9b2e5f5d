"""Whether the newest date looks like the dates before it: as many rows, and scores on their level.

A join that lost half of the customers, or a model that scores everybody alike, breaks no promise
about a row. What is found is a warning: a shop may well have doubled.
"""

from collections.abc import Iterator

import duckdb

from data_contracts.definitions.contract import Table

DATED_BY_CUSTOMER = ("customer_id", "as_of_date")
# The dates before the newest that it is set beside.
DATES = 4
# Times as many, or as few, rows or a mean as many times larger.
LARGEST = 2.0

_BY_DATE = """
    select as_of_date, {group} as part, count(*) as n, avg({level}) as level
    from {table} group by all
"""
_CHANGES = """
    with by_date as ({by_date}),
    numbered as (
        select *, row_number() over (partition by part order by as_of_date desc) as place
        from by_date
    )
    select part, max(case when place = 1 then n end) as n,
        avg(case when place between 2 and {dates} then n end) as n_before,
        max(case when place = 1 then level end) as level,
        avg(case when place between 2 and {dates} then level end) as level_before
    from numbered where place <= {dates}
    group by part having count(*) > 1 order by part
"""


def changes(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[tuple[str, str]]:
    """What of the newest date is far from the dates before: (check, what was seen), in words.

    Of a table keyed by customer and date, for each target where it has targets; others pass.
    """
    if table.key[:2] != DATED_BY_CUSTOMER:
        return
    names = {column.name for column in table.columns}
    by_date = _BY_DATE.format(
        group="target" if "target" in names else f"'{table.full_name}'",
        level="score" if "score" in names else "null::double",
        table=table.full_name,
    )
    rows = connection.execute(_CHANGES.format(by_date=by_date, dates=DATES + 1)).fetchall()
    for part, n, n_before, level, level_before in rows:
        if not _alike(n, n_before):
            yield "volume", f"{part}: {n} rows at the newest date, {n_before:.0f} before"
        if level is not None and level_before is not None and not _alike(level, level_before):
            yield "level", f"{part}: a mean score of {level:.3g}, {level_before:.3g} before"


def _alike(now: float, before: float) -> bool:
    return now <= LARGEST * before and before <= LARGEST * now
