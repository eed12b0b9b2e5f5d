"""Why customers moved: each reason asks who would have moved all the same without it.

The conditions are judged again for those who moved, each time with one thing as it was at the
judged date before: the definition, the model, consent, the scores. The first reason that
explains a move is its reason:

first_judged      nobody stays for having been in before: the first date of a history
erasure           gone, and asked to be forgotten
consent           with the consent of before they would not have moved
identity          records were joined or parted
data_correction   gone from the map of identities otherwise, or due by the earlier date's features
                  as they stand corrected
definition_change the new definition, judged on the earlier features, says the same
model_change      so does the new model
score             with the scores of before they would not have moved
behaviour         none of these; so do visitors leave who have not been seen for so long that the
                  mart drops them
"""

import datetime
from collections.abc import Callable

import duckdb
import pandas as pd
import pyarrow as pa

from data_contracts.compiler.to_membership import frame_sql, membership_sql, model_of, word_count
from data_contracts.definitions.condition import SEGMENT
from data_contracts.definitions.segment import Segment
from segmentry.segments.fold import Step

Rescore = Callable[[pd.DataFrame, set[str], Step], tuple[pd.DataFrame, pd.DataFrame]]
NOTHING = "select customer_id, segment_id, is_member from moves where false"


class Reasons:
    """Gives the moves of one date their reasons.

    consent_columns: the features that consent alone decides. rescore: frame of earlier features,
    names of renewed models, the step -> their scores and clusters of that frame by the new
    versions.
    """

    def __init__(self, consent_columns: set[str], rescore: Rescore) -> None:
        self.consent_columns = consent_columns
        self.rescore = rescore

    def __call__(self, connection: duckdb.DuckDBPyConnection, step: Step) -> pa.Table:
        """`moves` as transitions: customer_id, segment_id, event, as_of_date, reason."""
        parameters: dict[str, object] = {"as_of_date": step.date}
        reasons = "select *, 'first_judged' as reason from moves"
        if step.previous is not None and not step.begins_afresh:
            self._judge_again(connection, step, step.previous)
            parameters["previous"] = step.previous
            reasons = _REASONS
        return connection.sql(
            "select customer_id, segment_id, case when is_member then 'enter' else 'exit' end "
            f"as event, $as_of_date::date as as_of_date, reason from ({reasons}) "
            "order by segment_id, customer_id",
            params=parameters,
        ).to_arrow_table()

    def _judge_again(
        self, connection: duckdb.DuckDBPyConnection, step: Step, previous: datetime.date
    ) -> None:
        """A temporary table per question: who would be in, of those who moved."""
        connection.execute(
            "create or replace temp table moved as select distinct customer_id from moves"
        )
        used = {name for s in step.now for c in s.columns if (name := model_of(c))}
        renewed = _renewed(connection, step, previous) & used
        self._score_earlier(connection, step, previous, renewed)
        earlier = {"scores": _dated("earlier_scores"), "clusters": _dated("earlier_clusters")}
        consent = self.consent_columns & {c for s in step.now for c in s.columns}
        questions = {
            "by_old_definition": _again(step, step.before, previous),
            "by_new_definition": (
                _again(step, step.now, previous) if step.now != step.before else None
            ),
            "by_new_model": _again(step, step.now, previous, **earlier) if renewed else None,
            "by_earlier_scores": _again(step, step.now, step.date, **earlier) if used else None,
            "by_earlier_consent": _again(
                step, step.now, step.date, features=_with_earlier(consent, step, previous)
            )
            if consent
            else None,
        }
        for name, question in questions.items():
            sql, parameters = question or (NOTHING, {})
            connection.execute(f"create or replace temp table {name} as {sql}", parameters)

    def _score_earlier(
        self,
        connection: duckdb.DuckDBPyConnection,
        step: Step,
        previous: datetime.date,
        renewed: set[str],
    ) -> None:
        """Scores and clusters of the earlier features by the versions in force at the date."""
        for table, source, key, value in (
            ("earlier_scores", "models.customer_scores", "target", "score, percentile"),
            ("earlier_clusters", "models.cluster_assignments", "clustering", "cluster_id"),
        ):
            connection.execute(
                f"create or replace temp table {table} as select customer_id, {key}, {value} "
                f"from {source} semi join moved using (customer_id) "
                f"where as_of_date = ? and not list_contains(?, {key})",
                [previous, sorted(renewed)],
            )
        if renewed:
            frame = connection.execute(
                "select * from features.customer_features semi join moved using (customer_id) "
                "where as_of_date = ? order by customer_id",
                [previous],
            ).df()
            for table, rows in zip(
                ("earlier_scores", "earlier_clusters"),
                self.rescore(frame, renewed, step),
                strict=True,
            ):
                connection.register("rescored", rows)
                connection.execute(f"insert into {table} by name select * from rescored")
                connection.unregister("rescored")


def _renewed(
    connection: duckdb.DuckDBPyConnection, step: Step, previous: datetime.date
) -> set[str]:
    """Targets and clusterings whose version at the date is another than at the date before."""
    renewed: set[str] = set()
    for table, key in (("customer_scores", "target"), ("cluster_assignments", "clustering")):
        rows = connection.execute(
            f"""
            select {key} from models.{table} where as_of_date in ($now, $previous) group by {key}
            having max(model_version) filter (where as_of_date = $now)
                is distinct from max(model_version) filter (where as_of_date = $previous)
                and max(model_version) filter (where as_of_date = $now) is not null
            """,
            {"now": step.date, "previous": previous},
        ).fetchall()
        renewed |= {row[0] for row in rows}
    return renewed


def _dated(relation: str) -> str:
    return f"(select *, cast($as_of_date as date) as as_of_date from {relation})"


def _with_earlier(columns: set[str], step: Step, previous: datetime.date) -> str:
    """The features of the date, some columns as they were at the earlier date."""
    named = {c for s in step.now for c in s.columns if model_of(c) is None}
    features = sorted(c for c in named - columns if not c.startswith(SEGMENT))
    taken = [f"f.{name}" for name in features] + [f"e.{name}" for name in sorted(columns)]
    return (
        f"(select f.customer_id, f.as_of_date, {', '.join(taken)} "
        "from features.customer_features as f left join features.customer_features as e "
        f"on e.customer_id = f.customer_id and e.as_of_date = date '{previous}')"
    )


def _again(
    step: Step, segments: tuple[Segment, ...], date: datetime.date, **relations: str
) -> tuple[str, dict[str, object]]:
    """SQL of who would be in, per move, were `segments` judged at `date` on these relations."""
    frame = frame_sql(segments, who="moved", stays="stays", **relations)
    words = " ".join(
        f"when {number} then t.word_{number}" for number in range(word_count(step.positions))
    )
    sql = f"""
        select m.customer_id, m.segment_id, (case p.word {words} end & p.mask) <> 0 as is_member
        from moves as m
        inner join positions as p on p.segment_id = m.segment_id
        inner join ({membership_sql(segments, frame, step.positions)}) as t
            on t.customer_id = m.customer_id
    """
    return sql, {"as_of_date": date}


_REASONS = """
    with present as (
        select customer_id from features.customer_features where as_of_date = $as_of_date
    ),
    erased as (
        select distinct owners.customer_id
        from identity.customer_identities as owners
        inner join core.fct_erasure_requests as requests
            on requests.identity_id = owners.identity_id
        where requests.requested_at < $as_of_date
    ),
    known as (
        select customer_id from identity.customer_identities
        where valid_from < $as_of_date and (valid_to is null or valid_to >= $as_of_date)
    ),
    regrouped as (
        select unnest([customer_id, into_customer_id]) as customer_id
        from identity.customer_merges
        where event_date >= $previous and event_date < $as_of_date
    )
    select m.customer_id, m.segment_id, m.is_member,
        case
            when p.customer_id is null and m.customer_id in (from erased) then 'erasure'
            when c.is_member <> m.is_member then 'consent'
            when m.customer_id in (from regrouped) then 'identity'
            when p.customer_id is null and m.customer_id not in (from known)
                then 'data_correction'
            when o.is_member = m.is_member then 'data_correction'
            when d.is_member = m.is_member then 'definition_change'
            when n.is_member = m.is_member then 'model_change'
            when s.is_member <> m.is_member then 'score'
            else 'behaviour'
        end as reason
    from moves as m
    left join present as p on p.customer_id = m.customer_id
    left join by_earlier_consent as c
        on c.customer_id = m.customer_id and c.segment_id = m.segment_id
    left join by_old_definition as o
        on o.customer_id = m.customer_id and o.segment_id = m.segment_id
    left join by_new_definition as d
        on d.customer_id = m.customer_id and d.segment_id = m.segment_id
    left join by_new_model as n
        on n.customer_id = m.customer_id and n.segment_id = m.segment_id
    left join by_earlier_scores as s
        on s.customer_id = m.customer_id and s.segment_id = m.segment_id
"""
