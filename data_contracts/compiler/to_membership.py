"""Segments -> SQL: what conditions read at a date, and who is in which segment, in one scan.

Membership is a handful of whole numbers per customer, one bit a segment: two dates are compared
by comparing numbers, and only who moved is looked at further.
"""

from collections.abc import Iterable

from data_contracts.compiler.conditions import compiled_sql
from data_contracts.compiler.purchases import purchases_sql
from data_contracts.definitions.condition import CLUSTER, SEGMENT, Purchase
from data_contracts.definitions.segment import Segment, in_order

SCORE_SUFFIXES = ("_score", "_percentile")
WORD_BITS = 62
DATE = "$as_of_date"


def model_of(column: str) -> str | None:
    """The target or clustering that a condition column comes from; None for a feature."""
    for suffix in SCORE_SUFFIXES:
        if column.endswith(suffix):
            return column.removesuffix(suffix)
    return column.removeprefix(CLUSTER) if column.startswith(CLUSTER) else None


def scored_targets(segments: Iterable[Segment]) -> list[str]:
    """The targets whose scores the segments' conditions name, in order."""
    named = {c for s in segments for c in s.columns if not c.startswith(SEGMENT)}
    return sorted({str(model_of(c)) for c in named if c.endswith(SCORE_SUFFIXES)})


def frame_sql(
    segments: Iterable[Segment],
    who: str = "",
    stays: str = "",
    features: str = "features.customer_features",
    scores: str = "models.customer_scores",
    clusters: str = "models.cluster_assignments",
) -> str:
    """The relation that conditions read at the date $as_of_date: one row per customer.

    It holds just the columns that the segments name. `who` is a relation of customer_id that
    limits it; `stays` one of customer_id, segment_id, valid_from: the open stays in segments that
    remember. The others may be relations of the same columns as the tables.
    """
    segments = list(segments)
    named = {c for s in segments for c in s.columns if not c.startswith(SEGMENT)}
    purchases = {p.column: p for s in segments for c in s.conditions for p in c.purchases}
    own = sorted(c for c in named if model_of(c) is None)
    targets = scored_targets(segments)
    clusterings = sorted({c.removeprefix(CLUSTER) for c in named if c.startswith(CLUSTER)})
    columns = ["f.customer_id", *(f"f.{name}" for name in own)]
    joins = []
    if targets:
        columns += [f"s.{t}{suffix}" for t in targets for suffix in SCORE_SUFFIXES]
        joins.append(_pivoted("s", scores, "target", targets, _score_columns(targets)))
    if clusterings:
        columns += [f"k.{CLUSTER}{name}" for name in clusterings]
        picked = [_picked("cluster_id", "clustering", c, f"{CLUSTER}{c}") for c in clusterings]
        joins.append(_pivoted("k", clusters, "clustering", clusterings, picked))
    if purchases:
        columns += [f"coalesce(p.{name}, 0) as {name}" for name in sorted(purchases)]
        joins.append(_bought([purchases[name] for name in sorted(purchases)]))
    remembering = sorted(s.segment_id for s in segments if s.remembers)
    if stays and remembering:
        columns += [f"m.since_{segment_id}" for segment_id in remembering]
        joins.append(_stayed(stays, remembering))
    if who:
        joins.append(f"inner join {who} as who on who.customer_id = f.customer_id")
    return (
        f"select {', '.join(columns)} from {features} as f "
        f"{' '.join(joins)} where f.as_of_date = {DATE}"
    )


def _score_columns(targets: list[str]) -> list[str]:
    return [
        _picked(column, "target", target, f"{target}_{column}")
        for target in targets
        for column in ("score", "percentile")
    ]


def _picked(value: str, key: str, name: str, column: str) -> str:
    return f"max(case when {key} = '{name}' then {value} end) as {column}"


def _pivoted(alias: str, relation: str, key: str, names: list[str], columns: list[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return (
        f"left join (select customer_id, {', '.join(columns)} from {relation} "
        f"where as_of_date = {DATE} and {key} in ({listed}) group by customer_id) as {alias} "
        f"on {alias}.customer_id = f.customer_id"
    )


def _stayed(stays: str, remembering: list[str]) -> str:
    since = [_picked("valid_from", "segment_id", i, f"since_{i}") for i in remembering]
    return (
        f"left join (select customer_id, {', '.join(since)} from {stays} group by customer_id) "
        "as m on m.customer_id = f.customer_id"
    )


def _bought(purchases: list[Purchase]) -> str:
    return (
        f"left join ({purchases_sql(purchases, f'cast({DATE} as date)')}) as p "
        "on p.customer_id = f.customer_id"
    )


def membership_sql(segments: Iterable[Segment], frame: str, positions: dict[str, int]) -> str:
    """One scan of `frame`: customer_id, word_0, word_1, ... with a bit per segment that is met.

    `positions` is each segment's bit. A segment that remembers reads `since_<segment_id>` in the
    frame: since when the customer is in, null for whoever is not. A condition that is null is not
    met; a segment that is asked about and not among `segments` has nobody in it.
    """
    levels = in_order(segments)
    answered = {s.segment_id for level in levels for s in level}
    relation = frame
    for level in levels:
        absent = sorted({i for s in level for i in s.segments} - answered)
        columns = [f"false as {SEGMENT}{segment_id}" for segment_id in absent]
        columns += [f"{_is_member(s)} as {SEGMENT}{s.segment_id}" for s in level]
        answered |= set(absent)
        relation = f"select *, {', '.join(columns)} from ({relation}) as level"
    judged = {s.segment_id: positions[s.segment_id] for level in levels for s in level}
    words = [_word(judged, number) for number in range(word_count(positions))]
    return f"select customer_id, {', '.join(words)} from ({relation}) as answered"


def word_count(positions: dict[str, int]) -> int:
    """How many numbers hold the bits of all segments; at least one."""
    return max(positions.values(), default=0) // WORD_BITS + 1


def _word(positions: dict[str, int], number: int) -> str:
    bits = [
        f"case when {SEGMENT}{segment_id} then {1 << position % WORD_BITS} else 0 end"
        for segment_id, position in sorted(positions.items(), key=lambda item: item[1])
        if position // WORD_BITS == number
    ]
    return f"cast({' + '.join(bits) or 0} as bigint) as word_{number}"


def _is_member(segment: Segment) -> str:
    entered = f"coalesce(({compiled_sql(segment.enter)}), false)"
    if not segment.remembers:
        return entered
    since = f"since_{segment.segment_id}"
    leaves = (
        f"coalesce(({compiled_sql(segment.exit)}), false)" if segment.exit else f"not {entered}"
    )
    stays = f"not ({leaves})"
    if segment.minimum_stay_days:
        young = f"cast({DATE} as date) < {since} + interval '{segment.minimum_stay_days}' day"
        stays = f"({stays} or {young})"
    return f"case when {since} is null then {entered} else {stays} end"
