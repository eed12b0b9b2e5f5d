"""Reads the serving database into small frames: aggregates, never one row per customer.

A table that is missing, or lacks columns, becomes an empty frame with the expected columns, so
that a shop with little data still gets a page that says what it has not got.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from segmentry.report import affinity_queries, expected, queries


@dataclass(frozen=True)
class Frames:
    """What the page shows. Every frame may be empty; `as_of` is None when nothing was built."""

    as_of: date | None
    currency: str
    files: pd.DataFrame
    weeks: pd.DataFrame
    orders: pd.Series
    checks: pd.DataFrame
    segments: pd.DataFrame
    summary: pd.DataFrame
    stages: pd.DataFrame
    stage_flow: pd.DataFrame
    reasons: pd.DataFrame
    moves: pd.DataFrame
    near: pd.DataFrame
    clusters: pd.DataFrame
    cluster_cards: pd.DataFrame
    lineage: pd.DataFrame
    metrics: pd.DataFrame
    curves: pd.DataFrame
    random_splits: pd.DataFrame
    versions: pd.DataFrame
    drift: pd.DataFrame
    matured: pd.DataFrame
    sufficiency: pd.DataFrame
    examples: pd.DataFrame
    channels: pd.DataFrame
    consents: pd.DataFrame
    identity: pd.DataFrame
    affinity: pd.DataFrame
    affinity_metrics: pd.DataFrame

    def segment_names(self) -> dict[str, str]:
        """Segment id -> name."""
        return {row.segment_id: row.name for row in records(self.segments)}


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows as named tuples, whose values are what the query returned."""
    return list(frame.itertuples(index=False))


@contextmanager
def _reader(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only view of the serving database; temporary objects live in memory."""
    with duckdb.connect() as connection:
        literal = str(database).replace("'", "''")
        connection.execute(f"attach '{literal}' as serving (read_only)")
        connection.execute("use serving")
        _fill_gaps(connection)
        yield connection


def _fill_gaps(connection: duckdb.DuckDBPyConnection) -> None:
    """Shadows each expected table by a temporary view that has all expected columns."""
    rows = connection.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        " where table_catalog = 'serving'"
    ).fetchall()
    present: dict[str, set[str]] = {}
    for table, column in rows:
        present.setdefault(table, set()).add(column)
    for table, columns in expected.COLUMNS.items():
        have = present.get(table, set())
        parts = [
            f'"{name}"' if name in have else f'cast(null as {kind}) as "{name}"'
            for name, kind in columns.items()
        ]
        view = table.replace(".", "__")
        source = f" from serving.{table}" if have else " where false"
        connection.execute(f"create temp view {view} as select {', '.join(parts)}{source}")


def _first_value(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    rows = connection.execute(sql).fetchall()
    return rows[0][0] if rows else None


def read_frames(database: Path) -> Frames:
    """Reads every frame of the page; raises duckdb.IOException when the file cannot be opened."""
    with _reader(database) as connection:
        newest = _first_value(connection, queries.AS_OF)

        def frame(sql: str, **parameters: Any) -> pd.DataFrame:
            return connection.execute(sql, parameters or None).df()

        at = {"as_of": newest}
        return Frames(
            as_of=newest,
            currency=_first_value(connection, queries.CURRENCY) or "",
            files=frame(queries.FILES),
            weeks=frame(queries.WEEKS, **at),
            orders=frame(queries.ORDERS, **at).iloc[0],
            checks=frame(queries.CHECKS),
            segments=frame(queries.SEGMENTS, **at),
            summary=frame(queries.SUMMARY),
            stages=frame(queries.STAGES, **at),
            stage_flow=frame(queries.STAGE_FLOW, **at),
            reasons=frame(queries.REASONS),
            moves=frame(queries.MOVES),
            near=frame(queries.NEAR),
            clusters=frame(queries.CLUSTERS, **at),
            cluster_cards=frame(queries.CLUSTER_CARDS),
            lineage=frame(queries.LINEAGE),
            metrics=frame(queries.METRICS),
            curves=frame(queries.CURVES),
            random_splits=frame(queries.RANDOM_SPLITS),
            versions=frame(queries.VERSIONS),
            drift=frame(queries.DRIFT),
            matured=frame(queries.MATURED),
            sufficiency=frame(queries.SUFFICIENCY, **at),
            examples=_examples(connection, newest),
            channels=frame(queries.CHANNEL_USE, **at),
            consents=frame(queries.CONSENTS, **at),
            identity=frame(queries.IDENTITY),
            affinity=frame(affinity_queries.LEADING, **at),
            affinity_metrics=frame(affinity_queries.JUDGED, **at),
        )


def _examples(connection: duckdb.DuckDBPyConnection, as_of: date | None) -> pd.DataFrame:
    """Ten telling customers, one per kind of story, then the best spenders; the same every time.

    Shape: one row per customer and target; a customer without scores has one row.
    """
    connection.execute(queries.CANDIDATES, {"as_of": as_of})
    taken: list[str] = []
    stories: list[str] = []
    for story, condition, order in [*queries.STORIES, *[queries.FILLER] * queries.EXAMPLE_COUNT]:
        if len(taken) == queries.EXAMPLE_COUNT:
            break
        rows = connection.execute(
            f"select customer_id from story_candidates where ({condition})"
            f" and not list_contains($taken, customer_id) order by {order}, customer_id limit 1",
            {"taken": taken},
        ).fetchall()
        if rows:
            taken.append(rows[0][0])
            stories.append(story)
    chosen = pd.DataFrame({"customer_id": taken, "story": stories, "position": range(len(taken))})
    connection.register("chosen", chosen)
    return connection.execute(queries.EXAMPLES, {"as_of": as_of}).df()
