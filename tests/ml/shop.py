"""A small shop with known truth: customers with their own order rate, some of whom leave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from data_contracts.definitions.target import Target
from data_contracts.wording.reasons import themes_of
from ml.frames import KEYS
from ml.targets.model import FittedModel
from ml.targets.scoring import Scorer
from ml.targets.training import TrainedTarget, train_targets

HISTORY_START = date(2024, 1, 1)
TRAINED_AS_OF = date(2024, 12, 30)


class Shop(NamedTuple):
    """Features and labels as the warehouse would give them."""

    features: pd.DataFrame
    labels: pd.DataFrame


def make_target(kind: str = "probability", **changes: object) -> Target:
    """A 28-day target; `changes` override its fields."""
    fields: dict[str, object] = {
        "name": "churn_28d" if kind == "probability" else "spend_28d",
        "question": "Will they come back?",
        "kind": kind,
        "horizon_days": 28,
        "label": "order_count = 0",
        "metric": "brier" if kind == "probability" else "mae",
    }
    return Target(**{**fields, **changes})  # type: ignore[arg-type]


def make_shop(customers: int = 400, seed: int = 0, days: int = 364) -> Shop:
    """Weekly features and 28-day and 91-day labels of a simulated shop."""
    random = np.random.default_rng(seed)
    rate = random.gamma(1.2, 0.08, customers) + 0.004
    leaves = random.exponential(500, customers)
    amount = random.lognormal(3, 0.6, customers)
    orders = random.random((customers, days)) < rate[:, None]
    orders &= np.arange(days)[None, :] < leaves[:, None]
    spend = orders * amount[:, None] * random.lognormal(0, 0.3, (customers, days))
    ids = np.array([f"customer{number:05d}" for number in range(customers)])
    dates = range(42, days + 1, 7)
    features = pd.concat([_features(ids, orders, spend, day, random) for day in dates])
    labels = pd.concat([_labels(ids, orders, spend, day, days) for day in dates])
    return Shop(features.reset_index(drop=True), labels.reset_index(drop=True))


def _features(ids, orders, spend, day, random):  # type: ignore[no-untyped-def]
    past, paid = orders[:, :day], spend[:, :day]
    seen = past.any(axis=1)
    recency = np.where(seen, past[:, ::-1].argmax(axis=1) + 1, np.nan)
    return pd.DataFrame(
        {
            "customer_id": ids,
            "as_of_date": HISTORY_START + timedelta(days=day),
            "recency_days": recency,
            "orders_28d_count": past[:, -28:].sum(axis=1).astype(float),
            "orders_91d_count": past[:, -91:].sum(axis=1).astype(float),
            "spend_91d_amount": paid[:, -91:].sum(axis=1),
            "average_order_amount": paid.sum(axis=1) / np.where(seen, past.sum(axis=1), np.nan),
            "noise_rate": random.random(len(ids)),
            "constant_count": 1.0,
            "unknown_rate": np.nan,
            "top_category": "books",
        }
    )


def _labels(ids, orders, spend, day, days):  # type: ignore[no-untyped-def]
    parts = []
    seen = orders[:, :day].any(axis=1)
    for horizon in (28, 91):
        is_open = day + horizon > days
        window = slice(day, day + horizon)
        for name, label in (
            (f"churn_{horizon}d", ~orders[:, window].any(axis=1)),
            (f"spend_{horizon}d", spend[:, window].sum(axis=1)),
        ):
            parts.append(
                pd.DataFrame(
                    {
                        "customer_id": ids[seen],
                        "as_of_date": HISTORY_START + timedelta(days=day),
                        "target": name,
                        "label": np.nan if is_open else label[seen].astype(float),
                    }
                )
            )
    return pd.concat(parts) if parts else pd.DataFrame()


def score_frame(model: FittedModel, frame: pd.DataFrame, version: str) -> pd.DataFrame:
    """What models.customer_scores would hold for the customers of a frame, in its order."""
    keys = pa.Table.from_pandas(frame[list(KEYS)], preserve_index=False)
    scorer = Scorer(model, version, themes_of(model.features))
    return scorer.score(keys, model.matrix(frame)).to_pandas()


def train_target(
    features: pd.DataFrame,
    labels: pd.DataFrame,
    target: Target,
    trained_as_of: date,
    history_start: date,
    seed: int = 0,
) -> TrainedTarget:
    """One target, trained alone."""
    trained = train_targets(features, labels, [target], trained_as_of, history_start, seed)
    return trained[target.name]
