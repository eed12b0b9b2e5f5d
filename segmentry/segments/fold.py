"""The fold: judge membership date by date and say what changed.

Entering, staying and leaving depend on the date before, so dates are judged in order. Replacing a
date replays it and every later date that was judged. Memberships are bits of a few numbers per
customer (see to_membership.py), so that only who moved costs more than one scan.

The first date of a run that went further back than any before begins afresh: nobody is in a segment
there for having been in it earlier. So an older date that is judged after the fact changes no
date that was judged before it.
"""

import datetime
from collections.abc import Callable, Collection
from dataclasses import dataclass

import duckdb
import pandas as pd
import pyarrow as pa

from data_contracts.compiler.to_membership import (
    WORD_BITS,
    frame_sql,
    membership_sql,
    word_count,
)
from data_contracts.definitions.segment import Segment
from segmentry.segments.versions import Version, in_force


@dataclass(frozen=True)
class Step:
    """One date of the fold: the segments in force at it and at the judged date before it.

    begins_afresh: whether nobody stays for having been in at the date before.
    """

    date: datetime.date
    previous: datetime.date | None
    now: tuple[Segment, ...]
    before: tuple[Segment, ...]
    positions: dict[str, int]
    begins_afresh: bool


GiveReasons = Callable[[duckdb.DuckDBPyConnection, Step], pa.Table]


def fold(
    connection: duckdb.DuckDBPyConnection,
    dates: list[datetime.date],
    versions: list[Version],
    give_reasons: GiveReasons,
    starts: Collection[datetime.date] = (),
) -> pa.Table:
    """Transitions of `dates` (ascending; every judged date from the first on).

    starts: the dates that begin afresh, of which the first that was ever judged is one.

    Reads the stays before the first date from segments.segment_membership_history; writes nothing
    but temporary tables. `give_reasons` sees the temporary table `moves` (customer_id,
    segment_id, is_member) and returns it as transitions. Returns customer_id, segment_id, event,
    as_of_date, reason.
    """
    positions = _start(connection, dates[0], versions, starts)
    row = connection.execute(
        "select max(as_of_date) from models.customer_scores where as_of_date < ?", [dates[0]]
    ).fetchone()
    previous = row[0] if row else None
    pieces = []
    for date in dates:
        now = tuple(v.segment for v in in_force(versions, date).values())
        before = in_force(versions, previous) if previous else {}
        then = tuple(v.segment for v in before.values())
        step = Step(date, previous, now, then, positions, previous is None or date in starts)
        _judge(connection, step)
        pieces.append(give_reasons(connection, step))
        _advance(connection, step)
        previous = date
    return pa.concat_tables(pieces)


def _start(
    connection: duckdb.DuckDBPyConnection,
    first: datetime.date,
    versions: list[Version],
    starts: Collection[datetime.date],
) -> dict[str, int]:
    """Temporary tables `stays`, `positions` and `was` as they stood before the first date."""
    connection.execute(
        """
        create or replace temp table stays as
        select customer_id, segment_id, greatest(valid_from, $afresh) as valid_from
        from segments.segment_membership_history
        where valid_from < $first and (valid_to is null or valid_to >= $first)
        """,
        {"first": first, "afresh": max((day for day in starts if day < first), default=None)},
    )
    stored = connection.execute("select distinct segment_id from stays").fetchall()
    names = sorted({v.segment.segment_id for v in versions} | {row[0] for row in stored})
    positions = {name: position for position, name in enumerate(names)}
    bits = pd.DataFrame(
        [(n, p // WORD_BITS, 1 << p % WORD_BITS) for n, p in positions.items()],
        columns=["segment_id", "word", "mask"],
    )
    connection.register("segment_bits", bits)
    connection.execute("create or replace temp table positions as select * from segment_bits")
    connection.unregister("segment_bits")
    words = ", ".join(
        f"coalesce(sum(mask) filter (where word = {n}), 0)::bigint as word_{n}"
        for n in range(word_count(positions))
    )
    connection.execute(
        f"create or replace temp table was as select customer_id, {words} "
        "from stays inner join positions using (segment_id) group by customer_id"
    )
    return positions


def _judge(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Temporary tables `met` (everybody's bits) and `moves` (who is in or out since `was`)."""
    if step.begins_afresh:
        connection.execute("delete from stays")
    frame = frame_sql(step.now, stays="stays")
    connection.execute(
        f"create or replace temp table met as {membership_sql(step.now, frame, step.positions)}",
        {"as_of_date": step.date},
    )
    connection.execute(f"create or replace temp table moves as {moves_sql(step.positions)}")


def moves_sql(positions: dict[str, int]) -> str:
    """customer_id, segment_id, is_member of every bit that differs between `was` and `met`."""
    numbers = range(word_count(positions))
    pairs = ", ".join(
        f"coalesce(w.word_{n}, 0) as was_{n}, coalesce(m.word_{n}, 0) as now_{n}" for n in numbers
    )
    differ = " or ".join(f"coalesce(w.word_{n}, 0) <> coalesce(m.word_{n}, 0)" for n in numbers)
    moved = " union all ".join(
        f"select c.customer_id, p.segment_id, (c.now_{n} & p.mask) <> 0 as is_member "
        f"from changed as c inner join positions as p "
        f"on p.word = {n} and (xor(c.was_{n}, c.now_{n}) & p.mask) <> 0"
        for n in numbers
    )
    return (
        f"with changed as (select coalesce(m.customer_id, w.customer_id) as customer_id, {pairs} "
        f"from met as m full join was as w on w.customer_id = m.customer_id where {differ}) {moved}"
    )


def _advance(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    """What was judged becomes what was."""
    connection.execute("create or replace temp table was as select * from met")
    if step.begins_afresh:
        joined = " or ".join(
            f"(p.word = {n} and (met.word_{n} & p.mask) <> 0)"
            for n in range(word_count(step.positions))
        )
        entered = f"met inner join positions as p on {joined}"
    else:
        connection.execute(
            "delete from stays using moves where stays.customer_id = moves.customer_id "
            "and stays.segment_id = moves.segment_id"
        )
        entered = "moves where is_member"
    connection.execute(
        f"insert into stays select customer_id, segment_id, ? from {entered}", [step.date]
    )
