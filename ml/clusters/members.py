"""How one customer compares with the cluster they are in: its name tells an average."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from ml.clusters.habits import UNSPOKEN, figure_words, habit_of, is_worded, number_words

SHOWN = 3
_PLURAL = re.compile(r"^1 (\w+?)(ies|s)\b")


def compare_member(profile: pd.DataFrame, values: Mapping[str, float]) -> str:
    """'2 orders in 52 weeks (the group 11, all 4); ...' for what sets the cluster apart the most.

    profile: one cluster's rows of models.cluster_profiles; values: what is known of the customer.
    One figure a habit; empty where none can be said.
    """
    told: dict[str, str] = {}
    by_gap = profile["standardised_difference"].abs()
    ordered = profile.assign(gap=by_gap).sort_values(["gap", "feature"], ascending=[False, True])
    for row in ordered.to_dict("records"):
        feature, habit = str(row["feature"]), habit_of(str(row["feature"]))[0].key
        group, everyone = float(row["cluster_mean"]), float(row["population_mean"])
        if UNSPOKEN.search(feature) or feature not in values or habit in told:
            continue
        if is_worded(feature, group > everyone) and len(told) < SHOWN:
            mine = _PLURAL.sub(_one, figure_words(feature, values[feature]))
            means = number_words(feature, group), number_words(feature, everyone)
            told[habit] = f"{mine} (the group {means[0]}, all {means[1]})"
    return "; ".join(told.values())


def _one(found: re.Match[str]) -> str:
    """'1 order' and not '1 orders'."""
    return f"1 {found[1]}{'y' if found[2] == 'ies' else ''}"
