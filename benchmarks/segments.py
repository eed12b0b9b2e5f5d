"""What segments cost: judging many in one scan, and bringing the history up to date.

Everything is a ratio within one run: judging beside writing the membership table that it finds,
the update of one day beside writing the whole history anew.
"""

import datetime
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa

from data_contracts.compiler.conditions import Vocabulary, read_condition
from data_contracts.compiler.to_membership import frame_sql, membership_sql
from data_contracts.definitions.segment import Segment
from segmentry.segments.fold import Step, Version, fold, moves_sql
from segmentry.segments.history import store

CUSTOMERS = 1_000_000
SEGMENTS = 100
FEATURES = 40
REPEATS = 3
CHANGED = (0.001, 0.01, 0.1)
D1, D2 = datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)

_TABLES = """
    create schema features; create schema models; create schema segments;
    create table models.customer_scores (customer_id varchar, as_of_date date);
    create table segments.segment_transitions (
        customer_id varchar, segment_id varchar, event varchar, as_of_date date, reason varchar);
    create table segments.segment_membership_history (
        customer_id varchar, segment_id varchar, valid_from date, valid_to date);
"""
# The history written whole from the log, as a table that is rebuilt each day would be.
_REWRITE = """
    create or replace table rewritten as
    select customer_id, segment_id, as_of_date as valid_from, next_date as valid_to from (
        select *, lead(as_of_date) over (
            partition by customer_id, segment_id order by as_of_date
        ) as next_date
        from segments.segment_transitions
    ) where event = 'enter'
"""


def rule_segments(count: int, features: int) -> list[Segment]:
    """Rules over two features each, which a fiftieth to a tenth of the customers meet."""
    words = Vocabulary({f"f{n}_count": "double" for n in range(features)}, frozenset())
    segments = []
    for number in range(count):
        first, second = number % features, (number * 7 + 3) % features
        limit = 0.9 - 0.08 * (number % 10) / 10
        text = f"f{first}_count >= {limit} and f{second}_count < 0.5 + {number % 5} * 0.05"
        condition = read_condition(text, words, f"s{number:03}")
        name = f"s{number:03}"
        segments.append(
            Segment(name, name, "rule", "", condition, "o", "p", "approved", datetime.date.max)
        )
    return segments


def fill(connection: duckdb.DuckDBPyConnection, customers: int, features: int) -> None:
    """Customers with uniform features at the first of two dates."""
    rng = np.random.default_rng(1)
    columns = {f"f{n}_count": rng.random(customers, np.float32) for n in range(features)}
    connection.execute(_TABLES)
    connection.register("made", pa.table({name: pa.array(v) for name, v in columns.items()}))
    listed = ", ".join(f"cast({name} as double) as {name}" for name in columns)
    connection.execute(
        "create table features.customer_features as "
        "select printf('c%011d', row_number() over ()) as customer_id, "
        f"date '{D1}' as as_of_date, {listed} from made"
    )
    connection.unregister("made")


def add_second_date(connection: duckdb.DuckDBPyConnection, share: float, features: int) -> None:
    """The next date: a share of the customers has other features, the rest the same."""
    swapped = ", ".join(
        f"case when changes then f{(n + 1) % features}_count else f{n}_count end as f{n}_count"
        for n in range(features)
    )
    connection.execute("delete from features.customer_features where as_of_date = ?", [D2])
    connection.execute(
        f"insert into features.customer_features select customer_id, date '{D2}', {swapped} from ("
        f"select *, hash(customer_id) % 100000 < {share * 100_000} as changes "
        f"from features.customer_features where as_of_date = date '{D1}')"
    )


def plain_moves(connection: duckdb.DuckDBPyConnection, step: Step) -> pa.Table:
    """Moves as transitions, without looking for reasons."""
    return connection.sql(
        "select customer_id, segment_id, case when is_member then 'enter' else 'exit' end as event,"
        " $as_of_date::date as as_of_date, 'behaviour' as reason from moves",
        params={"as_of_date": step.date},
    ).to_arrow_table()


def seconds(work: Callable[[], object], before: Callable[[], object] = list) -> float:
    """Median seconds of a few runs; `before` puts things back and is not counted."""
    taken = []
    for _ in range(REPEATS):
        before()
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def report(customers: int = CUSTOMERS, count: int = SEGMENTS) -> list[str]:
    """The measurements as lines."""
    segments = rule_segments(count, FEATURES)
    versions = [Version(segment, D1) for segment in segments]
    positions = {segment.segment_id: n for n, segment in enumerate(segments)}
    judge = membership_sql(segments, frame_sql(segments), positions)
    with TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "b.duckdb")) as own:
        own.execute("set enable_progress_bar = false")
        fill(own, customers, FEATURES)
        judging = seconds(
            lambda: own.execute(f"create or replace temp table met as {judge}", {"as_of_date": D1})
        )
        store(own, fold(own, [D1], versions, plain_moves), D1)
        own.execute(
            "create temp table ready as select customer_id, segment_id "
            "from segments.segment_membership_history"
        )
        writing = seconds(lambda: own.execute("create or replace table m as from ready"))
        members = own.execute("select count(*) from ready").fetchone() or (0,)
        lines = [
            f"{count} segments over {customers:,} customers, {members[0]:,} memberships",
            f"  judging all in one scan {judging:.2f} s, writing the membership table "
            f"{writing:.2f} s: {judging / writing:.2f}x (goal 3)",
        ]
        for share in CHANGED:
            lines.append(_update(own, versions, share))
    return lines


def _update(own: duckdb.DuckDBPyConnection, versions: list[Version], share: float) -> str:
    """One more day: the difference and the stays beside rewriting the history from the log."""
    add_second_date(own, share, FEATURES)
    fold(own, [D1], versions, plain_moves)
    own.execute("create or replace temp table was_before as select * from was")
    found = fold(own, [D2], versions, plain_moves)
    positions = {version.segment.segment_id: n for n, version in enumerate(versions)}
    own.execute("create or replace temp table met as select * from was")
    own.execute("create or replace temp table was as select * from was_before")
    comparing = seconds(
        lambda: own.execute(f"create or replace temp table moves as {moves_sql(positions)}")
    )
    storing = seconds(lambda: store(own, found, D2), before=lambda: store(own, found[:0], D2))
    rewriting = seconds(lambda: own.execute(_REWRITE))
    same = own.execute(
        "select count(*) from (from rewritten except all from segments.segment_membership_history)"
    ).fetchone()
    if same != (0,):
        sys.exit("the history brought up to date is not the history written anew")
    updating = comparing + storing
    return (
        f"  {share:.1%} changed, {found.num_rows:,} moves: comparing {comparing:.2f} s + storing "
        f"{storing:.2f} s, rewriting the history {rewriting:.2f} s: {updating / rewriting:.2f}x "
        "(goal 0.75)"
    )


def main() -> None:
    """Print the measurements."""
    sys.stdout.write("\n".join(["", "Segments", *report(), ""]))


if __name__ == "__main__":
    main()
