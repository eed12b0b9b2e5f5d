"""Transitions and the stays they make, stored together: only what changed is written."""

import datetime

import duckdb
import pandas as pd

TRANSITIONS = "segments.segment_transitions"
HISTORY = "segments.segment_membership_history"


def store(
    connection: duckdb.DuckDBPyConnection, transitions: pd.DataFrame, first: datetime.date
) -> None:
    """Replace what happened from `first` on by `transitions`, in the log and in the stays.

    A stay that began before `first` keeps its row: it is opened again, and closed where a
    transition says so.
    """
    connection.register("new_transitions", transitions)
    connection.execute("begin")
    connection.execute(f"delete from {TRANSITIONS} where as_of_date >= ?", [first])
    connection.execute(f"insert into {TRANSITIONS} by name select * from new_transitions")
    for statement in stays_sql(first):
        connection.execute(statement)
    connection.execute("commit")
    connection.unregister("new_transitions")


def stays_sql(first: datetime.date) -> list[str]:
    """The statements that bring the stays in line with the transitions from `first` on."""
    moves = f"""
        select customer_id, segment_id, event, as_of_date,
            lead(as_of_date) over own as next_date,
            lag(as_of_date) over own is null as is_first
        from {TRANSITIONS} where as_of_date >= date '{first}'
        window own as (partition by customer_id, segment_id order by as_of_date)
    """
    return [
        f"delete from {HISTORY} where valid_from >= date '{first}'",
        f"update {HISTORY} set valid_to = null where valid_to >= date '{first}'",
        f"update {HISTORY} as stays set valid_to = moves.as_of_date from ({moves}) as moves "
        "where moves.event = 'exit' and moves.is_first and stays.valid_to is null "
        "and stays.customer_id = moves.customer_id and stays.segment_id = moves.segment_id",
        f"insert into {HISTORY} (customer_id, segment_id, valid_from, valid_to) "
        f"select customer_id, segment_id, as_of_date, next_date from ({moves}) "
        "where event = 'enter' order by segment_id, customer_id",
    ]
