"""What was loaded: files and rows by table."""

import pandas as pd

from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import count, plural
from segmentry.report.page import Page, Section, records

PAGE = "data"
LABEL = "What was loaded"
TITLE = "What was loaded"

FILES = """
    select source, table_name, count(*) as file_count, sum(row_count) as row_count,
        sum(duplicate_count) as duplicate_count, sum(changed_count) as changed_count,
        sum(quarantined_count) as quarantined_count
    from ops.loaded_files group by source, table_name
    order by source, row_count desc, table_name
"""

TITLES = {"duplicate_count": "Repeated", "changed_count": "Changed"}


def section(page: Page) -> Section:
    """Files and rows by table."""
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
