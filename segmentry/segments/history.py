"""Transitions and the stays they make, stored together: only what changed is written."""

import datetime

import duckdb
import pyarrow as pa

TRANSITIONS = "segments.segment_transitions"
HISTORY = "segments.segment_membership_history"


def store(
    connection: duckdb.DuckDBPyConnection, transitions: pa.Table, first: datetime.date
) -> None:
    """Replace what happened from `first` on by `transitions`, in the log and in the stays.

    A stay that began before `first` keeps its row: it is opened again, and closed where a
    transition says so.
    """
    connection.register("new_transitions", transitions)
    connection.execute(_NEW_MOVES)
    connection.unregister("new_transitions")
    connection.execute("begin")
    for statement in _STATEMENTS:
        connection.execute(statement, {"first": first} if "$first" in statement else None)
    connection.execute("commit")
    connection.execute("drop table new_moves")


_NEW_MOVES = """
    create or replace temp table new_moves as
    select *, lead(as_of_date) over own as next_date, lag(as_of_date) over own is null as is_first
    from new_transitions
    window own as (partition by customer_id, segment_id order by as_of_date)
"""
_STATEMENTS = (
    f"delete from {TRANSITIONS} where as_of_date >= $first",
    f"insert into {TRANSITIONS} by name select * exclude (next_date, is_first) from new_moves",
    f"delete from {HISTORY} where valid_from >= $first",
    f"update {HISTORY} set valid_to = null where valid_to >= $first",
    f"""
    update {HISTORY} as stays set valid_to = moves.as_of_date from new_moves as moves
    where moves.event = 'exit' and moves.is_first and stays.valid_to is null
        and stays.customer_id = moves.customer_id and stays.segment_id = moves.segment_id
    """,
    f"""
    insert into {HISTORY} (customer_id, segment_id, valid_from, valid_to)
    select customer_id, segment_id, as_of_date, next_date from new_moves where event = 'enter'
    """,
)
