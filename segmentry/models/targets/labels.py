"""Whom each target asks about, in the warehouse, and which of them are learned from."""

import datetime

import pandas as pd

from data_contracts.compiler.to_labels import labels_sql
from data_contracts.definitions.target import Target
from ml.frames import MAX_TRAINING_ROWS
from ml.origins import needed_dates
from segmentry.project.vocabulary import targets_in
from segmentry.warehouse.door import Reader, Replacement, Warehouse
from segmentry.warehouse.facts import membership_dates, newest_date, planned_dates

# Buckets that customers fall into by a hash of their id, the same at every date.
BUCKETS = 1_000_000
_BUCKET = f"(md5_number_lower(customer_id) % {BUCKETS})"
# Leads may outnumber customers by far: they are sampled apart, so that neither thins the other.
_IS_LEAD = "coalesce(order_count, 0) = 0"


def label_queries(
    warehouse: Warehouse, trained: list[datetime.date], first_event: datetime.date
) -> list[Replacement]:
    """How the labels of every window that has wholly passed are written: a step per horizon.

    Labelled are the dates that training at `trained` reads, those judged in this run, and those
    that an earlier run scored and whose windows may have passed since.
    """
    by_horizon: dict[int, list[Target]] = {}
    for target in targets_in(warehouse).values():
        by_horizon.setdefault(target.horizon_days, []).append(target)
    steps = []
    newest, planned = newest_date(warehouse), set(planned_dates(warehouse))
    judged = {newest, *membership_dates(warehouse)}
    for alike in by_horizon.values():
        needed = {day for date in trained for day in needed_dates(date, alike, first_event)}
        listed = ", ".join(f"date '{day}'" for day in sorted(judged | needed & planned))
        names = ", ".join(f"'{target.name}'" for target in alike)
        dates = _LABELLED.format(listed=listed, names=names)
        query = labels_sql(alike, f"({dates})", "features.customer_features", f"date '{newest}'")
        steps.append(Replacement(f"as_of_date in ({dates}) and target in ({names})", query))
    return steps


_LABELLED = """
    select unnest([{listed}]) as as_of_date
    union
    select distinct as_of_date from models.customer_scores
    where as_of_date not in (select as_of_date from models.labels where target in ({names}))
"""


def asked(targets: dict[str, Target]) -> str:
    """SQL condition over the mart: whoever some target asks about."""
    return " or ".join(f"({target.population})" for target in targets.values()) or "false"


def sampled(
    warehouse: Reader,
    dates: list[datetime.date],
    targets: dict[str, Target],
    rows: int = MAX_TRAINING_ROWS,
) -> str:
    """SQL condition over the mart: whom models of `targets` learn from at `dates`.

    Everybody asked about, or a sample of whole customers of about `rows` rows, and as many rows
    of leads. Nobody has both kinds of rows thinned by the other's number.
    """
    counts = warehouse.read(
        f"select {_IS_LEAD} as is_lead, count(*) as n from features.customer_features "
        f"where list_contains(?, as_of_date) and ({asked(targets)}) group by is_lead",
        [dates],
    )
    found = dict(zip(counts["is_lead"], counts["n"], strict=True))
    leads, customers = (
        min(BUCKETS, int(BUCKETS * rows / max(int(found.get(key, 0)), 1))) for key in (True, False)
    )
    kept = f"{_BUCKET} < case when {_IS_LEAD} then {leads} else {customers} end"
    return f"({asked(targets)}) and {kept}"


def read_labels(
    warehouse: Warehouse, trained_as_of: datetime.date, targets: dict[str, Target], who: str
) -> pd.DataFrame:
    """Labels that are known at a date, and null ones of whom each target asks about then.

    `who`: SQL condition over the mart. Columns customer_id, as_of_date, target, label, in order.
    """
    names = ", ".join(
        f"case when {target.population} then '{name}' end" for name, target in targets.items()
    )
    return warehouse.read(
        f"""
        with sample as (select * from features.customer_features where {who})
        select customer_id, as_of_date, target, label
        from models.labels as l
        semi join sample using (customer_id, as_of_date)
        where matured_on <= $date
        union all
        select customer_id, as_of_date, target, null from (
            select customer_id, as_of_date, unnest([{names}]) as target
            from sample where as_of_date = $date
        ) where target is not null
        order by target, as_of_date, customer_id
        """,
        {"date": trained_as_of},
    )
