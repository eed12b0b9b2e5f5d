"""Scoring glue: every customer of a date by the champions in force, or why there is no score."""

import datetime

import pandas as pd

from ml.scoring import score_frame, unscored_frame
from orchestration.populations import read_asked
from orchestration.registry import champion_at
from orchestration.targets import feature_list_digest, targets_in
from orchestration.training import read_features
from orchestration.warehouse import Warehouse

_REASON = """
    select reason from models.model_versions
    where target = $target and trained_as_of <= $date
    order by trained_as_of desc limit 1
"""
# What was given out stays where what gave it can score no more (another feature list).
_GIVEN = "select * from models.customer_scores where target = $target and as_of_date = $date"


def score_date(warehouse: Warehouse, date: datetime.date) -> list[pd.DataFrame]:
    """Rows of models.customer_scores at one date, a frame or two per target."""
    targets = targets_in(warehouse)
    frame = read_features(warehouse, [date])
    asked = read_asked(warehouse, date, targets)
    pieces = []
    for name, target in targets.items():
        champion = champion_at(warehouse, name, date, feature_list_digest())
        given = warehouse.read(_GIVEN, {"target": name, "date": date})
        if champion is None and given["model_version"].notna().any():
            pieces.append(given)
            continue
        inside = asked[name].to_numpy(dtype=bool)
        outside = f"the question is not asked: only of whom {target.population}"
        pieces.append(unscored_frame(frame[~inside], name, outside))
        if champion is None:
            why = warehouse.scalar(_REASON, {"target": name, "date": date})
            told = str(why) if why else "no model has been trained for this date"
            pieces.append(unscored_frame(frame[inside], name, told))
        else:
            model = champion.target_model()
            pieces.append(score_frame(model, frame[inside], champion.model_version))
    return pieces
