"""The fold: judge membership date by date and store what changed, with the reason.

Entering, staying and leaving depend on the date before, so dates are judged in order. Replacing a
date replays it and every later date that was judged.
"""

import datetime
from dataclasses import dataclass

import duckdb
import pandas as pd

from data_contracts.compiler.segments import Segment, membership_sql

SCORE_SUFFIXES = ("_score", "_percentile")


@dataclass(frozen=True)
class Version:
    """One version of a segment, in force from `effective_from` on."""

    segment: Segment
    effective_from: datetime.date


def frame_sql(targets: list[str], clusterings: list[str]) -> str:
    """The relation that conditions read at one date: features, scores, clusters.

    The date is the parameter $as_of_date.
    """
    scores = "".join(
        f", max(score) filter (where target = '{t}') as {t}_score"
        f", max(percentile) filter (where target = '{t}') as {t}_percentile"
        for t in targets
    )
    clusters = "".join(
        f", max(cluster_id) filter (where clustering = '{c}') as cluster_{c}" for c in clusterings
    )
    return f"""
        select f.*, s.* exclude (customer_id), k.* exclude (customer_id)
        from features.customer_features as f
        left join (
            select customer_id{scores} from models.customer_scores
            where as_of_date = $as_of_date group by customer_id
        ) as s on s.customer_id = f.customer_id
        left join (
            select customer_id{clusters} from models.cluster_assignments
            where as_of_date = $as_of_date group by customer_id
        ) as k on k.customer_id = f.customer_id
        where f.as_of_date = $as_of_date
    """


def fold(
    connection: duckdb.DuckDBPyConnection,
    dates: list[datetime.date],
    versions: list[Version],
    frame: str,
) -> pd.DataFrame:
    """Transitions of `dates` (ascending; every judged date from the first on).

    Reads earlier transitions from segments.segment_transitions; writes nothing but temporary
    tables. Returns customer_id, segment_id, event, as_of_date, reason.
    """
    connection.execute(
        """
        create or replace temp table members as
        select customer_id, segment_id from (
            select customer_id, segment_id, event, row_number() over (
                partition by customer_id, segment_id order by as_of_date desc
            ) as recency
            from segments.segment_transitions where as_of_date < ?
        ) where recency = 1 and event = 'enter'
        """,
        [dates[0]],
    )
    row = connection.execute(
        "select max(as_of_date) from models.customer_scores where as_of_date < ?", [dates[0]]
    ).fetchone()
    previous = row[0] if row else None
    pieces = []
    for date in dates:
        pieces.append(_judge(connection, date, previous, versions, frame))
        connection.execute(
            "create or replace temp table members as select customer_id, segment_id from met"
        )
        previous = date
    return pd.concat(pieces, ignore_index=True)


def in_force(versions: list[Version], date: datetime.date) -> dict[str, Version]:
    """The version of each segment at a date: the newest that is effective by then."""
    found: dict[str, Version] = {}
    for version in sorted(versions, key=lambda v: v.effective_from):
        if version.effective_from <= date and version.segment.status != "retired":
            found[version.segment.segment_id] = version
        elif version.effective_from <= date:
            found.pop(version.segment.segment_id, None)
    return found


def _judge(
    connection: duckdb.DuckDBPyConnection,
    date: datetime.date,
    previous: datetime.date | None,
    versions: list[Version],
    frame: str,
) -> pd.DataFrame:
    """Compare who meets the conditions at `date` with `members`; leaves the temp table `met`."""
    current = in_force(versions, date)
    _materialise(connection, "met", [v.segment for v in current.values()], frame, date)
    before = in_force(versions, previous) if previous else {}
    changed = {i for i in {*current, *before} if current.get(i) != before.get(i)}
    redefined = [current[i].segment for i in sorted(changed) if i in current]
    _materialise(connection, "met_before_under_new", redefined, frame, previous or date)
    connection.register("segment_facts", _facts(current, before, changed))
    frame_of_transitions = connection.execute(
        _TRANSITIONS,
        {"as_of_date": date, "previous": previous or date},
    ).df()
    connection.unregister("segment_facts")
    return frame_of_transitions


def _materialise(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    segments: list[Segment],
    frame: str,
    date: datetime.date,
) -> None:
    if not segments:
        connection.execute(
            f"create or replace temp table {name} (customer_id varchar, segment_id varchar)"
        )
        return
    connection.execute(f"create or replace temp table judged as {frame}", {"as_of_date": date})
    sql = membership_sql(segments, "judged")
    connection.execute(f"create or replace temp table {name} as {sql}")


def _facts(
    current: dict[str, Version], before: dict[str, Version], changed: set[str]
) -> pd.DataFrame:
    """Per segment: whether its definition changed, and whether it rests on a model."""
    rows = []
    for segment_id in sorted({*current, *before}):
        version = current.get(segment_id) or before[segment_id]
        targets = sorted(_targets_of(version.segment))
        rows.append((segment_id, segment_id in changed, bool(targets), ",".join(targets)))
    columns = ["segment_id", "is_redefined", "uses_model", "models"]
    return pd.DataFrame(rows, columns=columns)


def _targets_of(segment: Segment) -> set[str]:
    found = set()
    for column in segment.columns:
        for suffix in SCORE_SUFFIXES:
            if column.endswith(suffix):
                found.add(column.removesuffix(suffix))
        if column.startswith("cluster_"):
            found.add(column.removeprefix("cluster_"))
    return found


# A reason is the first that applies. Under a changed definition, who would have stood the same a
# date earlier moved because of the definition; who would not moved on their own account.
_TRANSITIONS = """
with moves as (
    select coalesce(m.customer_id, p.customer_id) as customer_id,
        coalesce(m.segment_id, p.segment_id) as segment_id,
        case when p.customer_id is null then 'enter' else 'exit' end as event
    from met as m
    full join members as p using (customer_id, segment_id)
    where m.customer_id is null or p.customer_id is null
),
models_now as (
    select target as model, max(model_version) as model_version
    from models.customer_scores where as_of_date = $as_of_date group by target
    union all
    select clustering, max(model_version)
    from models.cluster_assignments where as_of_date = $as_of_date group by clustering
),
models_before as (
    select target as model, max(model_version) as model_version
    from models.customer_scores where as_of_date = $previous group by target
    union all
    select clustering, max(model_version)
    from models.cluster_assignments where as_of_date = $previous group by clustering
),
renewed as (
    select n.model from models_now as n
    inner join models_before as b on b.model = n.model
    where n.model_version is distinct from b.model_version
),
renewed_segments as (
    select distinct f.segment_id from segment_facts as f
    inner join renewed as r on contains(concat(',', f.models, ','), concat(',', r.model, ','))
),
present as (
    select customer_id from features.customer_features where as_of_date = $as_of_date
)
select v.customer_id, v.segment_id, v.event, $as_of_date::date as as_of_date,
    case
        when pr.customer_id is null then 'data_correction'
        when f.is_redefined
            and (v.event = 'enter') = (u.customer_id is not null) then 'definition_change'
        when rs.segment_id is not null then 'model_change'
        when f.uses_model then 'score'
        else 'behaviour'
    end as reason
from moves as v
left join segment_facts as f on f.segment_id = v.segment_id
left join met_before_under_new as u
    on u.customer_id = v.customer_id and u.segment_id = v.segment_id
left join renewed_segments as rs on rs.segment_id = v.segment_id
left join present as pr on pr.customer_id = v.customer_id
order by v.segment_id, v.customer_id
"""
