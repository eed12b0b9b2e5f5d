"""The segments of today: definitions from YAML, with their copies per leading value or cluster."""

import datetime

from data_contracts.compiler.catalogue import Definition, expand
from data_contracts.definitions.condition import CLUSTER
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.segment import Segment
from data_contracts.wording.values import value_words
from segmentry.project.vocabulary import written_segments
from segmentry.segments.versions import NEWEST_VERSIONS
from segmentry.warehouse.door import Warehouse


def overdue_reviews(today: datetime.date) -> list[str]:
    """A line for each definition in use whose review was due before `today`."""
    segments = [definition.segment for definition in written_segments()]
    return [
        f"{s.segment_id}.yaml was to be reviewed by {s.review_by}: ask {s.owner}"
        for s in segments
        if s.status != "retired" and s.review_by < today
    ]


def segments_of_today(warehouse: Warehouse) -> list[Segment]:
    """Every segment, with one copy per leading value where a definition asks for it.

    A copy that has a file of its own (somebody approved or retired it) is what the file says.
    """
    definitions = written_segments()
    written = {d.segment.segment_id for d in definitions if d.for_each is None}
    segments: dict[str, Segment] = {}
    for definition in definitions:
        for segment in segments_of(warehouse, definition):
            if definition.for_each is not None and segment.segment_id in written:
                continue
            if segment.segment_id in segments:
                raise ContractError(f"two segments are called {segment.segment_id}")
            segments[segment.segment_id] = segment
    return list(segments.values())


def segments_of(warehouse: Warehouse, definition: Definition) -> list[Segment]:
    """The segments of one definition: itself, one per cluster, or one per leading value.

    A value that has a copy keeps it while it is among twice as many, so that two categories of
    like size do not end and begin segments by turns.
    """
    if definition.for_each is None:
        return expand(definition, {})
    if definition.for_each.startswith(CLUSTER):
        return expand(definition, _clusters(warehouse, definition.for_each.removeprefix(CLUSTER)))
    copies = expand(definition, _frequent_values(warehouse, definition))
    in_use = set(warehouse.read(_IN_USE)["segment_id"])
    return [
        copy
        for rank, copy in enumerate(copies)
        if rank < definition.leading or copy.segment_id in in_use
    ]


_NEWEST = "select max(as_of_date) from models.customer_scores"


def _clusters(warehouse: Warehouse, clustering: str) -> dict[str, str]:
    """The clusters of the newest date -> their names."""
    names = warehouse.read(_CLUSTERS, [clustering])
    return dict(zip(names["value"], names["words"], strict=True))


def _frequent_values(warehouse: Warehouse, definition: Definition) -> dict[str, str]:
    """Twice as many values as lead, those that most customers carry first -> the value in words."""
    column = definition.for_each or ""
    counted = warehouse.read(
        f"""
        select {column} as value from features.customer_features
        where {column} is not null and as_of_date = ({_NEWEST})
        group by {column} order by count(*) desc, {column} limit {2 * definition.leading}
        """
    )
    return {value: value_words(column, value) for value in counted["value"]}


_CLUSTERS = f"""
    select distinct a.cluster_id as value, p.cluster_name as words
    from models.cluster_assignments as a
    inner join models.cluster_profiles as p
        on p.cluster_id = a.cluster_id and p.clustering = a.clustering
        and p.model_version = a.model_version
    where a.clustering = ? and not a.is_noise and a.as_of_date = ({_NEWEST})
    order by value
"""
_IN_USE = f"select segment_id from ({NEWEST_VERSIONS}) as newest where status <> 'retired'"
