"""What was loaded: files and rows by table, spend by week."""

from typing import Any

import pandas as pd

from data_contracts.wording.dates import day_words
from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import count, plural
from segmentry.report.charts import figures as charts
from segmentry.report.page import Page, Section, records

LABEL = "What was loaded"
TITLE = "What was loaded"

FILES = """
    select source, table_name, count(*) as file_count, sum(row_count) as row_count,
        sum(duplicate_count) as duplicate_count, sum(changed_count) as changed_count,
        sum(quarantined_count) as quarantined_count
    from ops.loaded_files group by source, table_name
    order by source, row_count desc, table_name
"""
# A whole calendar week each: a cut-off one would look like a fall.
WEEKS = """
    with sold as (
        select * from core.fct_orders
        where cancelled_at is null and ordered_at < cast($as_of as date))
    select cast(date_trunc('week', ordered_at) as date) as week, sum(order_amount) as spend
    from sold
    group by 1
    having week >= (select cast(min(ordered_at) as date) from sold)
        and week + interval 7 day <= cast($as_of as date)
    order by 1
"""

LEAST_WEEKS = 4
TITLES = {"duplicate_count": "Repeated", "changed_count": "Changed"}


def section(page: Page) -> Section:
    """Files and rows by table, spend by week."""
    files = page.read(FILES)
    if files.empty:
        return {"empty": "No file is recorded as loaded."}
    kept = [name for name in TITLES if files[name].fillna(0).any()]
    numbers = ["file_count", "row_count", *kept, "quarantined_count"]
    rows = [
        [humanise(row.table_name), row.source, *[count(getattr(row, n)) for n in numbers]]
        for row in records(files)
    ]
    quarantined = quarantined_count(files)
    refused = (
        f"{plural(quarantined, 'row')} broke a rule and went to quarantine with the reason; the "
        "others were loaded."
        if quarantined
        else "No row was refused."
    )
    return {
        "lead": f"{plural(files['file_count'].sum(), 'file')} with "
        f"{plural(files['row_count'].sum(), 'row')}. {refused}",
        "figure": _weeks(page),
        "tables": [
            {
                "label": "Table of loaded files",
                "columns": [
                    *("Table", "Source", "Files", "Rows"),
                    *(TITLES[name] for name in kept),
                    "In quarantine",
                ],
                "rows": rows,
            }
        ],
    }


def quarantined_count(files: pd.DataFrame) -> int:
    """Rows of all files that broke a rule."""
    return int(files["quarantined_count"].fillna(0).sum())


def _weeks(page: Page) -> Any:
    weeks = page.read(WEEKS)
    if len(weeks) < LEAST_WEEKS:
        return None
    return page.draw.responsive(
        lambda width: charts.weekly_spend(weeks, width, page.currency),
        f"Spend in each of {len(weeks)} whole weeks",
        f"Spend in each whole week from {day_words(weeks['week'].iloc[0])}.",
    )
