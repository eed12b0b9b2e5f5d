"""What a segment is, and in which order segments that ask about each other are judged."""

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from data_contracts.definitions.condition import Condition
from data_contracts.definitions.contract import ContractError

KINDS = ("rule", "predictive", "cluster")
STATUSES = ("proposed", "approved", "retired")


@dataclass(frozen=True)
class Segment:
    """One segment whose conditions have been checked.

    enter: who gets in. exit: who goes out, None: whoever does not meet `enter` any more.
    minimum_stay_days: nobody goes out earlier. lookalikes: how many customers outside to rank.
    """

    segment_id: str
    name: str
    kind: str
    description: str
    enter: Condition
    owner: str
    purpose: str
    status: str
    review_by: datetime.date
    exit: Condition | None = None
    minimum_stay_days: int = 0
    lookalikes: int = 0

    @property
    def digest(self) -> str:
        """Of what decides membership: the same digest is the same definition."""
        parts = [self.enter.sql]
        if self.exit or self.minimum_stay_days:
            parts += [self.exit.sql if self.exit else "", str(self.minimum_stay_days)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (self.enter, self.exit) if self.exit else (self.enter,)

    @property
    def columns(self) -> frozenset[str]:
        return frozenset().union(*(condition.columns for condition in self.conditions))

    @property
    def segments(self) -> frozenset[str]:
        """Ids of the segments that this one asks about."""
        return frozenset().union(*(condition.segments for condition in self.conditions))

    @property
    def remembers(self) -> bool:
        """Whether membership depends on being in already."""
        return self.exit is not None or self.minimum_stay_days > 0


def in_order(segments: Iterable[Segment]) -> list[list[Segment]]:
    """Segments in levels: each asks only about segments of earlier levels, or about none.

    Within a level by id. Raises ContractError when segments ask about each other in a circle.
    """
    waiting = {segment.segment_id: segment for segment in segments}
    levels = []
    while waiting:
        ready = [s for s in waiting.values() if not s.segments & set(waiting)]
        if not ready:
            raise ContractError(f"segments ask about each other in a circle: {_circle(waiting)}")
        levels.append(sorted(ready, key=lambda s: s.segment_id))
        for segment in ready:
            del waiting[segment.segment_id]
    return levels


def _circle(waiting: dict[str, Segment]) -> str:
    path = [min(waiting)]
    while path[-1] not in path[:-1]:
        path.append(min(waiting[path[-1]].segments & set(waiting)))
    return " -> ".join(path[path.index(path[-1]) :])
