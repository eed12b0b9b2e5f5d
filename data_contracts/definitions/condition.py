"""What a condition of a segment asks about a customer: columns, other segments, purchases."""

import hashlib
from dataclasses import dataclass

# Columns of a condition that are no features: membership of a segment, a lens's cluster.
SEGMENT, CLUSTER = "segment_", "cluster_"
# The function that counts orders.
CALL = "orders_with"


@dataclass(frozen=True)
class Purchase:
    """One count of orders. lines: which lines count, as SQL; within_days: None is ever."""

    lines: str
    within_days: int | None

    @property
    def column(self) -> str:
        """The column that holds the count in the frame of a date."""
        text = f"{self.lines}|{self.within_days}"
        return f"{CALL}_{hashlib.sha256(text.encode()).hexdigest()[:10]}"


@dataclass(frozen=True)
class Condition:
    """A checked condition: its normalised SQL, the columns it reads, the purchases it counts."""

    sql: str
    columns: frozenset[str]
    purchases: tuple[Purchase, ...]

    @property
    def segments(self) -> frozenset[str]:
        """Ids of the segments that the condition asks about."""
        return frozenset(c.removeprefix(SEGMENT) for c in self.columns if c.startswith(SEGMENT))
