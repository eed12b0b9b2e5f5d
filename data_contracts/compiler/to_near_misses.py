"""Near misses as SQL: whom a single number, less than a tenth away, keeps out of a segment."""

from collections.abc import Iterable

from sqlglot import exp

from data_contracts.compiler.conjuncts import Conjunct, conjuncts
from data_contracts.compiler.to_membership import frame_sql
from data_contracts.definitions.segment import Segment

NEAR = 0.1
_ORDERED = ("<", "<=", ">", ">=")
_NOBODY = (
    "select customer_id, '' as segment_id, '' as conjunct, cast(0 as double) as missed_value, "
    "cast(0 as double) as threshold, cast(0 as double) as distance_rate from near_frame where false"
)


def near_misses_sql(segments: Iterable[Segment], answers: str) -> tuple[str, str]:
    """The frame at $as_of_date, and over it as `near_frame` the near misses of every segment.

    `answers`: further columns of the frame, each after a comma: who is in the segments that
    conditions ask about. A condition in which only parts joined by `or` fail has no near misses.
    """
    segments = list(segments)
    frame = f"select *{answers} from ({frame_sql(segments)}) as frame"
    queries = [
        _near_sql(segment, part, [other for other in parts if other is not part])
        for segment in segments
        for parts in [conjuncts(segment.enter)]
        for part in parts
        if part.operator in _ORDERED and isinstance(part.threshold, float) and part.threshold
    ]
    return frame, " union all ".join([_NOBODY, *queries])


def _near_sql(segment: Segment, part: Conjunct, others: list[Conjunct]) -> str:
    met = [f"({other.condition})" for other in others]
    distance = f"abs({part.column} - ({part.threshold})) / abs({part.threshold})"
    return (
        f"select customer_id, '{segment.segment_id}' as segment_id, "
        f"{exp.Literal.string(part.sql).sql()} as conjunct, "
        f"cast({part.column} as double) as missed_value, "
        f"cast({part.threshold} as double) as threshold, "
        f"cast({distance} as double) as distance_rate from near_frame "
        f"where {' and '.join([f'not ({part.condition})', f'{distance} <= {NEAR}', *met])}"
    )
