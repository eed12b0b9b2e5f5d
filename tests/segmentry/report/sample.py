"""Builds a synthetic serving database with the columns of the published tables.

Belongs here: made-up numbers that look like a year of a grocer with 2,500 customers.
Does not belong here: anything that asserts; the truth of a figure is not the page's concern.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from . import sample_models, sample_ops
from .sample_clusters import CLUSTER_NAMES

NEWEST = pd.Timestamp("2017-12-30")
DATES = [NEWEST - pd.Timedelta(days=7 * weeks) for weeks in (4, 3, 2, 1, 0)]
STAGES = ["new", "active", "loyal", "cooling", "at_risk", "lapsed", "prospect", "visitor"]
STAGE_SHARE = [0.06, 0.34, 0.22, 0.14, 0.11, 0.11, 0.01, 0.01]
CATEGORIES = [
    "Grocery",
    "Drug and general merchandise",
    "Produce",
    "Meat & packaged meat",
    "Deli",
    "Pastry",
    "Kiosk fuel",
    "Nutrition",
]
SEGMENTS = [
    ("high_value", "High value", "rule", "Spent among the top fifth over the last half year."),
    (
        "likely_to_churn",
        "Likely to churn",
        "predictive",
        "More likely than not to place no order in the next 91 days.",
    ),
    (
        "discount_seekers",
        "Discount seekers",
        "rule",
        "Half or more of what they buy is discounted.",
    ),
    ("new_customers", "New customers", "rule", "First order in the last eight weeks."),
    (
        "lapsed_high_value",
        "Lapsed but high value",
        "rule",
        "No order for 91 days, and among the best spenders before that.",
    ),
    (
        "likely_to_buy_again",
        "Likely to buy again this week",
        "predictive",
        "A chance of an order within seven days above eight in ten.",
    ),
    ("weekend_shoppers", "Weekend shoppers", "rule", "Seven in ten orders on a weekend."),
    (
        "falling_spend",
        "Spend falling for two months in a row",
        "rule",
        "Spend of the last 28 days below half of the 28 days before.",
    ),
]
SEGMENTS += [
    (
        f"category_lovers_{n}",
        f"Category lovers: {name}",
        "rule",
        f"Two fifths or more of spend in {name}.",
    )
    for n, name in enumerate(CATEGORIES)
]
SEGMENTS += [
    (f"cluster_{n}", name, "cluster", f"Behaves like: {name.lower()}.")
    for n, name in enumerate(CLUSTER_NAMES)
]


@dataclass
class Sample:
    """Frames by `schema.table`, filled step by step."""

    customer_count: int = 2500
    seed: int = 7
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.customers = np.array(
            [f"{n * 2654435761 % 16**12:012x}" for n in range(1, self.customer_count + 1)]
        )
        self.value = self.rng.lognormal(5.4, 1.0, self.customer_count)
        self.stage = self.rng.choice(STAGES, self.customer_count, p=STAGE_SHARE)


def build_sample(path: Path, customer_count: int = 2500) -> Path:
    """Writes a full sample serving database to `path` and returns it."""
    sample = Sample(customer_count)
    sample.tables |= sample_ops.ops_tables(NEWEST)
    _orders(sample)
    _segments(sample)
    sample.tables |= sample_models.model_tables(
        sample.rng, sample.customers, sample.value, sample.stage, NEWEST
    )
    _customer_360(sample)
    return write_tables(path, sample.tables)


def build_tiny(path: Path) -> Path:
    """Writes a shop with forty customers at one date, no scores and no clusters."""
    sample = Sample(40)
    sample.tables |= sample_ops.ops_tables(NEWEST)
    _orders(sample)
    _segments(sample, dates=DATES[-1:])
    models = sample_models.model_tables(
        sample.rng, sample.customers, sample.value, sample.stage, NEWEST
    )
    scores = models["models.customer_scores"].assign(
        score=np.nan, percentile=np.nan, model_version=None, sufficiency="not_enough_data"
    )
    for n in (1, 2, 3):
        scores[f"reason_{n}_feature"] = None
    sample.tables |= {name: frame.head(0) for name, frame in models.items()}
    sample.tables["models.customer_scores"] = scores
    _customer_360(sample)
    return write_tables(path, sample.tables)


def write_tables(path: Path, tables: dict[str, pd.DataFrame]) -> Path:
    """Writes frames into a new DuckDB file, one schema per stage."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for name, frame in tables.items():
            schema = name.split(".")[0]
            connection.execute(f"create schema if not exists {schema}")
            connection.register("frame", frame)
            connection.execute(f"create table {name} as select * from frame")
            connection.unregister("frame")
    return path


def _orders(sample: Sample) -> None:
    rng, count = sample.rng, sample.customer_count * 25
    who = rng.integers(0, sample.customer_count, count)
    day = np.sort(rng.integers(0, 363, count))
    amount = np.round(rng.gamma(2.0, sample.value[who] / 25), 2)
    at = pd.Timestamp("2017-01-01") + pd.to_timedelta(day, unit="D")
    sample.tables["core.fct_orders"] = pd.DataFrame(
        {
            "order_id": [f"complete_journey:{n}" for n in range(count)],
            "identity_id": sample.customers[who],
            "source_system": "complete_journey",
            "ordered_at": at,
            "order_date": at.date,
            "order_amount": amount,
            "currency": "USD",
            "is_return": False,
            "cancelled_at": pd.Series([pd.NaT] * count, dtype="datetime64[us]"),
        }
    )


def _segments(sample: Sample, dates: list[pd.Timestamp] | None = None) -> None:
    dates = DATES if dates is None else dates
    rng = sample.rng
    sizes = rng.uniform(0.02, 0.3, len(SEGMENTS))
    moves, summary = [], []
    for (segment, *_), size in zip(SEGMENTS, sizes, strict=True):
        inside = rng.random(sample.customer_count) < size
        moves += [(c, segment, "enter", dates[0], "behaviour") for c in sample.customers[inside]]
        summary.append(_summary_row(sample, segment, dates[0], inside, inside.sum(), 0))
        for date in dates[1:]:
            flips = rng.random(sample.customer_count) < np.where(inside, 0.05, 0.05 * size)
            reason = rng.choice(
                ["behaviour", "score", "model_change"], sample.customer_count, p=[0.8, 0.15, 0.05]
            )
            events = np.where(inside, "exit", "enter")
            moves += [
                (c, segment, e, date, r)
                for c, e, r in zip(
                    sample.customers[flips], events[flips], reason[flips], strict=True
                )
            ]
            entries = (flips & ~inside).sum()
            exits = (flips & inside).sum()
            inside = inside ^ flips
            summary.append(_summary_row(sample, segment, date, inside, entries, exits))
    sample.tables["segments.segment_transitions"] = pd.DataFrame(
        moves, columns=["customer_id", "segment_id", "event", "as_of_date", "reason"]
    )
    sample.tables["segments.segment_summary"] = pd.DataFrame(summary)
    sample.tables["segments.segment_catalogue"] = _catalogue()
    sample.tables["segments.segments"] = _catalogue()
    sample.tables["segments.near_misses"] = pd.DataFrame(
        {
            "customer_id": ["c1", "c2", "c3"],
            "segment_id": "high_value",
            "conjunct": ["recency_days <= 181", "recency_days <= 181", "order_count >= 20"],
        }
    )
    current = (
        sample.tables["segments.segment_transitions"]
        .sort_values("as_of_date")
        .groupby(["customer_id", "segment_id"], as_index=False)
        .last()
    )
    current = current[current["event"] == "enter"].rename(columns={"as_of_date": "valid_from"})
    sample.tables["segments.segment_membership"] = current[
        ["customer_id", "segment_id", "valid_from"]
    ]


def _summary_row(
    sample: Sample, segment: str, date: pd.Timestamp, inside: np.ndarray, entries: int, exits: int
) -> dict[str, object]:
    value = sample.value[inside]
    return {
        "segment_id": segment,
        "as_of_date": date,
        "customer_count": int(inside.sum()),
        "entry_count": int(entries),
        "exit_count": int(exits),
        "revenue_amount": float(value.sum()),
        "revenue_share": float(value.sum() / sample.value.sum()),
        "average_order_amount": float(value.mean() / 12) if len(value) else None,
        "mean_churn_91d_score": float(sample.rng.uniform(0.03, 0.6)),
        "overlap_rate": 0.8,
    }


def _catalogue() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "segment_id": segment,
                "version": 1,
                "segment_name": name,
                "kind": kind,
                "definition": "orders_91d_count > 3",
                "segment_description": description,
                "owner": "crm",
                "purpose": "campaigns",
                "status": "approved",
                "review_by": NEWEST,
                "definition_digest": "0" * 12,
                "effective_from": DATES[0],
            }
            for segment, name, kind, description in SEGMENTS
        ]
    )


def _customer_360(sample: Sample) -> None:
    scores = sample.tables["models.customer_scores"]
    wide = scores.pivot(index="customer_id", columns="target", values=["score", "percentile"])
    wide.columns = [f"{target}_{kind}" for kind, target in wide.columns]
    members = sample.tables["segments.segment_membership"].groupby("customer_id")["segment_id"]
    frames = []
    for date in DATES:
        stage = sample.stage.copy()
        moved = sample.rng.random(len(stage)) < (0.08 if date != NEWEST else 0)
        stage[moved] = sample.rng.choice(STAGES[:6], moved.sum())
        frames.append(
            pd.DataFrame(
                {
                    "customer_id": sample.customers,
                    "as_of_date": date,
                    "lifecycle_stage": stage,
                    "spend_91d_amount": sample.value,
                    "spend_364d_amount": sample.value * 3.6,
                    "orders_91d_count": sample.rng.poisson(9, len(stage)).astype(float),
                    "segments": members.agg(sorted).reindex(sample.customers).to_numpy(),
                }
            ).join(wide, on="customer_id")
        )
    sample.tables["features.customer_features"] = frames[-1][
        ["customer_id", "as_of_date", "spend_91d_amount", "spend_364d_amount"]
    ].copy()
    sample.tables["segments.customer_360"] = frames[-1]
    judged = frames[-1:] if sample.customer_count < 100 else frames
    sample.tables["segments.lifecycle_stages"] = pd.concat(judged, ignore_index=True)[
        ["customer_id", "as_of_date", "lifecycle_stage"]
    ]
