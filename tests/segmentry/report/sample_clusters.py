"""Clusters of the synthetic serving database."""

import numpy as np
import pandas as pd

CLUSTER_NAMES = ["Frequent small baskets", "Big weekly shop", "Occasional, drawn by coupons"]
CLUSTER_NAMES += ["Evening top-ups close to home", "Fading regulars", "One-time visitors"]


def cluster_tables(
    rng: np.random.Generator, customers: np.ndarray, features: list[str], newest: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Assignments and profiles of six clusters."""
    share = np.array([0.3, 0.24, 0.17, 0.13, 0.1, 0.06])
    cluster = rng.choice(6, len(customers), p=share)
    assignments = pd.DataFrame(
        {
            "customer_id": customers,
            "as_of_date": newest,
            "clustering": "kmeans",
            "cluster_id": [f"kmeans_{n}" for n in cluster],
            "probability": 0.9,
            "is_noise": False,
            "model_version": "kmeans-2017-12-30",
        }
    )
    profiles = pd.DataFrame(
        [
            {
                "clustering": "kmeans",
                "cluster_id": f"kmeans_{n}",
                "model_version": "kmeans-2017-12-30",
                "cluster_name": name,
                "cluster_description": "More orders and smaller baskets than the average, "
                "little discount.",
                "customer_share": share[n],
                "feature": feature,
                "cluster_mean": rng.gamma(2, 10),
                "population_mean": 20.0,
                "standardised_difference": rng.normal(0, 1),
            }
            for n, name in enumerate(CLUSTER_NAMES)
            for feature in features
        ]
    )
    return assignments, profiles
