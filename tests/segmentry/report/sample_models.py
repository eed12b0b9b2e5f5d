"""The models tables of the synthetic serving database: scores, metrics, curves, clusters."""

import numpy as np
import pandas as pd

from .sample_clusters import cluster_tables

FEATURES = {
    "recency_days": "Days since the last order.",
    "orders_28d_count": "Orders in the 28 days before as_of_date.",
    "orders_91d_count": "Orders in the 91 days before as_of_date.",
    "spend_91d_amount": "Spend in the 91 days before as_of_date.",
    "active_weeks_13w_count": "Weeks with an order among the last 13 weeks.",
    "recency_over_gap": "Days since the last order over the customer's own mean gap.",
    "discount_share": "Share of list value that was discounted.",
    "rfm_recency_quintile": "Fifth of all of the customers of the shop by how very recently they "
    "have placed an order that was neither returned nor cancelled.",
    "basket_mean_amount": "Average basket.",
    "weekend_share": "Share of orders on a weekend.",
    "category_entropy": "Diversity of the categories bought (entropy, 0 = one category).",
    "private_brand_share": "Share of spend on private brands.",
    "spend_28d_over_91d_ratio": "Spend of the last 28 days over a third of the last 91.",
}
_MODELS = ["linear", "lightgbm", "blend", "constant"]
_RULES = ["rule_recency", "rule_recency_over_gap", "rule_orders_91d", "rule_active_weeks"]
CANDIDATES = {
    "churn": _RULES + _MODELS,
    "purchase": _RULES + _MODELS,
    "spend": ["rule_spend_91d", "rule_spend_ewma", *_MODELS],
}
TARGETS = ["churn_28d", "churn_91d", "purchase_7d", "spend_91d"]


def model_tables(
    rng: np.random.Generator,
    customers: np.ndarray,
    value: np.ndarray,
    stage: np.ndarray,
    newest: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    """Frames of the models schema for these customers at the newest date."""
    assignments, profiles = cluster_tables(rng, customers, list(FEATURES), newest)
    return {
        "models.customer_scores": _scores(rng, customers, value, stage, newest),
        "models.model_metrics": _metrics(rng, newest),
        "models.model_curves": _curves(rng, newest),
        "models.model_versions": _versions(newest),
        "models.cluster_assignments": assignments,
        "models.cluster_profiles": profiles,
    }


def _scores(
    rng: np.random.Generator,
    customers: np.ndarray,
    value: np.ndarray,
    stage: np.ndarray,
    newest: pd.Timestamp,
) -> pd.DataFrame:
    risk = (
        pd.Series(stage)
        .map(
            {
                "loyal": 0.05,
                "active": 0.12,
                "new": 0.4,
                "cooling": 0.45,
                "at_risk": 0.7,
                "lapsed": 0.93,
                "prospect": 0.8,
                "visitor": 0.8,
            }
        )
        .to_numpy()
    )
    churn = np.clip(risk + rng.normal(0, 0.08, len(risk)), 0.005, 0.995)
    by_target = {
        "churn_28d": np.clip(churn * 1.1, 0, 0.998),
        "churn_91d": churn,
        "purchase_7d": np.clip(1 - churn * 1.2, 0.01, 0.99),
        "spend_91d": value * (1 - churn),
    }
    frames = [
        _scores_of(rng, customers, target, score, newest) for target, score in by_target.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _scores_of(
    rng: np.random.Generator,
    customers: np.ndarray,
    target: str,
    score: np.ndarray,
    newest: pd.Timestamp,
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "customer_id": customers,
            "as_of_date": newest,
            "target": target,
            "score": score,
            "percentile": pd.Series(score).rank(pct=True),
            "model_version": f"{target}-2017-12-30",
            "sufficiency": "ok",
        }
    )
    for n in (1, 2, 3):
        frame[f"reason_{n}_feature"] = rng.choice(list(FEATURES), len(frame))
        frame[f"reason_{n}_value"] = np.round(rng.gamma(2, 20 / n, len(frame)), 3)
        frame[f"reason_{n}_contribution"] = rng.normal(0, 1 / n, len(frame))
    return frame


def _base(target: str) -> dict[str, float]:
    if target.startswith("spend"):
        return {
            "mae": 168.0,
            "rmse": 259.0,
            "ngini": 0.868,
            "top_decile_share": 0.41,
            "aggregate_error": 0.03,
        }
    return {
        "auc": 0.885,
        "pr_auc": 0.6,
        "brier": 0.099,
        "log_loss": 0.31,
        "ece": 0.014,
        "base_rate": 0.18,
    }


def _metrics(rng: np.random.Generator, newest: pd.Timestamp) -> pd.DataFrame:
    rows = []
    for target in TARGETS:
        names = CANDIDATES[target.split("_")[0]]
        for trained, days in ((0, (28, 91)), (28, (119,))):
            for day in days:
                for metric, base in _base(target).items():
                    rows += _metric_rows(
                        rng,
                        target,
                        metric,
                        base,
                        names,
                        newest - pd.Timedelta(days=trained),
                        newest - pd.Timedelta(days=day),
                    )
    clustering = [
        ("kmeans", f"kmeans_{k}", k == 6, metric, value + k / 100)
        for k in range(3, 9)
        for metric, value in (
            ("stability_ari", 0.62),
            ("month_ari", 0.4),
            ("holdout_r2", 0.43),
            ("silhouette", 0.21),
        )
    ]
    rows += [
        _row(t, newest, newest, c, chosen, m, v, None, None) for t, c, chosen, m, v in clustering
    ]
    return pd.DataFrame(rows)


def _metric_rows(
    rng: np.random.Generator,
    target: str,
    metric: str,
    base: float,
    names: list[str],
    trained: pd.Timestamp,
    origin: pd.Timestamp,
) -> list[dict[str, object]]:
    worse = 1.12 if metric in {"mae", "rmse", "deviance", "brier", "log_loss", "ece"} else 0.95
    rule = base * worse
    rows = []
    for name in names:
        value = rule if name.startswith("rule") else base * (1 + rng.normal(0, 0.01))
        rows.append(
            _row(
                target,
                trained,
                origin,
                name,
                name == "blend",
                metric,
                value,
                abs(base) * 0.012,
                rule,
            )
        )
    return rows


def _row(
    target: str,
    trained: pd.Timestamp,
    origin: pd.Timestamp,
    candidate: str,
    chosen: bool,
    metric: str,
    value: float,
    error: float | None,
    rule: float | None,
) -> dict[str, object]:
    return {
        "target": target,
        "model_version": None,
        "trained_as_of": trained,
        "as_of_date": origin,
        "split": "test",
        "candidate": candidate,
        "is_chosen": chosen,
        "metric": metric,
        "value": value,
        "standard_error": error,
        "rule_value": rule,
        "customer_count": 2469,
    }


def _curves(rng: np.random.Generator, newest: pd.Timestamp) -> pd.DataFrame:
    rows = []
    for target in TARGETS:
        names = CANDIDATES[target.split("_")[0]]
        scale = 900.0 if target.startswith("spend") else 0.9
        for day in (28, 91):
            for candidate, power in (("blend", 0.4), (names[0], 0.55)):
                for n in range(1, 11):
                    common = {
                        "target": target,
                        "as_of_date": newest - pd.Timedelta(days=day),
                        "candidate": candidate,
                        "is_chosen": candidate == "blend",
                        "bin": n,
                        "customer_count": 247,
                    }
                    predicted = scale * (n / 10) ** 2
                    rows.append(
                        common
                        | {
                            "curve": "calibration",
                            "predicted": predicted,
                            "observed": predicted * (1 + rng.normal(0, 0.06)),
                        }
                    )
                    rows.append(
                        common
                        | {"curve": "gain", "predicted": n / 10, "observed": (n / 10) ** power}
                    )
    return pd.DataFrame(rows)


def _versions(newest: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "model_version": f"{target}-2017-12-30",
                "target": target,
                "candidate": "blend",
                "trained_as_of": newest,
                "effective_from": newest,
                "is_promoted": True,
                "reason": "better than the champion",
                "training_rows": 14000,
            }
            for target in TARGETS
        ]
    )
