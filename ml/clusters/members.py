"""How one customer compares with the cluster they are in: its name tells an average."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data_contracts.wording.reasons import figure_words
from ml.clusters.habits import habit_of, is_spoken

SHOWN = 3


def compare_member(profile: pd.DataFrame, values: Mapping[str, float]) -> str:
    """'2 orders in the last year (the group 11, all 4); ...' for what sets the cluster apart most.

    profile: one cluster's rows of models.cluster_profiles; values: what is known of the customer.
    One figure a habit; empty where none can be said.
    """
    by_habit: dict[str, str] = {}
    by_gap = profile["standardised_difference"].abs()
    ordered = profile.assign(gap=by_gap).sort_values(["gap", "feature"], ascending=[False, True])
    for row in ordered.to_dict("records"):
        feature = str(row["feature"])
        habit = habit_of(feature)
        if habit is None or habit[0].key in by_habit or feature not in values:
            continue
        figures = [
            figure_words(feature, float(value))
            for value in (values[feature], row["cluster_mean"], row["population_mean"])
            if is_spoken(feature) and not pd.isna(value)
        ]
        mine, group, everyone = figures if len(figures) == 3 else (None, None, None)
        if mine and group and everyone and len(by_habit) < SHOWN:
            by_habit[habit[0].key] = f"{mine[0]} (the group {group[1]}, all {everyone[1]})"
    return "; ".join(by_habit.values())
